//! Serde format of times: UTC, RFC 3339, six decimals and `Z`, such as
//! `2026-11-23T22:00:00.000000Z`.
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

fn format(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format(*at))
}

/// Accepts only the canonical spelling, since two spellings of one time would have two digests.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(from)?;
    let at = text.parse::<DateTime<Utc>>().map_err(Error::custom)?;
    if format(at) == text {
        Ok(at)
    } else {
        Err(Error::custom("write a time as 2026-11-23T22:00:00.000000Z"))
    }
}

/// The same format for an optional time.
pub mod optional {
    use super::{DateTime, Deserialize, Deserializer, Serializer, Utc};
    use serde::Serialize;

    #[derive(Deserialize, Serialize)]
    struct Instant(#[serde(with = "super")] DateTime<Utc>);

    #[expect(clippy::ref_option, reason = "serde hands fields over by reference")]
    pub fn serialize<S: Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
        at.map(Instant).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        Ok(Option::<Instant>::deserialize(from)?.map(|instant| instant.0))
    }
}
