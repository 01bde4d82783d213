//! The issuers whose tokens are accepted, as an operator configures them (TOML).
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use candor_schema::organization::model::Role;
use candor_schema::principal::validate_issuer;
use reqwest::Url;
use serde::Deserialize;

use super::{ClaimMapping, Claims};

/// The most issuers.
const MAX_ISSUERS: usize = 20;
/// The most characters of an issuer's name.
const MAX_NAME_CHARS: usize = 100;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSettings {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// How people know it, such as `City staff`; the 401 answer names it.
    pub name: Option<String>,
    /// The page on which people sign in; none if it is the issuer's own address.
    pub sign_in: Option<String>,
    /// The audiences (`aud`) of which a token must have one.
    pub audiences: Vec<String>,
    pub keys: KeyLocation,
    pub profile: Profile,
    /// The roles that it may grant. Others in its tokens are ignored.
    pub roles: BTreeSet<Role>,
    /// Its names of roles, such as names or ids of groups; empty if it uses Candor's.
    pub role_names: BTreeMap<String, Role>,
    pub claims: ClaimMapping,
}

/// Where an issuer's key set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyLocation {
    File(PathBuf),
    /// `https`, or `http` on a loopback address.
    Address(Url),
}

/// Which tokens are access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Those of RFC 9068 alone: `typ` is `at+jwt`, and `iss`, `exp`, `aud`, `sub`, `client_id`, `iat` and
    /// `jti` are there.
    #[default]
    Strict,
    /// Also those with `typ` `JWT` or none, if they have a claim that only access tokens have.
    Relaxed,
}

/// The file of `CANDOR_AUTH_ISSUERS`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuersFile {
    #[serde(default)]
    issuer: Vec<IssuerText>,
}

/// One `[[issuer]]` of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IssuerText {
    issuer: String,
    name: Option<String>,
    sign_in: Option<String>,
    audience: OneOrMany,
    jwks: String,
    #[serde(default)]
    profile: Profile,
    roles: Vec<String>,
    #[serde(default)]
    role_names: BTreeMap<String, String>,
    #[serde(default)]
    claims: ClaimMapping,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl IssuerSettings {
    /// Creates an issuer that may grant every role, with tokens as RFC 9068 defines them.
    ///
    /// # Errors
    /// What is wrong, without the name of the setting.
    pub fn new(issuer: String, audience: String, jwks: &str) -> Result<Self> {
        let settings = Self {
            keys: KeyLocation::parse(jwks, None)?,
            issuer,
            name: None,
            sign_in: None,
            audiences: vec![audience],
            profile: Profile::Strict,
            roles: Role::ALL.iter().copied().collect(),
            role_names: BTreeMap::new(),
            claims: ClaimMapping::default(),
        };
        settings.validate()?;
        Ok(settings)
    }

    /// Parses the issuers of a file in `directory`, in which relative paths begin.
    ///
    /// # Errors
    /// With the issuer, the key and what to do.
    pub fn parse_file(text: &str, directory: &Path) -> Result<Vec<Self>> {
        let file: IssuersFile = toml::from_str(text)?;
        ensure!(
            !file.issuer.is_empty(),
            "it names no issuer; add one that begins with [[issuer]], as docs/operations.md shows"
        );
        ensure!(file.issuer.len() <= MAX_ISSUERS, "it names more than {MAX_ISSUERS} issuers");
        let mut all = Vec::<Self>::new();
        for one in file.issuer {
            let issuer = one.issuer.clone();
            let settings = Self::from_text(one, directory);
            let settings = settings.with_context(|| format!("issuer {issuer:?}"))?;
            ensure!(
                all.iter().all(|other| other.issuer != issuer),
                "it names the issuer {issuer:?} twice; its key set and audiences belong together"
            );
            all.push(settings);
        }
        Ok(all)
    }

    fn from_text(text: IssuerText, directory: &Path) -> Result<Self> {
        let roles = text.roles.iter().map(|name| role("roles", name));
        let names = text.role_names.iter();
        let names = names.map(|(name, of)| Ok((name.clone(), role("role_names", of)?)));
        let settings = Self {
            issuer: text.issuer,
            name: text.name,
            sign_in: text.sign_in,
            audiences: match text.audience {
                OneOrMany::One(audience) => vec![audience],
                OneOrMany::Many(audiences) => audiences,
            },
            keys: KeyLocation::parse(&text.jwks, Some(directory)).context("jwks")?,
            profile: text.profile,
            roles: roles.collect::<Result<_>>()?,
            role_names: names.collect::<Result<_>>()?,
            claims: text.claims,
        };
        settings.validate()?;
        Ok(settings)
    }

    fn validate(&self) -> Result<()> {
        if let Err(why) = validate_issuer(&self.issuer) {
            bail!(
                "no token can have the issuer {:?}: {why}. Give the iss of your issuer's tokens",
                self.issuer
            );
        }
        ensure!(
            !self.audiences.is_empty() && !self.audiences.iter().any(String::is_empty),
            "audience is empty; give the aud that your issuer puts into tokens for Candor"
        );
        ensure!(
            !self.roles.is_empty(),
            "roles is empty, so nobody could do anything; list the roles that the issuer may grant, \
             such as [\"bidder\"]"
        );
        if let Some((name, role)) = self.role_names.iter().find(|(_, it)| !self.roles.contains(it))
        {
            bail!(
                "role_names maps {name:?} to {:?}, which roles does not list; add it there if the \
                 issuer may grant it",
                Claims::role(*role)
            );
        }
        for (key, text) in [("name", &self.name), ("sign_in", &self.sign_in)] {
            let Some(text) = text else { continue };
            ensure!(
                !text.trim().is_empty()
                    && text.chars().count() <= MAX_NAME_CHARS
                    && !text.chars().any(char::is_control),
                "{key} must have 1 to {MAX_NAME_CHARS} characters in one line"
            );
        }
        if let Some(page) = &self.sign_in {
            let url = Url::parse(page);
            ensure!(
                url.is_ok_and(|url| ["http", "https"].contains(&url.scheme())),
                "sign_in is {page:?}; give the https address of the page on which people sign in"
            );
        }
        Ok(())
    }

    /// Returns where people sign in, as a part of a sentence: `City staff (https://…)`.
    #[must_use]
    pub fn where_to_sign_in(&self) -> String {
        let address = self.sign_in.as_ref().unwrap_or(&self.issuer);
        match &self.name {
            Some(name) => format!("{name} ({address})"),
            None => address.clone(),
        }
    }
}

/// Returns the role with this name in a setting.
fn role(key: &str, name: &str) -> Result<Role> {
    Claims::find_role(name).with_context(|| {
        let known = Role::ALL.iter().map(|role| Claims::role(*role)).collect::<Vec<_>>();
        format!("{key} has {name:?}, which is no role; the roles are {}", known.join(", "))
    })
}

impl KeyLocation {
    /// Parses an address or a path, which begins in `directory` if it is relative.
    ///
    /// # Errors
    /// If an address is not `https`, has a user or a fragment, or the text is empty.
    pub fn parse(text: &str, directory: Option<&Path>) -> Result<Self> {
        ensure!(!text.is_empty(), "it is empty; give the https address or the file of the key set");
        if !text.contains("://") {
            return Ok(Self::File(directory.map_or_else(|| text.into(), |it| it.join(text))));
        }
        let url = Url::parse(text).with_context(|| format!("{text:?} is not an address"))?;
        ensure!(
            url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url),
            "{text:?} is not an https address; whoever is on the way could give you other keys. Give \
             the issuer's https address, or download the key set and give the path of the file"
        );
        ensure!(
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none(),
            "the address must have no user, password or fragment; a key set is public"
        );
        Ok(Self::Address(url))
    }
}

impl std::fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Address(url) => write!(f, "{url}"),
        }
    }
}

/// Returns whether a URL names this machine by its address or as `localhost`.
pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|it| it.to_canonical().is_loopback())
}
