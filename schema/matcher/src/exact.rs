//! Equality of exact names: without case, accents, blanks and punctuation, where a missing legal form
//! fits any, but a limited liability company is not a corporation.
use crate::fold::{Piece, folded, pieces};
use crate::legal_form::{LegalForm, form_anywhere, form_at_end, split_legal_forms};

/// A name in the form that exact names are compared in. Two spellings of a name have the same core and
/// the same legal forms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExactName {
    core: String,
    forms: i64,
}

impl ExactName {
    /// Folds a name and splits it into its core and its legal forms. A name that consists of legal forms
    /// alone, such as `The Limited`, keeps them in its core.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let pieces = join_spelled_form(pieces(name));
        let last = pieces.last().cloned();
        let (mut words, forms) = split_legal_forms(&pieces, false);
        // The matcher ignores a code after the legal form, but it distinguishes exact names.
        if let Some(last) = last
            && last.text.bytes().all(|byte| byte.is_ascii_digit())
            && words.last().is_none_or(|word| word.text != last.text)
        {
            words.push(last);
        }
        let is_and = |piece: &Piece| piece.text == "&" || piece.text == "and";
        if words.iter().all(is_and) {
            return Self { core: folded(name), forms: 0 };
        }
        let texts = words.iter().map(|it| if is_and(it) { "and" } else { &*it.text });
        let mut core: String = texts.collect();
        // Every form of firm is called a company, so the word is part of the name.
        if forms.has(LegalForm::Company) {
            core.push_str("company");
        }
        Self { core, forms: forms.without(LegalForm::Company).bits() }
    }

    /// Returns the name as it was stored: see [`Self::core`] and [`Self::forms`].
    #[must_use]
    pub const fn from_parts(core: String, forms: i64) -> Self {
        Self { core, forms }
    }

    /// The name without its legal forms.
    #[must_use]
    pub fn core(&self) -> &str {
        &self.core
    }

    /// The set of its legal forms, as one number; 0 if it has none.
    #[must_use]
    pub const fn forms(&self) -> i64 {
        self.forms
    }

    /// Whether both are one name: the cores are equal, and the legal forms too unless one name has none.
    #[must_use]
    pub fn fits(&self, other: &Self) -> bool {
        self.core == other.core
            && (self.forms == other.forms || self.forms == 0 || other.forms == 0)
    }
}

/// Joins the letters of a legal form that is spelled out at the end, such as `L. L. C.`.
fn join_spelled_form(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let is_letter = |piece: &Piece| {
        piece.text.len() == 1 && piece.text.bytes().all(|it| it.is_ascii_lowercase())
    };
    let run = pieces.iter().rev().take_while(|piece| is_letter(piece)).count();
    for length in (2..=run.min(5)).rev() {
        let start = pieces.len() - length;
        let joined: String = pieces[start..].iter().map(|piece| &*piece.text).collect();
        if start > 0 && form_anywhere(&joined).or_else(|| form_at_end(&joined)).is_some() {
            pieces.truncate(start + 1);
            pieces[start].text = joined;
            break;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::ExactName;

    fn fits(left: &str, right: &str) -> bool {
        let (left, right) = (ExactName::new(left), ExactName::new(right));
        assert_eq!(left.fits(&right), right.fits(&left));
        left.fits(&right)
    }

    #[test]
    fn spellings_of_one_name_fit() {
        for (left, right) in [
            ("Acme Paint LLC", "ACME  PAINT, L.L.C."),
            ("Acme Paint LLC", "acme-paint l l c"),
            ("Acme Paint LLC", "Acme Paint Limited Liability Company"),
            ("Acme Paint, Inc.", "Acme Paint Incorporated"),
            ("Acme Paint", "Acme Paint LLC"),
            ("Acme Paint", "Acme Paint Inc"),
            ("Salt & Pepper", "Salt and Pepper"),
            ("O'Brien's Plumbing", "OBRIENS PLUMBING"),
            ("Añejo Söhne GmbH", "anejo sohne gmbh"),
            ("Plan B L.L.C.", "Plan B, LLC"),
            ("Acme Co", "Acme Company LLC"),
            ("Acme Co., Inc.", "ACME COMPANY INC"),
            ("東京電力", " 東京 電力 "),
        ] {
            assert!(fits(left, right), "{left} = {right}");
        }
    }

    #[test]
    fn other_names_do_not_fit() {
        for (left, right) in [
            ("Acme Paint LLC", "Acme Paint Inc"),
            ("Acme Paint LLC", "Acme Paint LP"),
            ("Acme Paint", "Acme Paints"),
            ("Acme Co", "Acme LLC"),
            ("Acme Company Inc", "Acme Inc"),
            ("Acme Paint Inc", "Acme Paint Inc 8401"),
            ("Acme 1 LLC", "Acme 2 LLC"),
            ("LLC", "Inc"),
            ("東京電力", "東京"),
            ("--", "&"),
        ] {
            assert!(!fits(left, right), "{left} <> {right}");
        }
    }

    proptest! {
        #[test]
        fn case_blanks_and_punctuation_change_nothing(name in "[A-Z][a-z]{1,8}( [A-Za-z0-9&]{1,9}){0,4}") {
            let plain = ExactName::new(&name);
            assert_eq!(ExactName::new(&name.to_uppercase()), plain);
            assert_eq!(ExactName::new(&format!("  {}.", name.replace(' ', "  "))), plain);
            assert_eq!(ExactName::new(&name.replace(' ', ", ")), plain);
            assert!(plain.fits(&plain));
        }

        #[test]
        fn no_name_panics_and_none_is_empty(name in any::<String>()) {
            let exact = ExactName::new(&name);
            assert_eq!(exact.core().is_empty(), name.trim().is_empty());
        }
    }
}
