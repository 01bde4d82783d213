//! Parses names as typed: joins pieces into words, removes legal forms, splits texts with several
//! names, and discards placeholders.
use crate::fold::{Piece, pieces};
use crate::legal_form;
use crate::lexicon::{self, WordClass};
use crate::name::{MAX_WORDS, Name, Word, hash_joined};

/// Texts that stand for undisclosed recipients; they match no firm.
const PLACEHOLDERS: [&str; 8] = [
    "undisclosed",
    "redacted",
    "miscellaneous foreign",
    "multiple recipients",
    "foreign awardees",
    "domestic awardees",
    "not available",
    "privacy",
];

/// Column widths at which vendor and award lists truncate names, in characters.
const COLUMN_WIDTHS_CHARS: [usize; 12] = [24, 25, 28, 30, 32, 35, 36, 40, 50, 60, 64, 100];

impl Name {
    /// Parses text as one name; see [`parse_names`] for text with several.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        Self::from_pieces(raw, &merge_pieces(pieces(raw)))
    }

    pub(crate) fn from_pieces(raw: &str, pieces: &[Piece]) -> Self {
        let length = raw.trim().chars().count();
        let is_at_column_width =
            COLUMN_WIDTHS_CHARS.iter().any(|width| length == *width || length + 1 == *width);
        let end = pieces.last().map(|last| &*last.text);
        let (pieces, legal_forms) = legal_form::split_legal_forms(pieces, is_at_column_width);
        // A name that ends with its legal form is complete.
        let ends_with_last_word = end == pieces.last().map(|last| &*last.text);
        let mut words: Vec<Word> = Vec::with_capacity(pieces.len().min(MAX_WORDS));
        let mut before: Option<&str> = None;
        for piece in &pieces {
            if piece.text == "&" || lexicon::is_joining_word(&piece.text) {
                before = Some(&*piece.text).filter(|text| *text != "&");
            } else if words.len() < MAX_WORDS {
                let mut word = Word::new(&piece.text, piece.aside);
                word.joined_hash = before.take().map(|before| hash_joined(before, &piece.text));
                words.push(word);
            }
        }
        if words.is_empty() {
            let fallback = pieces.iter().filter(|piece| !matches!(&*piece.text, "&" | "the"));
            words = fallback.take(MAX_WORDS).map(|piece| Word::new(&piece.text, false)).collect();
        }
        // `W A Tambor`: initials, not the state of Washington.
        if let [first, _, ..] = &mut *words
            && first.text.len() == 2
            && first.class == WordClass::Place
        {
            first.class = WordClass::Initial;
        }
        // `Ricoh USA`: the country is not part of the name proper.
        if words.len() > 1
            && let Some(last) = words.last_mut()
            && &*last.key == "us"
        {
            last.is_incidental = true;
        }
        // `COMPUTER SOLUTIONS, L.L`: the truncated end is too short to classify.
        if is_at_column_width
            && ends_with_last_word
            && words.len() > 2
            && let Some(last) = words.last_mut()
            && last.class == WordClass::Initial
        {
            last.is_incidental = true;
        }
        if words.iter().all(|word| word.is_incidental) {
            for word in &mut words {
                word.is_incidental = false;
            }
        }
        let is_truncated = legal_forms.is_empty() && is_at_column_width;
        let is_inverted = is_inverted_at_comma(raw);
        // `Thomas & Reed` is a firm.
        let has_conjunction = pieces.iter().any(|piece| piece.text == "&" || piece.text == "and");
        let is_person = legal_forms.is_empty() && !has_conjunction && reads_as_person(&words);
        Self { raw: raw.into(), words, legal_forms, is_person, is_truncated, is_inverted }
    }
}

/// Parses all names in a text: `X DBA Y` contains X and Y. Empty for placeholders and texts without
/// any word to compare.
#[must_use]
pub fn parse_names(raw: &str) -> Vec<Name> {
    let lower = raw.to_lowercase();
    if PLACEHOLDERS.iter().any(|placeholder| lower.contains(placeholder)) && is_placeholder(&lower)
    {
        return Vec::new();
    }
    let pieces = merge_pieces(pieces(raw));
    let mut halves: Vec<Vec<Piece>> = vec![Vec::new()];
    let mut at = 0;
    while at < pieces.len() {
        if at > 0 && is_remark(&pieces[at..]) {
            break;
        }
        let marker_pieces = alias_marker_pieces(&pieces[at..]);
        if marker_pieces > 0 && at > 0 && at + marker_pieces < pieces.len() {
            halves.push(Vec::new());
            at += marker_pieces;
        } else if let (Some(half), Some(piece)) = (halves.last_mut(), pieces.get(at)) {
            half.push(piece.clone());
            at += 1;
        }
    }
    let names = halves.into_iter().map(|half| Name::from_pieces(raw, &half));
    let mut names: Vec<Name> = names.filter(|name| !name.is_empty()).collect();
    let split: Vec<Name> = names.iter().flat_map(split_acronym).collect();
    names.extend(split);
    names
}

/// A vendor list's `PRIVACY-Personnel` and an award list's `FOREIGN AWARDEES (UNDISCLOSED)` are
/// placeholders; `Privacy Analytics Inc` is a firm.
fn is_placeholder(lower: &str) -> bool {
    !lower.contains("privacy") || lower.starts_with("privacy-") || lower.trim() == "privacy"
}

/// Splits a name that contains its own acronym, such as `OCLC Online Computer Library Center`, into
/// acronym and words.
fn split_acronym(name: &Name) -> Vec<Name> {
    let apart = |at: usize| {
        let acronym = &*name.words[at].text;
        let others = name.words.iter().enumerate().filter(|(other, _)| *other != at);
        let initials = others.clone().filter_map(|(_, word)| word.text.chars().next());
        let distinct = name.words[at].class == WordClass::Distinctive;
        if acronym.len() < 3 || !distinct || !initials.eq(acronym.chars()) {
            return None;
        }
        let with = |words: Vec<Word>| Name { words, ..name.clone() };
        let rest = others.map(|(_, word)| word.clone()).collect();
        Some(vec![with(vec![name.words[at].clone()]), with(rest)])
    };
    (0..name.words.len()).find_map(apart).unwrap_or_default()
}

/// The number of pieces that introduce another name: `dba`, `doing business as`. 0 if none does.
fn alias_marker_pieces(pieces: &[Piece]) -> usize {
    let starts = |words: &[&str]| {
        pieces.len() > words.len()
            && words.iter().zip(pieces).all(|(word, piece)| *word == piece.text)
    };
    match pieces.first().map(|piece| &*piece.text) {
        Some("dba" | "aka" | "fka" | "nka") => 1,
        _ if starts(&["doing", "business", "as"]) => 3,
        _ if starts(&["formerly", "known", "as"]) || starts(&["also", "known", "as"]) => 3,
        _ if starts(&["trading", "as"]) => 2,
        Some("formerly") => 1,
        _ => 0,
    }
}

/// Whether the pieces begin a remark that some lists append to a name: `attn`, `do not use`.
fn is_remark(pieces: &[Piece]) -> bool {
    let starts = |words: &[&str]| {
        pieces.len() >= words.len()
            && words.iter().zip(pieces).all(|(word, piece)| *word == piece.text)
    };
    starts(&["attn"]) || starts(&["do", "not", "use"])
}

/// Joins single letters (`I B M`, `U.S.`, `J & J`) and words linked by an ampersand (`AT&T`), and
/// drops codes that some lists append to a name.
fn merge_pieces(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    let is_single = |piece: &Piece| piece.text.chars().count() == 1 && piece.text != "&";
    let mut run = 0; // letters in the run that ends the list
    let count = pieces.len();
    let mut pieces = pieces.into_iter().enumerate().peekable();
    while let Some((at, piece)) = pieces.next() {
        // The City marks some vendors with `/C`.
        if at > 0 && at + 1 == count && piece.mark == Some('/') && piece.text == "c" {
            break;
        }
        let is_long_number =
            piece.text.len() >= 3 && piece.text.bytes().all(|b| b.is_ascii_digit());
        // `(7775)` is a list's internal number.
        if piece.aside && is_long_number {
            continue;
        }
        // `Hardware #1234` is a branch.
        let piece = Piece {
            aside: piece.aside || (at > 0 && piece.mark == Some('#') && is_long_number),
            ..piece
        };
        // `Zeta Inc c/o Omicron Bank`: an address, not part of the name.
        if piece.text == "o"
            && piece.mark == Some('/')
            && run == 1
            && merged.len() > 1
            && merged.pop_if(|last| last.text == "c").is_some()
        {
            break;
        }
        // `Zeta Inc t/a Omicron`: trading as, the same as `dba`.
        if piece.text == "a"
            && piece.mark == Some('/')
            && run == 1
            && merged.len() > 1
            && let Some(last) = merged.last_mut().filter(|last| last.text == "t")
        {
            last.text = "dba".into();
            run = 0;
            continue;
        }
        let is_conjunction = piece.text == "&" || piece.text == "and";
        if is_conjunction && let (Some(last), Some((_, next))) = (merged.last(), pieces.peek()) {
            let is_tight =
                piece.glued && next.glued && last.text.len() <= 2 && next.text.len() <= 2;
            // `AT & T`, `J & J`.
            let are_letters = last.text.len() <= 2 && last.text != "&" && is_single(next);
            if is_tight || are_letters {
                if let (Some((_, next)), Some(last)) = (pieces.next(), merged.last_mut()) {
                    last.text.push_str(&next.text);
                    run = 2;
                }
                continue;
            }
        }
        let is_letter = is_single(&piece) && !piece.text.starts_with(|c: char| c.is_numeric());
        if is_letter
            && run > 0
            && let Some(last) = merged.last_mut()
            && last.aside == piece.aside
        {
            last.text.push_str(&piece.text);
            run += 1;
        } else {
            run = usize::from(is_letter);
            merged.push(piece);
        }
    }
    normalize_places(&mut merged);
    merged
}

/// Spellings of places, each with its normalized words.
const PLACE_SPELLINGS: [(&[&str], &[&str]); 7] = [
    (&["united", "states", "of", "america"], &["us"]),
    (&["united", "states"], &["us"]),
    (&["so", "cal"], &["southern", "california"]),
    (&["so", "calif"], &["southern", "california"]),
    (&["so", "california"], &["southern", "california"]),
    (&["no", "calif"], &["northern", "california"]),
    (&["wash", "dc"], &["washington", "dc"]),
];

/// State codes with the states' names. Not used for the first word, which may be initials.
const STATE_CODES: [(&str, &[&str]); 21] = [
    ("az", &["arizona"]),
    ("ca", &["california"]),
    ("fl", &["florida"]),
    ("ga", &["georgia"]),
    ("il", &["illinois"]),
    ("ky", &["kentucky"]),
    ("mi", &["michigan"]),
    ("mn", &["minnesota"]),
    ("nc", &["north", "carolina"]),
    ("nj", &["new", "jersey"]),
    ("nm", &["new", "mexico"]),
    ("nv", &["nevada"]),
    ("ny", &["new", "york"]),
    ("oh", &["ohio"]),
    ("sc", &["south", "carolina"]),
    ("tn", &["tennessee"]),
    ("tx", &["texas"]),
    ("ut", &["utah"]),
    ("va", &["virginia"]),
    ("wa", &["washington"]),
    ("wi", &["wisconsin"]),
];

/// Normalizes places: `United States` to `us`, and a state code to the state's name.
fn normalize_places(pieces: &mut Vec<Piece>) {
    for at in (1..pieces.len()).rev() {
        let piece = &pieces[at];
        if let Some((_, long)) = STATE_CODES.iter().find(|(short, _)| *short == piece.text) {
            let read = long.iter().map(|text| Piece { text: (*text).to_owned(), ..piece.clone() });
            let read: Vec<Piece> = read.collect();
            pieces.splice(at..=at, read);
        }
    }
    for at in 0..pieces.len() {
        let found = PLACE_SPELLINGS.iter().find(|(long, _)| {
            let rest = pieces.get(at..).unwrap_or_default();
            rest.len() >= long.len()
                && long.iter().zip(rest).all(|(word, piece)| *word == piece.text)
        });
        let (Some((long, short)), Some(first)) = (found, pieces.get(at).cloned()) else { continue };
        let read = short.iter().map(|text| Piece { text: (*text).to_owned(), ..first.clone() });
        pieces.splice(at..at + long.len(), read);
    }
}

/// Whether a comma is followed by more than legal forms.
fn is_inverted_at_comma(raw: &str) -> bool {
    let Some((_, after)) = raw.rsplit_once(',') else { return false };
    let form_of = |text: &str| {
        legal_form::form_anywhere(text).or_else(|| legal_form::form_at_end(text)).is_some()
    };
    merge_pieces(pieces(after)).iter().any(|piece| !form_of(&piece.text))
}

/// Whether the words are two to four names or initials, with a given name among them.
fn reads_as_person(words: &[Word]) -> bool {
    let is_name_part = |word: &Word| {
        matches!(
            word.class,
            WordClass::GivenName | WordClass::Initial | WordClass::Distinctive | WordClass::Common
        ) && !word.has_digit()
            || matches!(&*word.key, "jr" | "ii" | "iii" | "dr" | "md")
    };
    (2..=4).contains(&words.len())
        && words.iter().any(|word| word.class == WordClass::GivenName)
        && words.iter().all(is_name_part)
}

#[cfg(test)]
mod tests {
    use super::parse_names;
    use crate::name::Name;

    fn read(raw: &str) -> String {
        let cut =
            |name: &Name| name.words.iter().map(|word| &*word.key).collect::<Vec<_>>().join(" ");
        parse_names(raw).iter().map(cut).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn legal_forms_are_removed() {
        assert_eq!(read("The Geo Group, Inc."), "geo group");
        assert_eq!(
            read("CHEROKEE NATION MANAGEMENT & CONSULTING, L.L.C.."),
            "cherokee nation management consulting"
        );
        assert_eq!(read("3M COMPANY (7775)"), "3m");
        assert_eq!(read("BEST BUY GOVERNMENT LIMITED LIABILITY COMPANY"), "best buy government");
        assert_eq!(read("Papst Motoren GmbH & Co. KG"), "papst motoren");
        assert_eq!(read("SA Recycling LLC"), "sa recycling");
        assert_eq!(read("American Filtrona Corporation, 8401"), "america filtrona");
        assert_eq!(read("COLICH & SONS AND J R PIPELINE, J V"), "colich sons jr pipeline");
    }

    #[test]
    fn single_letters_become_one_word() {
        for raw in ["I B M Corp", "I.B.M.", "IBM"] {
            assert_eq!(read(raw), "ibm");
        }
        assert_eq!(read("AT&T Inc"), "att");
        assert_eq!(read("T & B Painting"), "tb painting");
        assert_eq!(read("S J AMOROSO"), "sj amoroso");
        assert_eq!(read("TYME FOUNDATION (THE)"), "tyme foundation");
        assert_eq!(read("United States Postal Service"), read("U.S. POSTAL SVC"));
        assert_eq!(read("Tambor of So Cal"), read("TAMBOR OF SOUTHERN CALIFORNIA"));
    }

    #[test]
    fn alias_markers_split_names() {
        assert_eq!(read("Zeta Inc DBA Omicron Cafe"), "zeta | omicron cafe");
        assert_eq!(read("Zeta d/b/a Omicron"), "zeta | omicron");
        assert_eq!(read("Zeta Inc t/a Omicron"), "zeta | omicron");
        assert_eq!(read("Zeta Inc c/o Omicron Bank"), "zeta");
        assert_eq!(read("Zeta Inc - Attn: J Omicron"), "zeta");
        assert_eq!(read("BEYOND SHELTER/C"), "beyond shelter");
        assert_eq!(
            read("METRO BUILDER/ENGINEERS GROUP LTD /C"),
            "metropolitan building engineering group"
        );
    }

    #[test]
    fn placeholders_and_forms_alone_yield_no_name() {
        for raw in [
            "FOREIGN AWARDEES (UNDISCLOSED)",
            "MISCELLANEOUS FOREIGN AWARDEES",
            "REDACTED DUE TO PII",
            "PRIVACY-Personnel",
            "THE COMPANY LLC",
            "...",
            "",
        ] {
            assert_eq!(parse_names(raw), [], "{raw}");
        }
        assert_eq!(read("Privacy Analytics Inc"), "privacy analytic");
    }

    #[test]
    fn persons_are_distinguished_from_firms() {
        assert!(Name::new("MILLER, JOHN").is_person);
        assert!(Name::new("DEBORAH A DENDRINOS").is_person);
        assert!(!Name::new("DEBRA A DENDRINOS INC").is_person);
        assert!(!Name::new("JOHN DEERE CONSTRUCTION").is_person);
        assert!(!Name::new("THOMAS & REED").is_person);
    }
}
