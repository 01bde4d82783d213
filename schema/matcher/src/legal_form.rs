//! Recognizes legal forms in names and removes them.
use crate::fold::Piece;
use crate::lexicon::{self, WordClass};

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

/// Legal forms of several words, longest first.
const FORM_PHRASES: &[(&[&str], LegalForm)] = &[
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

/// The legal form at the start of `words`, and its number of words.
fn leading_form_phrase(words: &[&str]) -> Option<(LegalForm, usize)> {
    let found = FORM_PHRASES.iter().find(|(phrase, _)| words.starts_with(phrase))?;
    Some((found.1, found.0.len()))
}

/// The legal form of a word that is one in any position.
pub(crate) fn form_anywhere(word: &str) -> Option<LegalForm> {
    Some(match word {
        "inc" | "lnc" | "incorporated" | "incorporation" | "incorp" | "corp" | "corporation"
        | "aktiengesellschaft" | "aktiebolag" | "aktieselskab" => LegalForm::Corporation,
        "company" | "cos" | "compagnie" => LegalForm::Company,
        "llc" | "pllc" | "lllc" => LegalForm::LimitedLiability,
        "lllp" | "rlllp" => LegalForm::LimitedPartnership,
        "llp" | "rllp" => LegalForm::LiabilityPartnership,
        "ltd" | "limited" | "ltda" | "plc" | "gmbh" | "mbh" | "sarl" | "srl" | "pty" | "pte"
        | "bvba" | "limitada" | "limitee" | "ltee" => LegalForm::Limited,
        "jv" => LegalForm::JointVenture,
        _ => return misspelled_form(word),
    })
}

/// The legal form that a word misspells by one letter.
fn misspelled_form(word: &str) -> Option<LegalForm> {
    let long = [
        ("corporation", LegalForm::Corporation),
        ("incorporated", LegalForm::Corporation),
        ("company", LegalForm::Company),
        ("compagnie", LegalForm::Company),
        ("limited", LegalForm::Limited),
    ];
    let (form, initial) = (long.into_iter(), word.bytes().next());
    let mut near = form
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
        | "kgaa" => LegalForm::Corporation,
        "bv" | "kg" | "sl" | "aps" | "ohg" | "bhd" | "pvt" | "cv" => LegalForm::Limited,
        "na" => LegalForm::Bank,
        _ => return None,
    })
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
            None
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
