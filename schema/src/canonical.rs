//! Canonical JSON (RFC 8785) and its digest: the bytes that are signed, chained and replayed.
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::fault::{Fault, Result};

/// A value as canonical JSON, and the digest of those bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    /// UTF-8, members sorted, no white space (RFC 8785).
    pub text: String,
    /// SHA-256 of the text, in lower-case hexadecimal.
    pub sha256: String,
}

/// # Errors
/// `Internal` if the value cannot be JSON: a map with keys that are not strings, or a NaN.
pub fn canonical(value: &impl Serialize) -> Result<Canonical> {
    let text = serde_json_canonicalizer::to_string(value).map_err(|error| {
        Fault::Internal(format!("cannot serialize as canonical JSON: {error}").into())
    })?;
    let sha256 = sha256(&text);
    Ok(Canonical { text, sha256 })
}

/// SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
