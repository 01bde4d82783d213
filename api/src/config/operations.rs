//! The settings of the service's operation: database connections, metrics and traces.
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
    /// The settings of traces; `None` if none are sent.
    pub traces: Option<TraceSettings>,
}

/// What Candor itself reads of OpenTelemetry's standard variables. The exporter reads the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSettings {
    /// `OTEL_SERVICE_NAME`: the name of the service in traces.
    pub service_name: String,
}

impl TraceSettings {
    /// Reads the settings; `None` if no collector is configured, or `OTEL_SDK_DISABLED` or
    /// `OTEL_TRACES_EXPORTER` turns traces off.
    ///
    /// # Errors
    /// If a variable asks for another protocol than `http/protobuf` or another exporter than `otlp`.
    fn read(read: impl Fn(&str) -> Result<Option<String>>) -> Result<Option<Self>> {
        let has_collector = read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")?.is_some()
            || read("OTEL_EXPORTER_OTLP_ENDPOINT")?.is_some();
        let is_disabled =
            read("OTEL_SDK_DISABLED")?.is_some_and(|it| it.eq_ignore_ascii_case("true"));
        let exporter = read("OTEL_TRACES_EXPORTER")?;
        if !has_collector || is_disabled || exporter.as_deref() == Some("none") {
            return Ok(None);
        }
        let exporter = exporter.unwrap_or_else(|| "otlp".to_owned());
        ensure!(exporter == "otlp", "OTEL_TRACES_EXPORTER is {exporter:?}; it needs otlp or none");
        for name in ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"] {
            let protocol = read(name)?.unwrap_or_else(|| "http/protobuf".to_owned());
            ensure!(
                protocol == "http/protobuf",
                "{name} is {protocol:?}; Candor sends traces by http/protobuf, to port 4318 of most \
                 collectors"
            );
        }
        let service_name = read("OTEL_SERVICE_NAME")?.unwrap_or_else(|| "candor".to_owned());
        Ok(Some(Self { service_name }))
    }
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
            traces: TraceSettings::read(&read)?,
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

    #[test]
    fn traces_are_sent_if_a_collector_is_configured() {
        let read = |variables: &[(&str, &str)]| {
            let operations = Operations::read(|asked| {
                let value = variables.iter().find(|(name, _)| *name == asked);
                Ok(value.map(|(_, value)| (*value).to_owned()))
            });
            operations.map(|it| it.traces.map(|traces| traces.service_name))
        };
        let collector = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        let of_traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/v1/traces");
        for (variables, expected) in [
            (vec![], None),
            (vec![("OTEL_SERVICE_NAME", "test")], None),
            (vec![collector, ("OTEL_SDK_DISABLED", "TRUE")], None),
            (vec![collector, ("OTEL_TRACES_EXPORTER", "none")], None),
            (vec![collector], Some("candor")),
            (vec![of_traces], Some("candor")),
            (vec![collector, ("OTEL_SDK_DISABLED", "false")], Some("candor")),
            (vec![collector, ("OTEL_TRACES_EXPORTER", "otlp")], Some("candor")),
            (vec![collector, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")], Some("candor")),
            (vec![collector, ("OTEL_SERVICE_NAME", "candor-test")], Some("candor-test")),
        ] {
            let service_name = read(&variables).expect("settings");
            assert_eq!(service_name.as_deref(), expected, "{variables:?}");
        }
        for (name, value) in [
            ("OTEL_TRACES_EXPORTER", "zipkin"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ] {
            let error = read(&[collector, (name, value)]).expect_err(value).to_string();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
    }
}
