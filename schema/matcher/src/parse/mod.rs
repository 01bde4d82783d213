//! Parses names as typed: joins pieces into words, removes legal forms, splits texts with several
//! names, and discards placeholders.
mod aliases;
mod spellings;

use crate::fold::{Piece, latin_pieces};
use crate::legal_form;
use crate::lexicon::{self, WordClass};
use crate::name::{MAX_WORDS, Name, Word, hash_joined};
use crate::unmatched::has_institution_word;
use aliases::{alias_marker_pieces, is_remark, is_slash_between_names, split_acronym};
use spellings::{join_number_words, normalize_places};

/// Column widths at which vendor and award lists truncate names, in characters.
const COLUMN_WIDTHS_CHARS: [usize; 13] = [20, 24, 25, 28, 30, 32, 35, 36, 40, 50, 60, 64, 100];

impl Name {
    /// Parses text as one name; see [`parse_names`] for text with several.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        Self::from_pieces(raw, &merge_pieces(latin_pieces(raw)))
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
        for (at, piece) in pieces.iter().enumerate() {
            // `Al Noor`, but `Mobile, AL`.
            let is_article = piece.text == "al" && at + 1 < pieces.len();
            if piece.text == "&" || is_article || lexicon::is_joining_word(&piece.text) {
                before = Some(&*piece.text).filter(|text| *text != "&");
            } else if words.len() < MAX_WORDS {
                let mut word = Word::from_piece(piece);
                word.other_hashes.extend(before.take().map(|it| hash_joined(it, &piece.text)));
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
        // `PT Nusantara`: a legal form, or initials.
        if let [first, rest @ ..] = &mut *words
            && legal_form::may_be_leading_form(&first.text)
            && rest.iter().any(|word| word.class == WordClass::Distinctive)
        {
            first.is_incidental = true;
        }
        // `Ricoh USA`: the country is not part of the name proper.
        if words.len() > 1
            && let Some(last) = words.last_mut()
            && &*last.key == "us"
        {
            last.is_incidental = true;
        }
        // `COMPUTER SOLUTIONS, L.L`: the truncated end is too short to classify. Many names that are
        // not truncated have 20 characters.
        if is_at_column_width
            && length > COLUMN_WIDTHS_CHARS[0]
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
        Self {
            raw: raw.into(),
            is_institution: has_institution_word(&words),
            words,
            legal_forms,
            is_person,
            is_truncated,
            is_inverted,
            is_acronym: false,
        }
    }
}

/// Parses all names in a text: `X DBA Y` contains X and Y. Empty for placeholders and texts without
/// any word to compare.
#[must_use]
pub fn parse_names(raw: &str) -> Vec<Name> {
    let pieces = latin_pieces(raw);
    if lexicon::is_placeholder(pieces.iter().map(|piece| &*piece.text)) {
        return Vec::new();
    }
    let pieces = merge_pieces(pieces);
    let mut halves: Vec<Vec<Piece>> = vec![Vec::new()];
    let mut at = 0;
    while at < pieces.len() {
        if at > 0 && is_remark(&pieces[at..]) {
            break;
        }
        let marker_pieces = if at > 0 { alias_marker_pieces(&pieces, at) } else { 0 };
        if marker_pieces > 0 {
            halves.push(Vec::new());
            at += marker_pieces;
            continue;
        }
        if at > 0 && is_slash_between_names(&pieces, at) {
            halves.push(Vec::new());
        }
        if let (Some(half), Some(piece)) = (halves.last_mut(), pieces.get(at)) {
            half.push(piece.clone());
            at += 1;
        }
    }
    // The text after a marker is a name of its own, whether or not it is in parentheses.
    for half in halves.iter_mut().skip(1) {
        if half.first().is_some_and(|first| first.aside) {
            for piece in half.iter_mut() {
                piece.aside = false;
            }
        }
    }
    let mut names: Vec<Name> = halves.iter().map(|half| Name::from_pieces(raw, half)).collect();
    names.extend(halves.iter().flat_map(|half| split_acronym(raw, half)));
    names.retain(|name| !name.is_empty());
    names
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
        let piece = match legal_form::split_glued_form(&piece.text) {
            Some((stem, form)) => {
                let of_stem = |text: &String| text.strip_suffix(form).map(str::to_owned);
                let umlauts = piece.umlauts.as_ref().and_then(of_stem);
                let last =
                    Piece { text: form.to_owned(), glued: true, umlauts: None, ..piece.clone() };
                merged.push(Piece { text: stem.to_owned(), umlauts, ..piece.clone() });
                run = 0;
                last
            }
            None => piece,
        };
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
            last.umlauts = None;
            run += 1;
        } else {
            run = usize::from(is_letter);
            merged.push(piece);
        }
    }
    join_number_words(&mut merged);
    normalize_places(&mut merged);
    merged
}

/// Whether a comma is followed by more than legal forms.
fn is_inverted_at_comma(raw: &str) -> bool {
    let Some((_, after)) = raw.rsplit_once(',') else { return false };
    let form_of = |text: &str| {
        legal_form::form_anywhere(text).or_else(|| legal_form::form_at_end(text)).is_some()
    };
    merge_pieces(latin_pieces(after)).iter().any(|piece| !form_of(&piece.text))
}

/// Whether the words are two to four names or initials, with a given name among them.
fn reads_as_person(words: &[Word]) -> bool {
    let is_name_part = |word: &Word| {
        matches!(
            word.class,
            WordClass::GivenName | WordClass::Initial | WordClass::Distinctive | WordClass::Common
        ) && !word.has_digit
            || matches!(&*word.text, "jr" | "ii" | "iii" | "dr" | "md")
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
        assert_eq!(read("Zeta Omicron CNT DEX COD 03 ITX a part"), "zeta omicron");
        assert_eq!(read("Zeta Omicron STA OH COD 02"), "zeta omicron");
        assert_eq!(read("Zeta Omicron Inc Reel/Frame 8536/0732"), "zeta omicron");
        assert_eq!(read("Cape Cod Reel Frame"), "cape cod reel frame");
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
            "Not Available",
            "DOMESTIC AWARDEES (UNDISCLOSED)",
            "Multiple Recipients",
            "THE COMPANY LLC",
            "...",
            "",
        ] {
            assert_eq!(parse_names(raw), [], "{raw}");
        }
        // One other word, or a legal form, makes it a firm's name.
        assert_eq!(read("Privacy Analytics Inc"), "privacy analytic");
        assert_eq!(read("Ostrava Redacted Binding LLC"), "ostrava redacted binding");
        assert_eq!(read("Redacted LLC"), "redacted");
        assert_eq!(read("Undisclosed Location Theater"), "undisclosed location theater");
        assert_eq!(read("Not Just Paving"), "not just paving");
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
