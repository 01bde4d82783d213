//! Wycheproof's vectors for JSON Web Signatures: 401 signatures, most of them forged or malformed.
//!
//! They are public data that is not in the repository. The test looks for `jws/` in the folder that
//! `CANDOR_PUBLIC_DATA` names, or in `../shared/data` beside the repository.
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::keys::KeySet;
use super::super::unverified_token::UnverifiedToken;

const VECTORS: &str = "jws/json_web_signature_test.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    /// Absent for shared secrets, which are their own public part.
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    comment: String,
    jws: Value,
    result: String,
}

/// Returns the vectors; none, with a message past the test runner's capture, if they are not there.
fn vectors() -> Option<File> {
    let folder = std::env::var_os("CANDOR_PUBLIC_DATA").map(PathBuf::from);
    let folder =
        folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
    let Ok(text) = std::fs::read(folder.join(VECTORS)) else {
        let _ = writeln!(
            std::io::stderr(),
            "\nLEFT OUT: Wycheproof's signatures. Run it with CANDOR_PUBLIC_DATA=<the folder that has \
             {VECTORS}> cargo nextest run -p candor wycheproof\n"
        );
        return None;
    };
    Some(serde_json::from_slice(&text).expect("the vectors"))
}

/// Returns whether a key set with this one key verifies the token.
fn is_verified(key: &Value, token: &str) -> bool {
    let Ok(set) = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()) else {
        return false;
    };
    UnverifiedToken::parse(token).is_ok_and(|token| set.verify(&token).is_ok())
}

/// What is valid there is verified here if its algorithm is one of the four, and the one that its key
/// states. Nothing else is verified.
#[test]
fn wycheproof_signatures_are_judged_as_stated() {
    let Some(file) = vectors() else { return };
    let (mut seen, mut counts) = (0, BTreeMap::<&str, u32>::new());
    for group in file.test_groups {
        let key = group.public.or(group.private).expect("a key");
        for vector in group.tests {
            seen += 1;
            let place = format!("{} {}", vector.tc_id, vector.comment);
            // JSON serialization is no bearer token; the vectors with it are texts of JSON.
            let token = vector.jws.as_str().map_or_else(|| vector.jws.to_string(), str::to_owned);
            let is_verified = is_verified(&key, &token);
            let alg = UnverifiedToken::parse(&token).map(|token| token.header.alg);
            let alg = alg.unwrap_or_default();
            let is_supported =
                ["RS256", "PS256", "ES256", "EdDSA"].contains(&&*alg) && key["alg"] == *alg;
            let expected = vector.result == "valid" && is_supported;
            assert_eq!(is_verified, expected, "{place}: {} {}", vector.result, key["alg"]);
            let kind = match (vector.result.as_str(), is_verified) {
                ("valid", true) => "verified",
                ("valid", false) => "valid, of an algorithm that is not used",
                _ => "refused",
            };
            *counts.entry(kind).or_default() += 1;
        }
    }
    assert_eq!(seen, file.number_of_tests);
    println!("{counts:?}");
    assert!(counts["verified"] >= 15, "{counts:?}");
    assert!(counts["refused"] >= 350, "{counts:?}");
}
