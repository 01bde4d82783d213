//! Parameters of query strings and forms: each known, at most once.
use std::collections::BTreeMap;

use axum::http::StatusCode;

use super::problem::Problem;

/// The longest query string or form, in bytes.
pub(super) const MAX_QUERY_BYTES: usize = 64 * 1024;

/// The parameters of a query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Parses a query string or a form (application/x-www-form-urlencoded) with parameters of these
    /// names.
    ///
    /// # Errors
    /// 400 for a parameter that is unknown or given twice, and for a query string that is too long.
    pub(super) fn parse(text: &[u8], known: &[&str]) -> Result<Self, Problem> {
        let malformed = |message: String| Err(Problem::new(StatusCode::BAD_REQUEST, message));
        if text.len() > MAX_QUERY_BYTES {
            return malformed(format!(
                "The parameters are longer than {} KiB.",
                MAX_QUERY_BYTES / 1024
            ));
        }
        let mut values = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text) {
            if !known.contains(&&*name) {
                let name = name.chars().take(40).collect::<String>();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                return malformed(format!(
                    "There is no parameter {name:?} here. The parameters are: {known}."
                ));
            }
            if values.insert(name.to_string(), value.into_owned()).is_some() {
                return malformed(format!("Send the parameter {name} once."));
            }
        }
        Ok(Self(values))
    }

    /// Takes a parameter; `None` if it was not given.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_QUERY_BYTES, Parameters};

    #[test]
    fn parameters_are_known_and_given_once() {
        let mut parsed = Parameters::parse(b"a=1%202&b=", &["a", "b", "c"]).expect("parameters");
        assert_eq!(parsed.take("a").as_deref(), Some("1 2"));
        assert_eq!(parsed.take("b").as_deref(), Some(""));
        assert_eq!(parsed.take("c"), None);
        let long = format!("a={}", "x".repeat(MAX_QUERY_BYTES));
        for wrong in ["d=1", "a=1&a=2", "A=1", &*long] {
            assert!(Parameters::parse(wrong.as_bytes(), &["a"]).is_err(), "{wrong}");
        }
    }
}
