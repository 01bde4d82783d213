//! Where an issuer's tokens have what Candor needs, and in which form.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use candor_schema::organization::model::Role;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::claims::seconds;
use super::{Claims, TokenError};

/// The longest path, in names.
const MAX_PATH_NAMES: usize = 8;

/// Where a claim is: the name of a claim, and of the members inside it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PathText")]
pub struct ClaimPath(Vec<String>);

/// A path as an operator writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum PathText {
    Text(String),
    Names(Vec<String>),
}

impl TryFrom<PathText> for ClaimPath {
    type Error = String;

    fn try_from(path: PathText) -> Result<Self, String> {
        let names = match path {
            // A namespaced claim is a URL, and its dots are part of its name.
            PathText::Text(text) if text.contains('/') => vec![text],
            PathText::Text(text) => text.split('.').map(str::to_owned).collect(),
            PathText::Names(names) => names,
        };
        if names.is_empty() || names.len() > MAX_PATH_NAMES || names.iter().any(String::is_empty) {
            return Err(format!(
                "a claim is named as \"roles\", \"realm_access.roles\", \"https://city.example/roles\" \
                 or [\"resource_access\", \"candor.example\", \"roles\"], with 1 to {MAX_PATH_NAMES} \
                 names of which none is empty"
            ));
        }
        Ok(Self(names))
    }
}

impl ClaimPath {
    fn of(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Returns the value at this path; none if it is missing.
    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Result<Option<&'a Value>, TokenError> {
        let mut object = claims;
        for depth in 1..=self.0.len() {
            match object.get(&self.0[depth - 1]) {
                None => return Ok(None),
                Some(value) if depth == self.0.len() => return Ok(Some(value)),
                Some(Value::Object(inner)) => object = inner,
                Some(_) => {
                    let parent = Self(self.0[..depth].to_vec());
                    return Err(parent.invalid("is not an object"));
                }
            }
        }
        Ok(None)
    }

    fn invalid(&self, problem: &'static str) -> TokenError {
        TokenError::InvalidClaim(self.to_string(), problem)
    }

    /// Returns the text at this path; none if it is missing.
    fn find_text(&self, claims: &Map<String, Value>) -> Result<Option<String>, TokenError> {
        match self.find(claims)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.invalid("is not text")),
        }
    }

    fn require_text(&self, claims: &Map<String, Value>) -> Result<String, TokenError> {
        self.find_text(claims)?.ok_or_else(|| self.invalid("is missing"))
    }

    fn find_seconds(&self, claims: &Map<String, Value>) -> Result<Option<i64>, TokenError> {
        let Some(value) = self.find(claims)? else { return Ok(None) };
        seconds(value).map(Some).ok_or_else(|| self.invalid("is not a number of seconds"))
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// Where an issuer's tokens have the claims that are not the same everywhere. The default are the
/// names of OpenID Connect Core 1.0 (section 5.1), and `roles` (RFC 9068, section 2.2.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimMapping {
    /// A list of texts, or one text with blanks or commas between the names.
    pub roles: ClaimPath,
    pub email: ClaimPath,
    pub email_verified: ClaimPath,
    /// Whether `email_verified` may be the text `true`, `false`, `1` or `0`.
    pub email_verified_as_text: bool,
    pub name: ClaimPath,
}

impl Default for ClaimMapping {
    fn default() -> Self {
        Self {
            roles: ClaimPath::of("roles"),
            email: ClaimPath::of("email"),
            email_verified: ClaimPath::of("email_verified"),
            email_verified_as_text: false,
            name: ClaimPath::of("name"),
        }
    }
}

impl ClaimMapping {
    /// Reads the claims of a token. Of its roles it keeps those that are in `granted`; `role_names`
    /// are the issuer's names of roles, or empty if it uses Candor's.
    ///
    /// # Errors
    /// `InvalidClaim` if a claim is missing or has another type than it must.
    pub(super) fn read(
        &self,
        claims: &Map<String, Value>,
        granted: &BTreeSet<Role>,
        role_names: &BTreeMap<String, Role>,
    ) -> Result<Claims, TokenError> {
        let names = self.role_values(claims)?;
        let find = |name: &String| {
            if role_names.is_empty() {
                Claims::find_role(name)
            } else {
                role_names.get(name).copied()
            }
        };
        let roles = names.iter().filter_map(find).filter(|role| granted.contains(role));
        let roles = roles.collect::<BTreeSet<_>>();
        let exp = ClaimPath::of("exp");
        Ok(Claims {
            sub: ClaimPath::of("sub").require_text(claims)?,
            iss: ClaimPath::of("iss").require_text(claims)?,
            aud: audiences(claims)?,
            exp: exp.find_seconds(claims)?.ok_or_else(|| exp.invalid("is missing"))?,
            nbf: ClaimPath::of("nbf").find_seconds(claims)?,
            iat: ClaimPath::of("iat").find_seconds(claims)?,
            email: self.email.find_text(claims)?,
            email_verified: self.is_email_verified(claims)?,
            // Nothing depends on the name: one of another type is no reason to refuse the token.
            name: self.name.find_text(claims).unwrap_or_default(),
            roles: roles.into_iter().map(Claims::role).collect(),
        })
    }

    fn role_values(&self, claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
        match self.roles.find(claims)? {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => {
                let names = text.split(|it: char| it == ',' || it.is_whitespace());
                Ok(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
            }
            Some(Value::Array(values)) => {
                let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
                let texts = texts.collect::<Option<Vec<_>>>();
                texts.ok_or_else(|| self.roles.invalid("has a value that is not text"))
            }
            Some(_) => Err(self.roles.invalid("is neither a list nor text")),
        }
    }

    fn is_email_verified(&self, claims: &Map<String, Value>) -> Result<bool, TokenError> {
        match self.email_verified.find(claims)? {
            None => Ok(false),
            Some(Value::Bool(is_verified)) => Ok(*is_verified),
            Some(Value::String(text)) if self.email_verified_as_text => match text.as_str() {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                _ => Err(self.email_verified.invalid("is neither true nor false")),
            },
            Some(_) => Err(self.email_verified.invalid("is neither true nor false")),
        }
    }
}

/// The audience of a token: one text, or a list of them (RFC 7519, section 4.1.3).
fn audiences(claims: &Map<String, Value>) -> Result<Vec<String>, TokenError> {
    let aud = ClaimPath::of("aud");
    let audiences = match aud.find(claims)? {
        None => return Err(aud.invalid("is missing")),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(values)) => {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
        }
        Some(_) => None,
    };
    audiences.ok_or_else(|| aud.invalid("is neither text nor a list of texts"))
}
