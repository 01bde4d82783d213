//! Finds the column with the names in a list of firms, by the words of its header and by its cells.
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::command::table::{HeaderRule, Row, Table, column_name};

/// The words for a firm in headers whose meaning is certain.
const PARTIES: [&str; 22] = [
    "vendor",
    "vendors",
    "payee",
    "payees",
    "supplier",
    "suppliers",
    "contractor",
    "contractors",
    "awardee",
    "awardees",
    "bidder",
    "bidders",
    "subcontractor",
    "consultant",
    "proposer",
    "offeror",
    "merchant",
    "proveedor",
    "proveedores",
    "contratista",
    "contratistas",
    "beneficiario",
];
/// The words for a firm in headers that may also be of other columns.
const FIRMS: [&str; 20] = [
    "company",
    "companies",
    "firm",
    "firms",
    "business",
    "businesses",
    "organization",
    "organizations",
    "organisation",
    "organisations",
    "recipient",
    "recipients",
    "entity",
    "grantee",
    "licensee",
    "provider",
    "corporation",
    "employer",
    "empresa",
    "empresas",
];
/// The words for a name.
const NAMES: [&str; 4] = ["name", "names", "nombre", "razon"];
/// The words that may accompany one of the others.
const OTHERS: [&str; 18] = [
    "legal",
    "full",
    "official",
    "registered",
    "awarded",
    "selected",
    "primary",
    "of",
    "the",
    "or",
    "and",
    "s",
    "prime",
    "1",
    "social",
    "de",
    "del",
    "la",
];
/// The legal forms in firms' names, which no header has.
const LEGAL_FORMS: [&str; 7] = ["llc", "inc", "incorporated", "corp", "ltd", "llp", "plc"];
/// The words of a row with a total.
const TOTALS: [&str; 7] = ["total", "totals", "subtotal", "sum", "grand", "sub", "overall"];
/// The most columns that a message lists.
const MAX_LISTED_COLUMNS: usize = 20;
/// The most characters of a cell in a message.
const MAX_SHOWN_CHARS: usize = 40;

/// The column with the names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameColumn {
    /// From 0.
    pub index: usize,
    /// Its name, as [`column_name`] has it.
    header: String,
    /// What the command prints about the choice.
    pub note: String,
}

impl NameColumn {
    fn new<R: Read>(table: &Table<R>, index: usize, note: String) -> Self {
        let header = table.header().get(index).map(|cell| column_name(cell)).unwrap_or_default();
        Self { index, header, note }
    }

    /// Returns why a row is not of a vendor: it has no name, is a total, or repeats the header.
    pub fn find_non_vendor(&self, row: &Row<'_>) -> Option<&'static str> {
        let cells = || (0..row.cell_count()).map(|index| row.text_at(index));
        let name = row.text_at(self.index);
        let name = name.trim();
        if name.is_empty() {
            let starts_total =
                |cell: Cow<'_, str>| words(&cell).first().is_some_and(|it| is_total_word(it));
            return Some(if cells().any(starts_total) {
                "it is a total, not a vendor"
            } else {
                "it has no name"
            });
        }
        if row.cell_count() < 2 {
            return None;
        }
        if has_numbers_alone(name, cells()) && is_total(name) {
            return Some("it is a total, not a vendor");
        }
        let is_header = column_name(name) == self.header && rank(name).is_some();
        let filled = || cells().filter(|cell| !cell.trim().is_empty());
        (is_header && filled().count() > 1).then_some("it repeats the header")
    }
}

/// How the user says where the names are.
#[derive(Clone, Copy, Debug)]
pub struct NameOptions<'a> {
    /// The column's name, or its number from 1.
    pub column: Option<&'a str>,
    /// Whether the list has no header.
    pub has_no_header: bool,
    /// The option for the column, in messages.
    pub column_option: &'static str,
    /// The option for a list without a header, in messages.
    pub no_header_option: &'static str,
}

impl NameOptions<'_> {
    /// Opens a list of firms.
    ///
    /// # Errors
    /// If the file cannot be read, is empty or is not a table.
    pub fn open(&self, path: &Path) -> Result<Table> {
        let is_own_header = |cells: &[String]| self.is_header(cells);
        let rule = HeaderRule::Where(&is_own_header);
        Table::open_list(path, if self.has_no_header { HeaderRule::None } else { rule })
    }

    /// Returns whether a row is the header of the list.
    pub fn is_header(&self, cells: &[String]) -> bool {
        let Some(column) = self.column else { return is_header(cells) };
        let name = column_name(column);
        let is_number = name.parse::<usize>().is_ok();
        cells.iter().any(|cell| column_name(cell) == name) || (is_number && is_header(cells))
    }
}

/// Returns whether a row is the header of a list of firms.
fn is_header(cells: &[String]) -> bool {
    cells.iter().any(|cell| rank(cell).is_some()) && !cells.iter().any(|cell| has_legal_form(cell))
}

/// Finds the column with the names.
///
/// # Errors
/// If no column is one, or the requested one does not exist, with the likeliest columns.
pub fn find<R: Read>(
    shown: &str,
    table: &Table<R>,
    options: NameOptions<'_>,
) -> Result<NameColumn> {
    let NameOptions { column, has_no_header, column_option, no_header_option } = options;
    if let Some(requested) = column {
        return find_requested(shown, table, requested, has_no_header);
    }
    if has_no_header {
        ensure!(
            table.header().len() == 1,
            "{shown} has {} columns and no header; give the number of the column with the names with \
             {column_option}: {}",
            table.header().len(),
            list_columns(table)
        );
        let note = format!("{shown}: names are all rows, from line 1");
        return Ok(NameColumn::new(table, 0, note));
    }
    let ranked = rank_columns(table);
    let Some((_, index)) = ranked.first().copied() else {
        let line = table.header_line().unwrap_or(1);
        let has_form = table.header().iter().any(|cell| has_legal_form(cell));
        let first = if has_form || looks_like_row(table) {
            format!("line {line} seems to be a row, not a header")
        } else {
            format!("no column in its header (line {line}) is known to have names of vendors")
        };
        bail!(
            "{shown}: {first}. If the file has a header, give the column with the names with \
             {column_option}; if it has none, add {no_header_option}. The columns are: {}",
            list_columns(table)
        );
    };
    let header = table.header();
    let name = header.get(index).map_or("", String::as_str);
    table.require_single(&column_name(name))?;
    let others: Vec<String> = ranked
        .iter()
        .skip(1)
        .filter_map(|(_, other)| header.get(*other))
        .map(|other| format!("{other:?}"))
        .collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!("; for {} use {column_option}", others.join(" or "))
    };
    let line = table.header_line().unwrap_or(1);
    let note = format!("{shown}: names are in the column {name:?} (header in line {line}){others}");
    Ok(NameColumn::new(table, index, note))
}

fn find_requested<R: Read>(
    shown: &str,
    table: &Table<R>,
    requested: &str,
    has_no_header: bool,
) -> Result<NameColumn> {
    let name = column_name(requested);
    let width = table.header().len();
    let number = name.parse::<usize>().ok().filter(|number| (1..=width).contains(number));
    let by_name = table.column_index(&name).filter(|_| !has_no_header);
    let Some(index) = by_name.or(number.map(|number| number - 1)) else {
        let what = if has_no_header { "columns by their numbers" } else { "it has" };
        let listed =
            if width <= MAX_LISTED_COLUMNS { table.column_names() } else { list_columns(table) };
        bail!("{shown}: the list has no column {requested:?}; {what}: {listed}");
    };
    if by_name.is_some() {
        table.require_single(&name)?;
    }
    let header = table.header().get(index).map_or("", String::as_str);
    let note = if has_no_header {
        format!("{shown}: names are in column {} of all rows, from line 1", index + 1)
    } else {
        let line = table.header_line().unwrap_or(1);
        format!("{shown}: names are in the column {header:?} (header in line {line})")
    };
    Ok(NameColumn::new(table, index, note))
}

/// Returns the columns that may have the names, the likeliest first.
fn rank_columns<R: Read>(table: &Table<R>) -> Vec<(u8, usize)> {
    if table.header().iter().any(|cell| has_legal_form(cell)) {
        return Vec::new();
    }
    let mut ranked: Vec<(u8, usize)> = (0..)
        .zip(table.header())
        .filter_map(|(index, cell)| Some((rank(cell)?, index)))
        .filter(|(_, index)| has_names(table, *index))
        .collect();
    ranked.sort_unstable();
    ranked
}

/// Returns how surely a header's words name the column with the names, 0 being the surest; `None` if a
/// word has another meaning, such as a number or an address.
fn rank(cell: &str) -> Option<u8> {
    let words = words(cell);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let is_known = |word: &String| {
        [&PARTIES[..], &FIRMS, &NAMES, &OTHERS].iter().any(|list| list.contains(&word.as_str()))
    };
    if !words.iter().all(is_known) {
        return None;
    }
    let (is_party, is_firm, is_name) = (has(&PARTIES), has(&FIRMS), has(&NAMES));
    match (is_party || is_firm, is_name) {
        (true, true) if has(&["legal"]) => Some(0),
        (true, true) => Some(1),
        (false, true) if has(&["legal", "razon"]) => Some(2),
        (true, false) if is_party => Some(3),
        (false, true) => Some(4),
        (true, false) => Some(5),
        (false, false) => None,
    }
}

/// Returns the words of a header cell in lower case. "VendorName" has two; signs such as `#` are words.
fn words(cell: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in cell.chars() {
        let is_boundary = was_lower && character.is_uppercase();
        was_lower = character.is_lowercase();
        let is_sign = matches!(character, '#' | '$' | '%' | '№' | '€');
        if is_boundary || is_sign || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| is_sign || character.is_alphanumeric()) {
            // Without the accents of Spanish headers.
            let plain = match character {
                'á' | 'Á' => 'a',
                'é' | 'É' => 'e',
                'í' | 'Í' => 'i',
                'ó' | 'Ó' => 'o',
                'ú' | 'Ú' => 'u',
                other => other,
            };
            word.extend(plain.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn has_legal_form(cell: &str) -> bool {
    let words = words(cell);
    words.len() > 1 && words.iter().any(|word| LEGAL_FORMS.contains(&word.as_str()))
}

/// Returns whether the first cells of a column can be names: most have letters, are no codes, and are not
/// themselves words for a firm.
fn has_names<R: Read>(table: &Table<R>, index: usize) -> bool {
    let header = table.header().get(index).map_or("", String::as_str);
    let cells = table.sample().iter().filter_map(|row| row.get(index));
    let cells = cells.filter(|cell| !cell.is_empty() && *cell != header);
    let (mut count, mut names, mut kinds) = (0, 0, 0);
    for cell in cells {
        count += 1;
        names += usize::from(is_name_like(cell));
        kinds += usize::from(rank(cell).is_some());
    }
    count == 0 || (names * 2 >= count && kinds * 5 <= count)
}

/// Returns whether a cell can be a name: it has letters, and is not a code such as `V-10023`.
fn is_name_like(cell: &str) -> bool {
    let letters = cell.chars().filter(|it| it.is_alphabetic()).count();
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let is_code = !cell.contains(char::is_whitespace) && digits > letters;
    letters > 0 && !is_code
}

/// Returns whether the first row is of the same kind as the rows below it.
fn looks_like_row<R: Read>(table: &Table<R>) -> bool {
    let is_value = |cell: &str| {
        cell.chars().any(|it| it.is_ascii_digit()) && !cell.chars().any(char::is_alphabetic)
    };
    let repeats = |cell: &String| table.sample().iter().flatten().any(|other| other == cell);
    table.header().iter().any(|cell| !cell.is_empty() && (is_value(cell) || repeats(cell)))
}

/// Lists the columns that are likeliest to have names, with their numbers.
fn list_columns<R: Read>(table: &Table<R>) -> String {
    let header = table.header();
    let has_word = |cell: &String| {
        let words = words(cell);
        let mut lists = [&PARTIES[..], &FIRMS, &NAMES].into_iter();
        lists.any(|list| words.iter().any(|word| list.contains(&word.as_str())))
    };
    let mut ranked: Vec<(bool, bool, usize)> = (0..)
        .zip(header)
        .map(|(index, cell)| (!has_word(cell), !has_names(table, index), index))
        .collect();
    ranked.sort_unstable();
    let listed = ranked.iter().take(MAX_LISTED_COLUMNS).filter_map(|(_, _, index)| {
        let first = table.sample().first().and_then(|row| row.get(*index));
        let cell = if table.header_line().is_some() { header.get(*index) } else { first };
        Some(format!("{} {:?}", index + 1, shorten(cell?)))
    });
    let listed = listed.collect::<Vec<_>>().join(", ");
    match header.len().saturating_sub(MAX_LISTED_COLUMNS) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

fn shorten(cell: &str) -> String {
    if cell.chars().count() <= MAX_SHOWN_CHARS {
        return cell.to_owned();
    }
    cell.chars().take(MAX_SHOWN_CHARS).chain(['…']).collect()
}

fn is_total_word(word: &str) -> bool {
    TOTALS.contains(&word)
}

/// Returns whether a name is that of a total: "Total for Library", but not "Total Traffic Services".
fn is_total(name: &str) -> bool {
    let words = words(name);
    match words.iter().position(|word| !is_total_word(word)) {
        None => !words.is_empty(),
        Some(0) => false,
        Some(at) => ["for", "of", "by"].contains(&words[at].as_str()),
    }
}

/// Returns whether a row has numbers, and nothing else but its name.
fn has_numbers_alone<'a>(name: &str, mut cells: impl Iterator<Item = Cow<'a, str>>) -> bool {
    let mut has_number = false;
    let is_number = |cell: &str| {
        cell.chars().any(|it| it.is_ascii_digit()) && !cell.chars().any(char::is_alphabetic)
    };
    cells.all(|cell| {
        let cell = cell.trim();
        let is_number = is_number(cell);
        has_number |= is_number;
        cell.is_empty() || cell == name || is_number
    }) && has_number
}
