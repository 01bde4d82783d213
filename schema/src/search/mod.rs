//! Full-text search: FTS5 on SQLite, `tsvector` on PostgreSQL, behind one interface. Candor splits
//! text into words itself, so that both engines index the same words and no typed text reaches an
//! engine's query language. Where SQLite checks one row after the other, it looks into the stored words.
mod tables;

use std::collections::{BTreeSet, HashMap};

use candor_matcher::fold;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, Statement, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use tables::{Comparison, SearchedTable, begin_filling, fill, fill_in, insert_rows, verify};

use crate::database::{Lookup, Tx};
use crate::fault::{FieldPath, InputErrors};
use crate::user_message::UserMessage;

/// The maximum length of a search text, in characters.
pub const MAX_SEARCH_CHARS: usize = 300;
/// The maximum number of words in a search: each is one lookup in each index that is searched, or one look into
/// the words of each row.
pub const MAX_SEARCH_WORDS: usize = 16;
/// The length to which words are truncated, in characters.
const WORD: usize = 60;
/// The maximum indexed text per subject, in bytes: a `tsvector` holds at most 1 MB.
const ROOM: usize = 500_000;

/// A full-text index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Descriptions, programs and names in filed statements, by disclosure.
    Filing,
    /// The names of organizations, by organization.
    Organization,
    /// The numbers and titles of solicitations, by solicitation.
    Solicitation,
    /// The numbers and titles of contracts, by contract.
    Contract,
    /// The contract numbers that waivers and exemptions name, by waiver or exemption.
    Relief,
}

impl Index {
    const fn table(self) -> &'static str {
        match self {
            Self::Filing => "search_filing",
            Self::Organization => "search_organization",
            Self::Solicitation => "search_solicitation",
            Self::Contract => "search_contract",
            Self::Relief => "search_relief",
        }
    }

    /// SQLite's index of the words in [`Self::table`].
    const fn word_table(self) -> &'static str {
        match self {
            Self::Filing => "search_filing_word",
            Self::Organization => "search_organization_word",
            Self::Solicitation => "search_solicitation_word",
            Self::Contract => "search_contract_word",
            Self::Relief => "search_relief_word",
        }
    }

    /// What its subjects are, for messages.
    const fn subjects(self) -> &'static str {
        match self {
            Self::Filing => "disclosures",
            Self::Organization => "organizations",
            Self::Solicitation => "solicitations",
            Self::Contract => "contracts",
            Self::Relief => "waivers or exemptions",
        }
    }
}

/// Splits a text into its distinct words, in alphabetical order: runs of letters and digits as the name
/// matcher folds them, in lower case, without accents and apostrophes, in Latin letters.
#[must_use]
pub fn words(text: &str) -> BTreeSet<String> {
    fold::words(text).into_iter().map(|word| truncate(&word.text)).collect()
}

/// All forms of the words of a text that a search may have: also umlauts as two letters, and the parts of
/// a word with an apostrophe.
fn all_forms(text: &str) -> BTreeSet<String> {
    const APOSTROPHES: [char; 5] = ['\'', '\u{2019}', '\u{2018}', '`', '\u{b4}'];
    let mut forms = BTreeSet::new();
    for word in fold::words(text) {
        forms.insert(truncate(&word.text));
        forms.extend(word.umlauts.as_deref().map(truncate));
    }
    if text.contains(APOSTROPHES) {
        forms.extend(words(&text.replace(APOSTROPHES, " ")));
    }
    forms
}

fn truncate(word: &str) -> String {
    word.chars().take(WORD).collect()
}

/// Splits a search text into folded words. Every text is a valid search unless it is too long, which
/// adds an error at `path`.
pub fn validate_words(text: &str, path: &FieldPath, errors: &mut InputErrors) -> BTreeSet<String> {
    let length = text.chars().count();
    if length > MAX_SEARCH_CHARS {
        errors.add(path, UserMessage::SearchTooLong { length, max: MAX_SEARCH_CHARS });
        return BTreeSet::new();
    }
    let words = words(text);
    if words.len() > MAX_SEARCH_WORDS {
        let message = UserMessage::SearchWordsTooMany { count: words.len(), max: MAX_SEARCH_WORDS };
        errors.add(path, message);
    }
    words
}

/// Inserts a subject's words into the index, which must not contain the subject yet.
pub async fn insert(tx: &Tx, index: Index, subject: Uuid, texts: &[&str]) -> Result<(), DbErr> {
    insert_all(tx, index, [(subject, texts)]).await
}

/// Inserts the words of many subjects into the index, which must contain none of them yet.
pub async fn insert_all<'a, T: AsRef<[&'a str]>>(
    tx: &Tx,
    index: Index,
    subjects: impl IntoIterator<Item = (Uuid, T)>,
) -> Result<(), DbErr> {
    const ROWS_A_STATEMENT: usize = 500;
    let rows = subjects.into_iter();
    let rows = rows.map(|(subject, texts)| (subject, indexed_words(texts.as_ref())));
    let rows: Vec<_> = rows.filter(|(_, words)| !words.is_empty()).collect();
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(Alias::new(index.table()));
        insert.columns([Alias::new("subject_id"), Alias::new("words")]);
        for (subject, words) in rows {
            insert.values_panic([Expr::val(*subject), Expr::val(words.as_str())]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// Joins the words of some texts into the indexed form, truncated to the maximum size.
fn indexed_words(texts: &[&str]) -> String {
    let words: BTreeSet<String> = texts.iter().flat_map(|text| all_forms(text)).collect();
    let mut room = ROOM;
    let fitting = words.into_iter().take_while(|word| {
        let left = room.checked_sub(word.len() + 1);
        room = left.unwrap_or_default();
        left.is_some()
    });
    fitting.collect::<Vec<_>>().join(" ")
}

/// Deletes a subject's words from the index.
pub async fn remove(tx: &Tx, index: Index, subject: Uuid) -> Result<(), DbErr> {
    let (table, engine) = (index.table(), tx.get_database_backend());
    let place = if engine == DbBackend::Postgres { "$1" } else { "?" };
    let delete = format!("DELETE FROM {table} WHERE subject_id = {place}");
    tx.execute_raw(Statement::from_sql_and_values(engine, delete, [subject.into()])).await?;
    Ok(())
}

/// The truncated digest of a subject's indexed words.
pub type WordsDigest = [u8; 16];

/// Returns the digest of the words that [`insert`] writes for some texts; none if there are none.
#[must_use]
pub fn digest_of(texts: &[&str]) -> Option<WordsDigest> {
    let words = indexed_words(texts);
    (!words.is_empty()).then(|| digest(&words))
}

fn digest(words: &str) -> WordsDigest {
    let mut digest = WordsDigest::default();
    digest.copy_from_slice(&Sha256::digest(words.as_bytes())[..16]);
    digest
}

/// Loads the digest of every indexed subject, about 50 bytes each.
pub async fn digests(
    db: &impl ConnectionTrait,
    index: Index,
) -> Result<HashMap<Uuid, WordsDigest>, DbErr> {
    const ROWS_A_PAGE: u64 = 10_000;
    let (table, engine) = (index.table(), db.get_database_backend());
    let place = if engine == DbBackend::Sqlite { "?" } else { "$1" };
    let (mut digests, mut last) = (HashMap::new(), None::<Uuid>);
    loop {
        let after = last.map_or(String::new(), |_| format!("WHERE subject_id > {place}"));
        let select = format!(
            "SELECT subject_id, words FROM {table} {after} ORDER BY subject_id LIMIT {ROWS_A_PAGE}"
        );
        let select = Statement::from_sql_and_values(engine, select, last.map(Value::from));
        let rows = db.query_all_raw(select).await?;
        if rows.is_empty() {
            return Ok(digests);
        }
        for row in rows {
            let subject: Uuid = row.try_get("", "subject_id")?;
            let words: String = row.try_get("", "words")?;
            last = Some(subject);
            digests.insert(subject, digest(&words));
        }
    }
}

/// Whether an index has no rows.
async fn is_empty(db: &impl ConnectionTrait, index: Index) -> Result<bool, DbErr> {
    let select = format!("SELECT 1 AS one FROM {} LIMIT 1", index.table());
    let first = db.query_one_raw(Statement::from_string(db.get_database_backend(), select)).await?;
    Ok(first.is_none())
}

/// The greatest subject in an index; none if it has no rows.
async fn find_last_subject(db: &impl ConnectionTrait, index: Index) -> Result<Option<Uuid>, DbErr> {
    let table = index.table();
    let select = format!("SELECT subject_id FROM {table} ORDER BY subject_id DESC LIMIT 1");
    let last = db.query_one_raw(Statement::from_string(db.get_database_backend(), select)).await?;
    last.map(|row| row.try_get("", "subject_id")).transpose()
}

/// The condition that the subject in a column has a word that begins with each of `beginnings`: at least one,
/// all from the function [`words`].
#[must_use]
pub fn has_words<C: ColumnTrait, W: AsRef<str>>(
    lookup: Lookup,
    subject: C,
    index: Index,
    beginnings: impl IntoIterator<Item = W>,
) -> SimpleExpr {
    let (table, key) = (Alias::new(index.table()), Alias::new("subject_id"));
    let subject = Expr::col(subject.as_column_ref());
    let mut select = Query::select();
    select.from(table.clone());
    if lookup.for_words().checks_each_row() {
        // Words are separated by one space.
        for word in beginnings {
            let word = format!(" {}", word.as_ref());
            select.and_where(Expr::cust_with_values("instr(' ' || words, ?) > 0", [word]));
        }
        select.expr(Expr::val(1)).and_where(Expr::col((table, key)).eq(subject));
        return Expr::exists(select);
    }
    select.column(key);
    // Words are letters and digits only, so none can end the quotation.
    if lookup.engine() == DbBackend::Postgres {
        let words = beginnings.into_iter().map(|word| format!("'{}':*", word.as_ref()));
        let query = words.collect::<Vec<_>>().join(" & ");
        let query = Expr::val(query).cast_as(Alias::new("tsquery"));
        select.and_where(Expr::cust_with_exprs("lexemes @@ $1", [query]));
    } else {
        let words = beginnings.into_iter().map(|word| format!("\"{}\"*", word.as_ref()));
        let query = words.collect::<Vec<_>>().join(" AND ");
        let table = index.word_table();
        let matching = format!("id IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)");
        select.and_where(Expr::cust_with_values(matching, [query]));
    }
    subject.in_subquery(select)
}

/// The condition that each word meets one of the conditions that `alternatives` returns for it. No word, as of a
/// text without a letter or digit, matches nothing.
#[must_use]
pub fn each_word<const N: usize>(
    words: &BTreeSet<String>,
    alternatives: impl Fn(&str) -> [SimpleExpr; N],
) -> Condition {
    if words.is_empty() {
        return Condition::all().add(Expr::val(1).eq(0));
    }
    words.iter().fold(Condition::all(), |all, word| {
        let any = alternatives(word).into_iter().fold(Condition::any(), Condition::add);
        all.add(any)
    })
}

#[cfg(test)]
mod tests {
    use super::{indexed_words, words};

    fn split(text: &str) -> String {
        words(text).into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn splits_any_text_into_words() {
        assert_eq!(split("Añejo & Söhne, L/C"), "anejo c l sohne");
        assert_eq!(split("\"half AND ("), "and half");
        assert_eq!(split("احتجاز"), "ahtjaz");
        assert_eq!(split("Газпром Straße Þór"), "gazprom strasse thor");
        assert_eq!(split("O'Brien’s"), "obriens");
        assert_eq!(split("('':* | \\ \u{0}--"), "");
        assert_eq!(split("ﬁne ２０２６ 70-CDCR"), "2026 70 cdcr fine");
        assert_eq!(split("東京電力"), "東京電力");
        assert_eq!(words(&"a".repeat(10_000)).into_iter().next().map(|word| word.len()), Some(60));
    }

    #[test]
    fn every_form_of_a_word_is_indexed() {
        assert_eq!(indexed_words(&["Jäger & O'Brien"]), "brien jaeger jager o obrien");
        for text in ["Jäger", "JAEGER", "jager", "OBRIEN", "O'Brien", "O Brien"] {
            let indexed = indexed_words(&["Jäger & O'Brien"]);
            let indexed: Vec<&str> = indexed.split(' ').collect();
            assert!(words(text).iter().all(|word| indexed.contains(&&**word)), "{text}");
        }
    }
}
