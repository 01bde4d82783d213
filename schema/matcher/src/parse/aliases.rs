//! Several names in one text: after a marker such as `dba`, after a slash, or a name with its own
//! acronym.
use crate::fold::Piece;
use crate::legal_form;
use crate::lexicon::{self, WordClass};
use crate::name::Name;

/// Words that introduce another name of the firm, longest first.
const ALIAS_MARKERS: [&[&str]; 24] = [
    &["doing", "business", "as"],
    &["formerly", "known", "as"],
    &["previously", "known", "as"],
    &["also", "known", "as"],
    &["now", "known", "as"],
    &["formerly", "doing", "business", "as"],
    &["trading", "as"],
    &["operating", "as"],
    &["successor", "to"],
    &["successor", "of"],
    &["dba", "as"],
    &["dba"],
    &["aka"],
    &["fka"],
    &["nka"],
    &["fdba"],
    &["formerly"],
    &["previously"],
    &["vormals"],
    &["anciennement"],
    &["antes"],
    &["ex"],
    &["now"],
    &["prev"],
];

/// The markers that are also words of names, and mark another name only after a comma, a dash or
/// an opening parenthesis: `Tambor Foods, now Drevane Foods`, but `Act Now Towing`.
const WEAK_MARKERS: [&str; 4] = ["ex", "now", "antes", "prev"];

/// The number of pieces at `at` that introduce another name: `dba`, `doing business as`. 0 if none
/// does.
pub(super) fn alias_marker_pieces(pieces: &[Piece], at: usize) -> usize {
    let rest = &pieces[at..];
    let found = ALIAS_MARKERS.iter().find(|marker| {
        marker[0] == rest[0].text
            && rest.len() > marker.len()
            && marker.iter().zip(rest).all(|(word, piece)| *word == piece.text)
    });
    let Some(marker) = found else { return 0 };
    let is_weak = matches!(marker, [word] if WEAK_MARKERS.contains(word));
    let is_separated = rest[0].is_separated || (rest[0].aside && !pieces[at - 1].aside);
    if is_weak && !is_separated { 0 } else { marker.len() }
}

/// Whether the pieces begin a remark that some lists append to a name: `attn`, `do not use`, or a code
/// such as `CNT DEX COD 03` (patents: country and kind of owner) and `Reel/Frame 8536/0732` (an
/// assignment's place in the register).
pub(super) fn is_remark(pieces: &[Piece]) -> bool {
    let starts = |words: &[&str]| {
        pieces.len() >= words.len()
            && words.iter().zip(pieces).all(|(word, piece)| *word == piece.text)
    };
    let text = |at: usize| pieces.get(at).map_or("", |piece| &*piece.text);
    let is_kind_code = |at: usize| {
        text(at) == "cod" && text(at + 1).len() == 2 && text(at + 1).parse::<u8>().is_ok()
    };
    starts(&["attn"])
        || starts(&["do", "not", "use"])
        || is_kind_code(0)
        || (matches!(text(0), "cnt" | "sta") && is_kind_code(2))
        || (starts(&["reel", "frame"]) && pieces[1].mark == Some('/'))
}

/// Whether the slash before a piece separates two names, not two words of one: after a legal form
/// (`Zeta Inc / Omicron LLC`), or if both begin alike. A joint venture is one firm.
pub(super) fn is_slash_between_names(pieces: &[Piece], at: usize) -> bool {
    if pieces[at].mark != Some('/') || at + 1 == pieces.len() {
        return false;
    }
    let is_form = |piece: &Piece| legal_form::form_anywhere(&piece.text).is_some();
    let is_joint_venture = pieces.iter().any(|piece| matches!(&*piece.text, "jv" | "joint"));
    let begins_alike = at >= 2 && pieces[at].text == pieces[0].text;
    (is_form(&pieces[at - 1]) || begins_alike)
        && !is_joint_venture
        && !pieces[at..].iter().all(is_form)
}

/// Splits a name that contains its own acronym, such as `OCLC Online Computer Library Center` or
/// `Bureau of Land Survey (BLS)`, into acronym and words. Empty if it has none.
pub(super) fn split_acronym(raw: &str, pieces: &[Piece]) -> Vec<Name> {
    // Rejects almost every word at once.
    let is_initial = |letter: u8, except: usize| {
        let mut others = pieces.iter().enumerate().filter(|(at, _)| *at != except);
        others.any(|(_, piece)| piece.text.bytes().next() == Some(letter))
    };
    let is_acronym = |at: usize| {
        let letters = &*pieces[at].text;
        (3..=MAX_ACRONYM_BYTES).contains(&letters.len())
            && letters.bytes().all(|byte| byte.is_ascii_lowercase() && is_initial(byte, at))
            && spells_initials(letters, pieces, at)
    };
    let Some(at) = (0..pieces.len()).find(|at| is_acronym(*at)) else { return Vec::new() };
    let mut rest = pieces.to_vec();
    let acronym = Piece { aside: false, ..rest.remove(at) };
    let words = Name::from_pieces(raw, &rest);
    let acronym = Name::from_pieces(raw, &[acronym]);
    let is_distinctive =
        acronym.words.first().is_some_and(|word| word.class == WordClass::Distinctive);
    if !is_distinctive {
        return Vec::new();
    }
    let legal_forms = words.legal_forms;
    vec![words, Name { is_acronym: true, legal_forms, ..acronym }]
}

/// The maximum length of an acronym.
const MAX_ACRONYM_BYTES: usize = 8;

/// Whether the letters are the initials of all other pieces, in order. Words that only join others and
/// legal forms may be left out.
fn spells_initials(letters: &str, pieces: &[Piece], except: usize) -> bool {
    // The numbers of letters that the words so far may have used, as bits.
    let mut used = 1_u32;
    for (at, piece) in pieces.iter().enumerate() {
        let text = &*piece.text;
        if at == except || text == "&" {
            continue;
        }
        let may_lack = lexicon::is_joining_word(text)
            || legal_form::form_anywhere(text).is_some()
            || legal_form::form_at_end(text).is_some();
        let initial = text.bytes().next();
        let next = letters.bytes().zip(0..).fold(0, |next, (letter, number)| {
            let is_next = used & 1 << number != 0 && Some(letter) == initial;
            next | u32::from(is_next) << (number + 1)
        });
        used = next | if may_lack { used } else { 0 };
    }
    used & 1 << letters.len() != 0
}
