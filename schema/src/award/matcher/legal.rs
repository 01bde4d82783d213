//! Legal forms: what a firm is in law, told apart from what it is called.

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
pub(crate) fn phrase(words: &[&str]) -> Option<(Form, usize)> {
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
pub(crate) fn cut(word: &str) -> Option<Form> {
    let long = ["corporation", "incorporated", "company", "limited"];
    let form = long.into_iter().find(|form| word.len() >= 3 && form.starts_with(word))?;
    anywhere(form)
}

#[cfg(test)]
mod tests {
    use super::{Form, Forms, anywhere, at_end, phrase};

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
    fn company_agrees_with_every_form() {
        let inc = Forms::default().with(Form::Corporation);
        let company = Forms::default().with(Form::Company);
        let llc = company.with(Form::LimitedLiability);
        assert!(inc.agree(company) && inc.agree(Forms::default()) && company.agree(llc));
        assert!(!inc.agree(llc));
        assert!(inc.has(Form::Corporation) && !inc.is_empty());
    }
}
