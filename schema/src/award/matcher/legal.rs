//! Legal forms: what a firm is in law, told apart from what it is called.
use crate::award::matcher::lexicon::{self, Class};
use crate::fold::Piece;

/// The legal forms a name carries, as a set of families: `Inc` and `Corporation` are one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms(u16);

/// A family of legal forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `Inc`, `Corp`, and the forms of other countries that are share companies.
    Corporation = 1,
    /// `Company`, which any firm may write.
    Company = 2,
    /// `LLC`, `LC`.
    LimitedLiability = 4,
    /// `LP`, `LLLP`.
    LimitedPartnership = 8,
    /// `LLP`.
    LiabilityPartnership = 16,
    /// `PC`, `PA`: doctors, lawyers, architects.
    Professional = 32,
    /// `Ltd`, `PLC`, `GmbH` and their like abroad.
    Limited = 64,
    /// `NA`: a national bank.
    Bank = 128,
    /// `JV`.
    JointVenture = 256,
}

impl Forms {
    pub(crate) const fn with(self, form: Form) -> Self {
        Self(self.0 | form as u16)
    }

    pub(crate) const fn has(self, form: Form) -> bool {
        self.0 & form as u16 != 0
    }

    /// Whether no form was written.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the two can stand for one firm as written: `Company` agrees with every form, and a
    /// form left out with any.
    #[must_use]
    pub const fn agree(self, other: Self) -> bool {
        let mine = self.0 & !(Form::Company as u16);
        let theirs = other.0 & !(Form::Company as u16);
        mine == 0 || theirs == 0 || mine & theirs != 0
    }
}

/// Forms of several words, longest first.
const PHRASES: &[(&[&str], Form)] = &[
    (&["limited", "liability", "limited", "partnership"], Form::LimitedPartnership),
    (&["limited", "liability", "company"], Form::LimitedLiability),
    (&["limited", "liability", "co"], Form::LimitedLiability),
    (&["limited", "liability", "partnership"], Form::LiabilityPartnership),
    (&["gesellschaft", "mit", "beschrankter", "haftung"], Form::Limited),
    (&["a", "joint", "venture"], Form::JointVenture),
    (&["a", "professional", "corporation"], Form::Professional),
    (&["a", "professional", "corp"], Form::Professional),
    (&["a", "law", "corporation"], Form::Professional),
    (&["a", "california", "corporation"], Form::Corporation),
    (&["a", "limited", "partnership"], Form::LimitedPartnership),
    (&["limited", "liability"], Form::LimitedLiability),
    (&["limited", "partnership"], Form::LimitedPartnership),
    (&["professional", "corporation"], Form::Professional),
    (&["professional", "association"], Form::Professional),
    (&["national", "association"], Form::Bank),
    (&["joint", "venture"], Form::JointVenture),
    (&["kabushiki", "kaisha"], Form::Corporation),
    (&["societe", "anonyme"], Form::Corporation),
    (&["j", "v"], Form::JointVenture),
];

/// The form that begins `words`, and how many of them it takes.
fn phrase(words: &[&str]) -> Option<(Form, usize)> {
    let found = PHRASES.iter().find(|(phrase, _)| words.starts_with(phrase))?;
    Some((found.1, found.0.len()))
}

/// The form a word stands for wherever it is written.
pub(crate) fn anywhere(word: &str) -> Option<Form> {
    Some(match word {
        "inc" | "lnc" | "incorporated" | "incorporation" | "incorp" | "corp" | "corporation"
        | "aktiengesellschaft" | "aktiebolag" | "aktieselskab" => Form::Corporation,
        "company" | "cos" | "compagnie" => Form::Company,
        "llc" | "pllc" | "lllc" => Form::LimitedLiability,
        "lllp" | "rlllp" => Form::LimitedPartnership,
        "llp" | "rllp" => Form::LiabilityPartnership,
        "ltd" | "limited" | "ltda" | "plc" | "gmbh" | "mbh" | "sarl" | "srl" | "pty" | "pte"
        | "bvba" | "limitada" | "limitee" | "ltee" => Form::Limited,
        "jv" => Form::JointVenture,
        _ => return misspelt(word),
    })
}

/// Forms long enough to be known by with a letter wrong.
fn misspelt(word: &str) -> Option<Form> {
    let long = [
        ("corporation", Form::Corporation),
        ("incorporated", Form::Corporation),
        ("company", Form::Company),
        ("compagnie", Form::Company),
        ("limited", Form::Limited),
    ];
    let (form, initial) = (long.into_iter(), word.bytes().next());
    let mut near = form
        .filter(|(form, _)| word.len().abs_diff(form.len()) <= 1 && initial == form.bytes().next());
    let near = near.find(|(form, _)| strsim::osa_distance(form, word) == 1);
    near.filter(|_| word != "companys").map(|(_, form)| form)
}

/// The form a word stands for at the end of a name only: in `CO Systems` or `SA Recycling` it is
/// none.
pub(crate) fn at_end(word: &str) -> Option<Form> {
    Some(match word {
        "co" => Form::Company,
        "lc" => Form::LimitedLiability,
        "lp" => Form::LimitedPartnership,
        "pc" | "pa" | "apc" | "aplc" | "psc" | "chtd" => Form::Professional,
        "sa" | "ag" | "kk" | "spa" | "nv" | "ab" | "oy" | "oyj" | "se" | "asa" | "sca" | "sas"
        | "kgaa" => Form::Corporation,
        "bv" | "kg" | "sl" | "aps" | "ohg" | "bhd" | "pvt" | "cv" => Form::Limited,
        "na" => Form::Bank,
        _ => return None,
    })
}

/// The form that a word begins, where a name is cut at a column's width: `Corpora`.
fn cut(word: &str) -> Option<Form> {
    let long = ["corporation", "incorporated", "company", "limited"];
    let form = long.into_iter().find(|form| word.len() >= 3 && form.starts_with(word))?;
    anywhere(form)
}

/// The form of several words that a name is cut in: `Limited Partn`.
fn cut_phrase(words: &[&str]) -> Option<(Form, usize)> {
    let (last, before) = words.split_last()?;
    let found = PHRASES.iter().find(|(phrase, _)| {
        phrase.starts_with(before)
            && !before.is_empty()
            && phrase.get(before.len()).is_some_and(|word| last.len() > 1 && word.starts_with(last))
    })?;
    Some((found.1, words.len()))
}

fn is_place(word: &str) -> bool {
    lexicon::class(&lexicon::key(word)) == Class::Place
}

/// The form with the state whose law it is under, `a Delaware corporation`, and how many words
/// they take.
fn seated(words: &[&str]) -> Option<(Form, usize)> {
    if !matches!(words, ["a" | "an", ..]) {
        return None;
    }
    (2..=3).find_map(|taken| {
        let state = words.get(taken - 1).filter(|word| is_place(word));
        let rest = words.get(taken..).filter(|_| state.is_some())?;
        let form = phrase(rest).or_else(|| Some((anywhere(rest.first()?)?, 1)));
        form.map(|(form, more)| (form, taken + more))
    })
}

/// Takes the legal forms out.
pub(crate) fn without_forms(pieces: &[Piece], at_width: bool) -> (Vec<Piece>, Forms) {
    let mut forms = Forms::default();
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    let texts: Vec<&str> = pieces.iter().map(|piece| &*piece.text).collect();
    let mut at = 0;
    while at < texts.len() {
        let rest = &texts[at..];
        let found = if at == 0 {
            None
        } else {
            phrase(rest).or_else(|| seated(rest)).or_else(|| at_width.then(|| cut_phrase(rest))?)
        };
        if let Some((form, taken)) = found {
            forms = forms.with(form);
            at += taken;
        } else if let Some(form) = anywhere(texts[at]) {
            forms = forms.with(form);
            at += 1;
            // `Zeta Corporation No. 2` is one of several that a group has under one name.
            if let [_, "no", number, ..] = rest
                && lexicon::class(number) == Class::Number
            {
                kept.push(Piece { aside: true, ..pieces[at + 1].clone() });
                at += 2;
            }
        } else {
            kept.push(pieces[at].clone());
            at += 1;
        }
    }
    // A code behind the form: `Filtrona Corporation, 8401`.
    if !forms.is_empty()
        && kept.len() > 1
        && texts.last() == kept.last().map(|last| &*last.text).as_ref()
    {
        let code = |piece: &Piece| {
            piece.text.len() >= 4 && piece.text.bytes().all(|byte| byte.is_ascii_digit())
        };
        kept.pop_if(|last| code(last));
    }
    let cut_within = texts.last() == kept.last().map(|last| &*last.text).as_ref();
    if at_width
        && cut_within
        && kept.len() > 1
        && let Some(form) = kept.last().and_then(|last| cut(&last.text))
    {
        forms = forms.with(form);
        kept.pop();
    }
    while kept.len() > 1 {
        let last = kept.last().and_then(|last| at_end(&last.text));
        let Some(form) = last else { break };
        forms = forms.with(form);
        kept.pop();
        kept.pop_if(|last| last.text == "&");
    }
    (kept, forms)
}

#[cfg(test)]
mod tests {
    use super::{Form, Forms, anywhere, at_end, cut_phrase, phrase, seated};

    #[test]
    fn forms_are_found() {
        assert_eq!(anywhere("inc"), Some(Form::Corporation));
        assert_eq!(anywhere("gmbh"), Some(Form::Limited));
        assert_eq!(anywhere("sa"), None);
        assert_eq!(at_end("sa"), Some(Form::Corporation));
        let words = ["limited", "liability", "company", "x"];
        assert_eq!(phrase(&words), Some((Form::LimitedLiability, 3)));
    }

    #[test]
    fn forms_are_cut_and_have_a_state() {
        assert_eq!(cut_phrase(&["limited", "partn"]), Some((Form::LimitedPartnership, 2)));
        assert_eq!(cut_phrase(&["limited"]), None);
        assert_eq!(cut_phrase(&["joint", "v"]), None);
        assert_eq!(seated(&["a", "texas", "corporation", "x"]), Some((Form::Corporation, 3)));
        let words = ["a", "new", "york", "limited", "partnership"];
        assert_eq!(seated(&words), Some((Form::LimitedPartnership, 5)));
        assert_eq!(seated(&["a", "texas", "fence", "corporation"]), None);
    }

    #[test]
    fn company_agrees_with_every_form() {
        let inc = Forms::default().with(Form::Corporation);
        let company = Forms::default().with(Form::Company);
        let llc = company.with(Form::LimitedLiability);
        assert!(inc.agree(company) && inc.agree(Forms::default()) && company.agree(llc));
        assert!(!inc.agree(llc));
        assert!(inc.has(Form::Corporation) && !inc.is_empty());
    }
}
