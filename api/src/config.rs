//! Configuration. Only this module reads the environment.
mod operations;

use std::ffi::OsString;
use std::fs;
use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use candor_schema::clock::Clock;

use crate::auth::{
    Authenticator, DEFAULT_AUDIENCE, DEVELOPMENT_ISSUER, DevelopmentKey, IssuerSettings,
    create_data_directory,
};

use crate::import::{ImportLimits, Spool};

pub use operations::{Operations, TraceSettings};

/// The largest file of issuers, in bytes.
const MAX_ISSUERS_FILE_BYTES: u64 = 1024 * 1024;

/// The service's configuration. `candor --help` documents each variable and its default.
#[derive(Clone, Debug)]
pub struct Config {
    /// `CANDOR_DATABASE_URL`: `postgres://…` or `sqlite://…`; `None` for an SQLite file in the data
    /// directory.
    pub database_url: Option<String>,
    /// `CANDOR_LISTEN`: the address and port to listen on.
    pub listen: String,
    /// `CANDOR_DATA_DIR`: the directory of the SQLite file, the development key, and the files of imports over
    /// HTTP until they are imported.
    pub data_directory: PathBuf,
    pub issuers: Issuers,
    /// `CANDOR_CONNECTIONS_PER_ADDRESS`: the most open connections from one address; `None` for no
    /// limit.
    pub connections_per_address: Option<NonZeroUsize>,
    /// The settings of the service's operation.
    pub operations: Operations,
    /// `CANDOR_LOG`: the log filter, such as `info` or `candor=debug,sqlx=warn`.
    pub log: String,
    /// The machine's clock. No variable sets it; a test supplies its own.
    pub clock: Clock,
}

/// The issuers of the tokens that the service accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuers {
    /// The local development key. Anyone who can read the data directory can sign any token.
    Development,
    /// `CANDOR_AUTH_ISSUER`, `CANDOR_AUTH_AUDIENCE` and `CANDOR_AUTH_JWKS` for one, or the file of
    /// `CANDOR_AUTH_ISSUERS`.
    External(Vec<IssuerSettings>),
}

impl Config {
    /// Reads the configuration from the environment.
    ///
    /// # Errors
    /// If a variable is not UTF-8 or not a number where it must be one, if only some of the
    /// issuer's variables are set, or if the issuers are configured wrongly.
    pub fn from_environment() -> Result<Self> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// Reads the configuration from variables. An empty variable counts as not set.
    ///
    /// # Errors
    /// As [`Self::from_environment`].
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self> {
        let read = |name: &str| -> Result<Option<String>> {
            let text = variable(name).map(OsString::into_string).transpose();
            let text = text.map_err(|_| anyhow!("{name} is not UTF-8"))?;
            Ok(text.filter(|text| !text.is_empty()))
        };
        Ok(Self {
            database_url: read("CANDOR_DATABASE_URL")?,
            listen: read("CANDOR_LISTEN")?.unwrap_or_else(|| "127.0.0.1:8080".to_owned()),
            data_directory: read("CANDOR_DATA_DIR")?.unwrap_or_else(|| ".candor".to_owned()).into(),
            issuers: read_issuers(read)?,
            connections_per_address: read_connections_per_address(read)?,
            operations: Operations::read(read)?,
            log: read("CANDOR_LOG")?.unwrap_or_else(|| "info".to_owned()),
            clock: Clock::system(),
        })
    }

    /// Returns the URL of the database. Creates the data directory if the database is in it.
    ///
    /// # Errors
    /// If the URL has another scheme, or the directory cannot be created or used in a URL.
    pub fn database_url(&self) -> Result<String> {
        if let Some(url) = &self.database_url {
            let known = ["postgres:", "postgresql:", "sqlite:"];
            ensure!(
                known.iter().any(|scheme| url.starts_with(scheme)),
                "CANDOR_DATABASE_URL must begin with postgres:// or sqlite://"
            );
            return Ok(url.clone());
        }
        create_data_directory(&self.data_directory)?;
        let file = self.data_directory.join("candor.db");
        let path = file.to_str().filter(|path| !path.contains(['?', '#', '%']));
        let path = path.context(
            "CANDOR_DATA_DIR must not contain ?, # or %; choose another directory, or set \
             CANDOR_DATABASE_URL",
        )?;
        Ok(format!("sqlite://{path}"))
    }

    /// Creates the folder for the files of imports over HTTP, in the data directory. None, with a warning, if
    /// it cannot be written: the service then takes no files.
    #[must_use]
    pub fn imports(&self) -> Option<Arc<Spool>> {
        let created = create_data_directory(&self.data_directory)
            .and_then(|()| Ok(Spool::create(&self.data_directory, ImportLimits::default())?));
        created
            .inspect_err(|error| {
                tracing::warn!(
                    error = format!("{error:#}"),
                    data_directory = %self.data_directory.display(),
                    "imports over HTTP are refused, because the data directory cannot be written"
                );
            })
            .ok()
    }

    /// Returns the address to listen on.
    ///
    /// # Errors
    /// If `CANDOR_LISTEN` is not an address with a port.
    pub fn address(&self) -> Result<SocketAddr> {
        let mut addresses = self.listen.to_socket_addrs().with_context(|| {
            format!(
                "CANDOR_LISTEN is {:?}; it needs an address such as 127.0.0.1:8080",
                self.listen
            )
        })?;
        addresses.next().with_context(|| {
            format!("CANDOR_LISTEN: {} does not resolve to an address", self.listen)
        })
    }

    /// Checks that the development key is used on a loopback address only, unless allowed: anyone
    /// who can read the data directory can sign any token with it.
    ///
    /// # Errors
    /// If no issuer is configured and other machines can reach the address.
    pub fn check_development_key(&self, address: SocketAddr, is_allowed: bool) -> Result<()> {
        let is_loopback = address.ip().to_canonical().is_loopback();
        ensure!(
            self.issuers != Issuers::Development || is_loopback || is_allowed,
            "CANDOR_LISTEN is {}, which other machines can reach, and tokens are signed with the \
             local development key. Set CANDOR_AUTH_ISSUER, CANDOR_AUTH_AUDIENCE and \
             CANDOR_AUTH_JWKS, or CANDOR_AUTH_ISSUERS; or listen on a loopback address such as 127.0.0.1:8080; or, if this \
             is not a production service, pass --allow-development-key",
            self.listen
        );
        Ok(())
    }

    /// Returns the verifier of tokens. Creates the development key if it is needed and missing.
    ///
    /// # Errors
    /// If the keys cannot be read or used.
    pub fn authenticator(&self) -> Result<Authenticator> {
        match &self.issuers {
            Issuers::Development => {
                let key = DevelopmentKey::open_or_create(&self.data_directory)?;
                tracing::warn!(
                    data_directory = %self.data_directory.display(),
                    "no issuer is configured: tokens of the local DEVELOPMENT key are accepted, and \
                     anyone who can read the data directory can sign any token; outside development, \
                     set CANDOR_AUTH_ISSUER, CANDOR_AUTH_AUDIENCE and CANDOR_AUTH_JWKS, or \
                     CANDOR_AUTH_ISSUERS"
                );
                Ok(Authenticator::new(
                    DEVELOPMENT_ISSUER.to_owned(),
                    DEFAULT_AUDIENCE.to_owned(),
                    key.jwks(),
                )?)
            }
            Issuers::External(issuers) => {
                Authenticator::of_issuers(issuers.clone(), self.clock.now())
            }
        }
    }

    /// Returns the key that signs development tokens.
    ///
    /// # Errors
    /// If an issuer is configured, which signs the tokens then, or the key cannot be read.
    pub fn development_key(&self) -> Result<DevelopmentKey> {
        match &self.issuers {
            Issuers::Development => DevelopmentKey::open_or_create(&self.data_directory),
            Issuers::External(issuers) => {
                let places = issuers.iter().map(IssuerSettings::where_to_sign_in);
                let places = places.collect::<Vec<_>>().join(" or ");
                bail!("get the token from {places}, which signs the tokens that count here")
            }
        }
    }
}

fn read_connections_per_address(
    read: impl Fn(&str) -> Result<Option<String>>,
) -> Result<Option<NonZeroUsize>> {
    let name = "CANDOR_CONNECTIONS_PER_ADDRESS";
    let parse = |text: String| {
        text.parse().with_context(|| {
            format!(
                "{name} is {text:?}; it needs a whole number of 1 or more (unset it for no limit)"
            )
        })
    };
    read(name)?.map(parse).transpose()
}

fn read_issuers(read: impl Fn(&str) -> Result<Option<String>>) -> Result<Issuers> {
    let names = ["CANDOR_AUTH_ISSUER", "CANDOR_AUTH_AUDIENCE", "CANDOR_AUTH_JWKS"];
    let [issuer, audience, jwks] = [read(names[0])?, read(names[1])?, read(names[2])?];
    let given = [issuer.is_some(), audience.is_some(), jwks.is_some()];
    if let Some(file) = read("CANDOR_AUTH_ISSUERS")? {
        ensure!(
            !given.contains(&true),
            "CANDOR_AUTH_ISSUERS is set, and so is one of {}. Put the issuer of these into the file, \
             and unset them",
            names.join(", ")
        );
        let issuers = read_issuers_file(Path::new(&file));
        let issuers = issuers.with_context(|| format!("CANDOR_AUTH_ISSUERS: {file}"))?;
        return Ok(Issuers::External(issuers));
    }
    match (issuer, audience, jwks) {
        (None, None, None) => Ok(Issuers::Development),
        (Some(issuer), Some(audience), Some(jwks)) => {
            let settings = IssuerSettings::new(issuer, audience, &jwks);
            let settings = settings.with_context(|| names.join(", "))?;
            Ok(Issuers::External(vec![settings]))
        }
        _ => {
            let missing = names.iter().zip(given).filter(|(_, given)| !given);
            let missing = missing.map(|(name, _)| *name).collect::<Vec<_>>().join(" and ");
            bail!(
                "{missing} is not set. An issuer needs all of {}; to use the local development key, \
                 set none of them",
                names.join(", ")
            )
        }
    }
}

fn read_issuers_file(path: &Path) -> Result<Vec<IssuerSettings>> {
    let size = fs::metadata(path).context("cannot read it")?.len();
    ensure!(size <= MAX_ISSUERS_FILE_BYTES, "it is larger than {MAX_ISSUERS_FILE_BYTES} bytes");
    let text = fs::read_to_string(path).context("cannot read it")?;
    IssuerSettings::parse_file(&text, path.parent().unwrap_or(Path::new("")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<Config> {
        let found = |name: &str| given.iter().find(|(other, _)| *other == name);
        Config::from_variables(|name| found(name).map(|(_, text)| text.into()))
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        let config = read(&[("CANDOR_DATABASE_URL", "")]).expect("defaults");
        assert_eq!(config.address().expect("an address").to_string(), "127.0.0.1:8080");
        assert_eq!(config.issuers, Issuers::Development);
        assert_eq!(config.database_url, None);
    }

    #[test]
    fn an_issuer_needs_all_of_its_variables() {
        let all = [
            ("CANDOR_AUTH_ISSUER", "https://id.example"),
            ("CANDOR_AUTH_AUDIENCE", "candor"),
            ("CANDOR_AUTH_JWKS", "keys.json"),
        ];
        let config = read(&all).expect("all three");
        assert!(matches!(config.issuers, Issuers::External(_)));
        assert!(config.development_key().expect_err("it signs").to_string().contains("id.example"));
        let message = read(&all[..1]).expect_err("two are missing").to_string();
        assert!(
            message.contains("CANDOR_AUTH_AUDIENCE and CANDOR_AUTH_JWKS is not set"),
            "{message}"
        );
        for issuer in ["https://id.example/a b", "\u{200B}", "candor"] {
            let message = read(&[("CANDOR_AUTH_ISSUER", issuer), all[1], all[2]]);
            let message = format!("{:#}", message.expect_err(issuer));
            assert!(message.contains("CANDOR_AUTH_ISSUER, "), "{message}");
            assert!(message.contains("no token can have the issuer"), "{message}");
        }
        for (jwks, is_accepted) in [
            ("https://id.example/keys", true),
            ("https://id.example:8443/keys?tenant=a", true),
            ("http://127.0.0.1:8080/keys", true),
            ("http://[::1]:8080/keys", true),
            ("http://localhost/keys", true),
            ("http://id.example/keys", false),
            ("http://127.0.0.1.id.example/keys", false),
            ("ftp://id.example/keys", false),
            ("file:///etc/keys.json", false),
            ("https://user:secret@id.example/keys", false),
            ("https://id.example/keys#first", false),
            ("https://", false),
        ] {
            let config = read(&[all[0], all[1], ("CANDOR_AUTH_JWKS", jwks)]);
            assert_eq!(config.is_ok(), is_accepted, "{jwks}: {config:?}");
        }
        let message = read(&[all[0], ("CANDOR_AUTH_ISSUERS", "issuers.toml")]);
        let message = message.expect_err("both forms").to_string();
        assert!(message.contains("CANDOR_AUTH_ISSUERS is set, and so is one of"), "{message}");
        let message = read(&[("CANDOR_AUTH_ISSUERS", "/nonexistent/issuers.toml")]);
        let message = format!("{:#}", message.expect_err("no file"));
        assert!(message.contains("CANDOR_AUTH_ISSUERS: /nonexistent/issuers.toml"), "{message}");
    }

    #[test]
    fn the_connection_limit_is_a_positive_integer() {
        let name = "CANDOR_CONNECTIONS_PER_ADDRESS";
        for (text, expected) in [("", None), ("1", Some(1)), ("100", Some(100))] {
            let config = read(&[(name, text)]).expect(text);
            assert_eq!(config.connections_per_address.map(NonZeroUsize::get), expected);
        }
        for text in ["0", "-1", "1.5", "many", " 1", "99999999999999999999"] {
            let error = read(&[(name, text)]).expect_err(text).to_string();
            assert!(error.contains(name) && error.contains("1 or more"), "{error}");
        }
    }

    #[test]
    fn the_development_key_needs_a_loopback_address() {
        let issuer = [
            ("CANDOR_AUTH_ISSUER", "https://id.example"),
            ("CANDOR_AUTH_AUDIENCE", "candor"),
            ("CANDOR_AUTH_JWKS", "keys.json"),
        ];
        for (listen, is_loopback) in [
            ("127.0.0.1:0", true),
            ("127.8.9.10:80", true),
            ("[::1]:80", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("localhost:80", true),
            ("0.0.0.0:80", false),
            ("[::]:80", false),
            ("[::ffff:0.0.0.0]:80", false),
            ("10.0.0.1:80", false),
            ("203.0.113.7:80", false),
            ("[2001:db8::1]:80", false),
        ] {
            let config = read(&[("CANDOR_LISTEN", listen)]).expect(listen);
            let address = config.address().expect(listen);
            let checked = config.check_development_key(address, false);
            assert_eq!(checked.is_ok(), is_loopback, "{listen}");
            if let Err(error) = checked {
                let error = error.to_string();
                assert!(error.contains(listen) && error.contains("--allow-development-key"));
            }
            config.check_development_key(address, true).expect("it is allowed");
            let listen = ("CANDOR_LISTEN", listen);
            let config = read(&[issuer[0], issuer[1], issuer[2], listen]).expect("an issuer");
            config.check_development_key(address, false).expect("it is not used");
        }
    }

    #[test]
    fn an_invalid_setting_is_named_in_its_error() {
        let config = read(&[("CANDOR_LISTEN", "8080"), ("CANDOR_DATABASE_URL", "mysql://x")]);
        let config = config.expect("read, not used");
        assert!(config.address().expect_err("no port").to_string().contains("CANDOR_LISTEN"));
        let message = config.database_url().expect_err("not ours").to_string();
        assert!(message.contains("CANDOR_DATABASE_URL"), "{message}");
    }
}
