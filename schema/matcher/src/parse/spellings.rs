//! Numbers, places and kinds of enterprises that are written in several ways.
use crate::fold::Piece;
use crate::lexicon;

/// Joins numbers of two words: `twenty first` becomes `21st`.
pub(super) fn join_number_words(pieces: &mut Vec<Piece>) {
    for at in (1..pieces.len()).rev() {
        if let Some(digits) = lexicon::digits_of_words(&pieces[at - 1].text, &pieces[at].text) {
            pieces[at - 1].text = digits;
            pieces.remove(at);
        }
    }
}

/// Spellings of places and of kinds of enterprises, each with its normalized words.
const SPELLINGS: [(&[&str], &[&str]); 17] = [
    (&["research", "and", "production", "association"], &["npo"]),
    (&["scientific", "production", "association"], &["npo"]),
    (&["nauchno", "proizvodstvennoye", "obyedineniye"], &["npo"]),
    (&["nauchno", "proizvodstvennoe", "obedinenie"], &["npo"]),
    (&["research", "and", "production", "enterprise"], &["npp"]),
    (&["research", "and", "production", "corporation"], &["npk"]),
    (&["nauchno", "proizvodstvennoe", "predpriyatie"], &["npp"]),
    (&["scientific", "research", "institute"], &["nii"]),
    (&["nauchno", "issledovatelskiy", "institut"], &["nii"]),
    (&["design", "bureau"], &["kb"]),
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

const STATE_CODE_BYTES: usize = 2;

/// Normalizes places: `United States` to `us`, and a state code to the state's name.
pub(super) fn normalize_places(pieces: &mut Vec<Piece>) {
    for at in (1..pieces.len()).rev() {
        let piece = &pieces[at];
        if piece.text.len() != STATE_CODE_BYTES {
            continue;
        }
        if let Some((_, long)) = STATE_CODES.iter().find(|(short, _)| *short == piece.text) {
            let read = long.iter().map(|text| Piece { text: (*text).to_owned(), ..piece.clone() });
            let read: Vec<Piece> = read.collect();
            pieces.splice(at..=at, read);
        }
    }
    for at in 0..pieces.len() {
        let found = SPELLINGS.iter().find(|(long, _)| {
            let rest = pieces.get(at..).unwrap_or_default();
            rest.len() >= long.len()
                && long.iter().zip(rest).all(|(word, piece)| *word == piece.text)
        });
        let (Some((long, short)), Some(first)) = (found, pieces.get(at).cloned()) else { continue };
        let read = short.iter().map(|text| Piece { text: (*text).to_owned(), ..first.clone() });
        pieces.splice(at..at + long.len(), read);
    }
}
