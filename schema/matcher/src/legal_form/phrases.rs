//! Legal forms of several words.
use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::fast::FixedState;

use super::LegalForm;

/// Legal forms of several words, longest first. Forms of other countries are written as they are
/// romanized.
pub(super) const FORM_PHRASES: &[(&[&str], LegalForm)] = &[
    (&["obshchestvo", "s", "ogranichennoy", "otvetstvennostyu"], LegalForm::LimitedLiability),
    (&["tovarystvo", "z", "obmezhenoyu", "vidpovidalnistyu"], LegalForm::LimitedLiability),
    (&["sociedad", "de", "responsabilidad", "limitada"], LegalForm::Limited),
    (&["societa", "a", "responsabilita", "limitata"], LegalForm::Limited),
    (&["societe", "a", "responsabilite", "limitee"], LegalForm::Limited),
    (&["zartkoruen", "mukodo", "reszvenytarsasag"], LegalForm::Corporation),
    (&["federal", "state", "unitary", "enterprise"], LegalForm::Corporation),
    (&["societe", "par", "actions", "simplifiee"], LegalForm::Corporation),
    (&["publichnoye", "aktsionernoye", "obshchestvo"], LegalForm::Corporation),
    (&["otkrytoye", "aktsionernoye", "obshchestvo"], LegalForm::Corporation),
    (&["zakrytoye", "aktsionernoye", "obshchestvo"], LegalForm::Corporation),
    (&["publichnoe", "aktsionernoe", "obshchestvo"], LegalForm::Corporation),
    (&["otkrytoe", "aktsionernoe", "obshchestvo"], LegalForm::Corporation),
    (&["zakrytoe", "aktsionernoe", "obshchestvo"], LegalForm::Corporation),
    (&["public", "joint", "stock", "company"], LegalForm::Corporation),
    (&["open", "joint", "stock", "company"], LegalForm::Corporation),
    (&["closed", "joint", "stock", "company"], LegalForm::Corporation),
    (&["private", "joint", "stock", "company"], LegalForm::Corporation),
    (&["public", "limited", "company"], LegalForm::Limited),
    (&["private", "limited", "company"], LegalForm::Limited),
    (&["state", "unitary", "enterprise"], LegalForm::Corporation),
    (&["joint", "stock", "company"], LegalForm::Corporation),
    (&["joint", "stock", "co"], LegalForm::Corporation),
    (&["sociedad", "anonima", "de", "cv"], LegalForm::Corporation),
    (&["sociedad", "anonima"], LegalForm::Corporation),
    (&["sociedade", "anonima"], LegalForm::Corporation),
    (&["societa", "per", "azioni"], LegalForm::Corporation),
    (&["aktsionernoye", "obshchestvo"], LegalForm::Corporation),
    (&["aktsionernoe", "obshchestvo"], LegalForm::Corporation),
    (&["anonim", "sirketi"], LegalForm::Corporation),
    (&["limited", "sirketi"], LegalForm::Limited),
    (&["ltd", "sti"], LegalForm::Limited),
    (&["akciova", "spolecnost"], LegalForm::Corporation),
    (&["akciova", "spolocnost"], LegalForm::Corporation),
    (&["spolka", "akcyjna"], LegalForm::Corporation),
    (&["naamloze", "vennootschap"], LegalForm::Corporation),
    (&["besloten", "vennootschap"], LegalForm::Limited),
    (&["sendirian", "berhad"], LegalForm::Limited),
    (&["perseroan", "terbatas"], LegalForm::Corporation),
    (&["private", "limited"], LegalForm::Limited),
    (&["proprietary", "limited"], LegalForm::Limited),
    (&["ges", "mbh"], LegalForm::Limited),
    (&["sa", "de", "cv"], LegalForm::Corporation),
    (&["s", "de", "rl"], LegalForm::Limited),
    (&["srl", "de", "cv"], LegalForm::Limited),
    (&["sapi", "de", "cv"], LegalForm::Corporation),
    (&["spolka", "z", "ograniczona", "odpowiedzialnoscia"], LegalForm::Limited),
    (&["spolka", "z", "oo"], LegalForm::Limited),
    (&["sp", "z", "oo"], LegalForm::Limited),
    (&["sp", "zoo"], LegalForm::Limited),
    (&["spol", "s", "ro"], LegalForm::Limited),
    (&["spol", "sro"], LegalForm::Limited),
    (&["sdn", "bhd"], LegalForm::Limited),
    (&["pvt", "ltd"], LegalForm::Limited),
    (&["p", "ltd"], LegalForm::Limited),
    (&["fz", "llc"], LegalForm::LimitedLiability),
    (&["limited", "liability", "limited", "partnership"], LegalForm::LimitedPartnership),
    (&["limited", "liability", "company"], LegalForm::LimitedLiability),
    (&["limited", "liability", "co"], LegalForm::LimitedLiability),
    (&["limited", "liability", "partnership"], LegalForm::LiabilityPartnership),
    (&["gesellschaft", "mit", "beschrankter", "haftung"], LegalForm::Limited),
    (&["a", "joint", "venture"], LegalForm::JointVenture),
    (&["a", "professional", "corporation"], LegalForm::Professional),
    (&["a", "professional", "corp"], LegalForm::Professional),
    (&["a", "law", "corporation"], LegalForm::Professional),
    (&["a", "california", "corporation"], LegalForm::Corporation),
    (&["a", "limited", "partnership"], LegalForm::LimitedPartnership),
    (&["limited", "liability"], LegalForm::LimitedLiability),
    (&["limited", "partnership"], LegalForm::LimitedPartnership),
    (&["professional", "corporation"], LegalForm::Professional),
    (&["professional", "association"], LegalForm::Professional),
    (&["national", "association"], LegalForm::Bank),
    (&["joint", "venture"], LegalForm::JointVenture),
    (&["kabushiki", "kaisha"], LegalForm::Corporation),
    (&["societe", "anonyme"], LegalForm::Corporation),
    (&["j", "v"], LegalForm::JointVenture),
];

type PhrasesByFirstWord =
    HashMap<&'static str, Vec<(&'static [&'static str], LegalForm)>, FixedState>;

static PHRASES_BY_FIRST_WORD: LazyLock<PhrasesByFirstWord> = LazyLock::new(|| {
    let mut phrases = PhrasesByFirstWord::default();
    for (phrase, form) in FORM_PHRASES {
        phrases.entry(phrase[0]).or_default().push((phrase, *form));
    }
    phrases
});

/// The legal form at the start of `words`, and its number of words. A long word after the first may be
/// misspelled by one letter.
pub(super) fn leading_form_phrase(words: &[&str]) -> Option<(LegalForm, usize)> {
    const MIN_MISSPELLED_BYTES: usize = 7;
    let is_near = |(word, written): (&&str, &&str)| {
        word == written
            || (word.len() >= MIN_MISSPELLED_BYTES
                && word.len().abs_diff(written.len()) <= 1
                && strsim::osa_distance(word, written) == 1)
    };
    let phrases = PHRASES_BY_FIRST_WORD.get(words.first()?)?;
    let found = phrases
        .iter()
        .find(|(phrase, _)| phrase.len() <= words.len() && phrase.iter().zip(words).all(is_near))?;
    Some((found.1, found.0.len()))
}
