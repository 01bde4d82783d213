//! Recognizes legal forms in names and removes them.
mod phrases;

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::fold::Piece;
use crate::lexicon::{self, WordClass};
use phrases::{FORM_PHRASES, leading_form_phrase};

/// The legal forms of a name, as a set of families: `Inc` and `Corporation` are one family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegalForms(u16);

/// A family of legal forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegalForm {
    /// `Inc`, `Corp`, and stock corporations of other countries.
    Corporation = 1,
    /// `Company`, compatible with every form.
    Company = 2,
    /// `LLC`, `LC`.
    LimitedLiability = 4,
    /// `LP`, `LLLP`.
    LimitedPartnership = 8,
    /// `LLP`.
    LiabilityPartnership = 16,
    /// `PC`, `PA`: doctors, lawyers, architects.
    Professional = 32,
    /// `Ltd`, `PLC`, `GmbH` and similar forms of other countries.
    Limited = 64,
    /// `NA`: a national bank.
    Bank = 128,
    /// `JV`.
    JointVenture = 256,
}

impl LegalForms {
    pub(crate) const fn with(self, form: LegalForm) -> Self {
        Self(self.0 | form as u16)
    }

    pub(crate) const fn has(self, form: LegalForm) -> bool {
        self.0 & form as u16 != 0
    }

    /// The set without one family.
    pub(crate) const fn without(self, form: LegalForm) -> Self {
        Self(self.0 & !(form as u16))
    }

    /// The set as one number; 0 if the name has no legal form.
    pub(crate) fn bits(self) -> i64 {
        self.0.into()
    }

    /// Whether the name has no legal form.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether both may be the forms of one firm. `Company` and an omitted form are compatible with
    /// every form.
    #[must_use]
    pub const fn is_compatible_with(self, other: Self) -> bool {
        let mine = self.0 & !(LegalForm::Company as u16);
        let theirs = other.0 & !(LegalForm::Company as u16);
        mine == 0 || theirs == 0 || mine & theirs != 0
    }
}

/// The legal form of a word that is one in any position.
pub(crate) fn form_anywhere(word: &str) -> Option<LegalForm> {
    Some(match word {
        "inc" | "lnc" | "incrprtd" | "crprtn" | "corprtn" | "incorporated" | "incorporation"
        | "incorp" | "corp" | "corporation" | "aktiengesellschaft" | "aktiebolag"
        | "aktiebolaget" | "aktieselskab" | "aksjeselskap" | "osakeyhtio" | "pjsc" | "ojsc"
        | "cjsc" | "jsc" | "oao" | "zao" | "pao" | "fgup" | "kgaa" | "zrt" | "nyrt" | "tbk"
        | "eood" | "reszvenytarsasag" => LegalForm::Corporation,
        "company" | "cmpny" | "cmpy" | "cos" | "compagnie" | "shrka" | "mussa" | "est"
        | "establishment" => LegalForm::Company,
        "llc" | "pllc" | "lllc" | "ooo" | "tov" | "fzllc" => LegalForm::LimitedLiability,
        "lllp" | "rlllp" => LegalForm::LimitedPartnership,
        "llp" | "rllp" => LegalForm::LiabilityPartnership,
        "ltd" | "limited" | "lmtd" | "ltda" | "plc" | "gmbh" | "mbh" | "sarl" | "srl" | "pty"
        | "pte" | "bvba" | "sprl" | "eurl" | "sasu" | "limitada" | "limitee" | "ltee" | "sdn"
        | "bhd" | "berhad" | "gesmbh" | "doo" | "sro" | "kft" | "ehf" | "fze" | "fzco" | "fzc"
        | "wll" | "pvtltd" | "coltd" | "cokg" | "gmbhcokg" => LegalForm::Limited,
        "jv" => LegalForm::JointVenture,
        _ => return misspelled_form(word),
    })
}

/// The legal form that a word misspells by one letter.
fn misspelled_form(word: &str) -> Option<LegalForm> {
    const LONG_FORMS: [(&str, LegalForm); 8] = [
        ("corporation", LegalForm::Corporation),
        ("incorporated", LegalForm::Corporation),
        ("company", LegalForm::Company),
        ("compagnie", LegalForm::Company),
        ("limited", LegalForm::Limited),
        ("aktiengesellschaft", LegalForm::Corporation),
        ("aktiebolaget", LegalForm::Corporation),
        ("aktieselskab", LegalForm::Corporation),
    ];
    let initial = word.bytes().next();
    let mut near = LONG_FORMS
        .into_iter()
        .filter(|(form, _)| word.len().abs_diff(form.len()) <= 1 && initial == form.bytes().next());
    let near = near.find(|(form, _)| strsim::osa_distance(form, word) == 1);
    near.filter(|_| word != "companys").map(|(_, form)| form)
}

/// The legal form of a word that is one only at the end of a name, unlike in `CO Systems` or
/// `SA Recycling`.
pub(crate) fn form_at_end(word: &str) -> Option<LegalForm> {
    Some(match word {
        "co" => LegalForm::Company,
        "lc" => LegalForm::LimitedLiability,
        "lp" => LegalForm::LimitedPartnership,
        "pc" | "pa" | "apc" | "aplc" | "psc" | "chtd" => LegalForm::Professional,
        "sa" | "ag" | "kk" | "spa" | "nv" | "ab" | "oy" | "oyj" | "se" | "asa" | "sca" | "sas"
        | "as" | "ad" | "ao" | "ae" | "dd" | "bsc" | "sal" | "saog" | "psa" | "hf" => {
            LegalForm::Corporation
        }
        "bv" | "kg" | "sl" | "aps" | "ohg" | "pvt" | "cv" | "gk" | "yk" | "lda" | "ood" | "epe"
        | "uab" | "sia" | "ug" | "ou" | "snc" | "gbr" | "vof" => LegalForm::Limited,
        "na" => LegalForm::Bank,
        _ => return None,
    })
}

/// Whether a first word may be a legal form, or initials: `AO Rosmetiz`, `AO Smith`.
pub(crate) fn may_be_leading_form(word: &str) -> bool {
    matches!(
        word,
        "ao" | "pt"
            | "ab"
            | "as"
            | "nv"
            | "sa"
            | "sc"
            | "dp"
            | "pp"
            | "ad"
            | "oy"
            | "uab"
            | "sia"
            | "too"
    )
}

/// The legal form of several words at the start of a name, which English writes only at the end:
/// `Joint Stock Company Rosmetiz`.
fn form_before_name(words: &[&str]) -> Option<(LegalForm, usize)> {
    let found = leading_form_phrase(words)?;
    let is_before = found.1 >= 3
        || matches!(words, ["societe", "anonyme", ..] | ["kabushiki", "kaisha", ..])
        || matches!(words, ["aktsionernoye" | "aktsionernoe", "obshchestvo", ..]);
    (is_before && words.first() != Some(&"a") && words.len() > found.1).then_some(found)
}

/// Legal forms that are also written without a blank after the name.
const GLUED_FORMS: [&str; 9] =
    ["pvtltd", "coltd", "gmbh", "sarl", "pllc", "llc", "ltd", "corp", "inc"];

/// Legal forms that Chinese, Japanese and Korean write without a blank before or after the name.
static UNSPACED_FORMS: LazyLock<Vec<(String, LegalForm)>> = LazyLock::new(|| {
    let forms = [
        ("股份有限公司", LegalForm::Corporation),
        ("株式会社", LegalForm::Corporation),
        ("주식회사", LegalForm::Corporation),
        ("有限公司", LegalForm::Limited),
        ("有限会社", LegalForm::Limited),
    ];
    // Names are decomposed as they are folded.
    forms.into_iter().map(|(form, family)| (form.nfkd().collect(), family)).collect()
});

/// Splits a legal form from the word that it is written together with: `日立製作所` for
/// `株式会社日立製作所`.
fn split_unspaced_form(word: &str) -> Option<(&str, LegalForm)> {
    if word.is_ascii() {
        return None;
    }
    UNSPACED_FORMS.iter().find_map(|(form, family)| {
        let rest = word.strip_prefix(&**form).or_else(|| word.strip_suffix(&**form))?;
        Some((rest, *family))
    })
}

/// Splits a legal form from the word that it is glued to: `ostravia` and `llc` for `ostraviallc`. A word
/// that is known, such as `zinc` or `bancorp`, stays whole.
pub(crate) fn split_glued_form(word: &str) -> Option<(&str, &str)> {
    let form = GLUED_FORMS.iter().find(|form| word.ends_with(**form))?;
    let stem = word.strip_suffix(form)?;
    let is_known = |word: &str| lexicon::is_listed(&lexicon::word_key(word));
    // `Newscorp` and `Dyncorp` are names; `inc` also ends words.
    let min_stem_bytes = match *form {
        "corp" => 6,
        "inc" => 4,
        _ => 3,
    };
    (stem.len() >= min_stem_bytes && !is_known(word)).then_some((stem, form))
}

/// The legal form that a truncated last word begins: `Corpora`.
fn truncated_form(word: &str) -> Option<LegalForm> {
    let long = ["corporation", "incorporated", "company", "limited"];
    let form = long.into_iter().find(|form| word.len() >= 3 && form.starts_with(word))?;
    form_anywhere(form)
}

/// The legal form of several words that truncated last words begin: `Limited Partn`.
fn truncated_form_phrase(words: &[&str]) -> Option<(LegalForm, usize)> {
    let (last, before) = words.split_last()?;
    let found = FORM_PHRASES.iter().find(|(phrase, _)| {
        phrase.starts_with(before)
            && !before.is_empty()
            && phrase.get(before.len()).is_some_and(|word| last.len() > 1 && word.starts_with(last))
    })?;
    Some((found.1, words.len()))
}

fn is_place(word: &str) -> bool {
    lexicon::class_of_key(&lexicon::word_key(word)) == WordClass::Place
}

/// A legal form with its state, such as `a Delaware corporation`, and its number of words.
fn form_with_state(words: &[&str]) -> Option<(LegalForm, usize)> {
    if !matches!(words, ["a" | "an", ..]) {
        return None;
    }
    (2..=3).find_map(|word_count| {
        let state = words.get(word_count - 1).filter(|word| is_place(word));
        let rest = words.get(word_count..).filter(|_| state.is_some())?;
        let form = leading_form_phrase(rest).or_else(|| Some((form_anywhere(rest.first()?)?, 1)));
        form.map(|(form, more)| (form, word_count + more))
    })
}

/// Splits pieces into the words of the name and its legal forms.
pub(crate) fn split_legal_forms(
    pieces: &[Piece],
    is_at_column_width: bool,
) -> (Vec<Piece>, LegalForms) {
    let mut forms = LegalForms::default();
    let mut remaining: Vec<Piece> = Vec::with_capacity(pieces.len());
    let texts: Vec<&str> = pieces.iter().map(|piece| &*piece.text).collect();
    let mut at = 0;
    while at < texts.len() {
        let rest = &texts[at..];
        let found = if at == 0 {
            form_before_name(rest)
        } else {
            leading_form_phrase(rest)
                .or_else(|| form_with_state(rest))
                .or_else(|| is_at_column_width.then(|| truncated_form_phrase(rest))?)
        };
        if let Some((form, word_count)) = found {
            forms = forms.with(form);
            at += word_count;
        } else if let Some(form) = form_anywhere(texts[at]) {
            forms = forms.with(form);
            at += 1;
            // `Zeta Corporation No. 2`: a group numbers several firms of one name.
            if let [_, "no", number, ..] = rest
                && lexicon::class_of_key(number) == WordClass::Number
            {
                remaining.push(Piece { aside: true, ..pieces[at + 1].clone() });
                at += 2;
            }
        } else if let Some((text, form)) = split_unspaced_form(texts[at]) {
            forms = forms.with(form);
            if !text.is_empty() {
                remaining.push(Piece { text: text.to_owned(), ..pieces[at].clone() });
            }
            at += 1;
        } else {
            remaining.push(pieces[at].clone());
            at += 1;
        }
    }
    // A code after the legal form: `Filtrona Corporation, 8401`.
    if !forms.is_empty()
        && remaining.len() > 1
        && texts.last() == remaining.last().map(|last| &*last.text).as_ref()
    {
        let is_code = |piece: &Piece| {
            piece.text.len() >= 4 && piece.text.bytes().all(|byte| byte.is_ascii_digit())
        };
        remaining.pop_if(|last| is_code(last));
    }
    let ends_with_last_word = texts.last() == remaining.last().map(|last| &*last.text).as_ref();
    if is_at_column_width
        && ends_with_last_word
        && remaining.len() > 1
        && let Some(form) = remaining.last().and_then(|last| truncated_form(&last.text))
    {
        forms = forms.with(form);
        remaining.pop();
    }
    while remaining.len() > 1 {
        let last = remaining.last().and_then(|last| form_at_end(&last.text));
        let Some(form) = last else { break };
        forms = forms.with(form);
        remaining.pop();
        remaining.pop_if(|last| last.text == "&");
    }
    (remaining, forms)
}

#[cfg(test)]
mod tests {
    use super::{
        LegalForm, LegalForms, form_anywhere, form_at_end, form_with_state, leading_form_phrase,
        truncated_form_phrase,
    };

    #[test]
    fn legal_forms_are_recognized() {
        assert_eq!(form_anywhere("inc"), Some(LegalForm::Corporation));
        assert_eq!(form_anywhere("gmbh"), Some(LegalForm::Limited));
        assert_eq!(form_anywhere("sa"), None);
        assert_eq!(form_at_end("sa"), Some(LegalForm::Corporation));
        let words = ["limited", "liability", "company", "x"];
        assert_eq!(leading_form_phrase(&words), Some((LegalForm::LimitedLiability, 3)));
    }

    #[test]
    fn truncated_forms_and_forms_with_a_state_are_recognized() {
        assert_eq!(
            truncated_form_phrase(&["limited", "partn"]),
            Some((LegalForm::LimitedPartnership, 2))
        );
        assert_eq!(truncated_form_phrase(&["limited"]), None);
        assert_eq!(truncated_form_phrase(&["joint", "v"]), None);
        assert_eq!(
            form_with_state(&["a", "texas", "corporation", "x"]),
            Some((LegalForm::Corporation, 3))
        );
        let words = ["a", "new", "york", "limited", "partnership"];
        assert_eq!(form_with_state(&words), Some((LegalForm::LimitedPartnership, 5)));
        assert_eq!(form_with_state(&["a", "texas", "fence", "corporation"]), None);
    }

    #[test]
    fn company_is_compatible_with_every_form() {
        let inc = LegalForms::default().with(LegalForm::Corporation);
        let company = LegalForms::default().with(LegalForm::Company);
        let llc = company.with(LegalForm::LimitedLiability);
        assert!(
            inc.is_compatible_with(company)
                && inc.is_compatible_with(LegalForms::default())
                && company.is_compatible_with(llc)
        );
        assert!(!inc.is_compatible_with(llc));
        assert!(inc.has(LegalForm::Corporation) && !inc.is_empty());
    }
}
