//! The settings of the service's operation: database connections and metrics.
use std::net::SocketAddr;
use std::num::NonZeroU32;

use anyhow::{Context, Result, ensure};
use candor_schema::database::MAX_REQUEST_CONNECTIONS;

/// The settings of the service's operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// `CANDOR_DATABASE_CONNECTIONS`: the most database connections for requests, 1 to
    /// [`MAX_REQUEST_CONNECTIONS`]; `None` for the default of the database.
    pub database_connections: Option<NonZeroU32>,
    /// `CANDOR_METRICS_LISTEN`: the address and port of the listener for metrics; `None` for no
    /// listener.
    pub metrics_listen: Option<SocketAddr>,
}

impl Operations {
    /// Reads the settings.
    ///
    /// # Errors
    /// If a variable has an invalid value, with its name and what it needs.
    pub(super) fn read(read: impl Fn(&str) -> Result<Option<String>>) -> Result<Self> {
        Ok(Self {
            database_connections: read("CANDOR_DATABASE_CONNECTIONS")?
                .map(|text| parse_connections(&text))
                .transpose()?,
            metrics_listen: read("CANDOR_METRICS_LISTEN")?
                .map(|text| parse_metrics_address(&text))
                .transpose()?,
        })
    }
}

fn parse_connections(text: &str) -> Result<NonZeroU32> {
    let number = text.parse::<NonZeroU32>().ok();
    number.filter(|number| number.get() <= MAX_REQUEST_CONNECTIONS).with_context(|| {
        format!(
            "CANDOR_DATABASE_CONNECTIONS is {text:?}; it needs a whole number from 1 to \
             {MAX_REQUEST_CONNECTIONS}"
        )
    })
}

/// Parses the address of the metrics, which must be a number: a name could resolve to an address that
/// other machines reach.
fn parse_metrics_address(text: &str) -> Result<SocketAddr> {
    let address = text.parse::<SocketAddr>().ok().with_context(|| {
        format!(
            "CANDOR_METRICS_LISTEN is {text:?}; it needs an IP address with a port, such as \
             127.0.0.1:9090"
        )
    })?;
    ensure!(
        address.ip().to_canonical().is_loopback(),
        "CANDOR_METRICS_LISTEN is {text}, which other machines can reach, and metrics are served to \
         anyone who asks. Use a loopback address such as 127.0.0.1:9090, and let an agent on this \
         machine collect them"
    );
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Operations> {
        Operations::read(|asked| {
            Ok((asked == name).then(|| text.to_owned()).filter(|text| !text.is_empty()))
        })
    }

    #[test]
    fn the_number_of_connections_has_bounds() {
        let name = "CANDOR_DATABASE_CONNECTIONS";
        for (text, expected) in [("", None), ("1", Some(1)), ("200", Some(200))] {
            let number = read(name, text).expect(text).database_connections;
            assert_eq!(number.map(NonZeroU32::get), expected);
        }
        for text in ["0", "201", "-1", "1.5", "ten", " 1", "99999999999"] {
            let error = read(name, text).expect_err(text).to_string();
            assert!(error.contains(name) && error.contains("1 to 200"), "{error}");
        }
    }

    #[test]
    fn metrics_are_served_on_loopback_addresses() {
        let name = "CANDOR_METRICS_LISTEN";
        assert_eq!(read(name, "").expect("none").metrics_listen, None);
        for text in ["127.0.0.1:0", "127.8.9.10:9090", "[::1]:9090", "[::ffff:127.0.0.1]:80"] {
            assert!(read(name, text).expect(text).metrics_listen.is_some(), "{text}");
        }
        for text in ["0.0.0.0:9090", "10.0.0.1:9090", "[::]:9090", "9090", "localhost:9090", "x"] {
            let error = read(name, text).expect_err(text).to_string();
            assert!(error.contains(name) && error.contains("127.0.0.1:9090"), "{error}");
        }
    }
}
