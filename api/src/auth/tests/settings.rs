//! Tests of the file of issuers.
use std::path::Path;

use super::super::{IssuerSettings, KeyLocation};

const GOOD: &str = r#"
[[issuer]]
issuer = "https://id.example"
audience = "candor"
jwks = "keys.json"
roles = ["bidder"]
"#;

fn error(text: &str) -> String {
    let parsed = IssuerSettings::parse_file(text, Path::new("/etc/candor"));
    format!("{:#}", parsed.expect_err(text))
}

/// The example in the documents can be used as it is.
#[test]
fn the_documented_file_is_valid() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let text = std::fs::read_to_string(file).expect("the documents");
    let (_, example) = text.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let issuers = IssuerSettings::parse_file(example, Path::new("")).expect("valid");
    let names = issuers.iter().map(|issuer| issuer.name.as_deref()).collect::<Vec<_>>();
    assert_eq!(names, [Some("City staff"), Some("State account")]);
}

#[test]
fn a_relative_path_begins_in_the_folder_of_the_file() {
    let issuers = IssuerSettings::parse_file(GOOD, Path::new("/etc/candor")).expect("one");
    assert_eq!(issuers[0].keys, KeyLocation::File("/etc/candor/keys.json".into()));
}

#[test]
fn an_error_names_the_issuer_the_key_and_what_to_do() {
    assert!(error("").contains("names no issuer"));
    assert!(error("issuers = []").contains("issuers"), "{}", error("issuers = []"));
    let twice = error(&GOOD.repeat(2));
    assert!(twice.contains("\"https://id.example\" twice"), "{twice}");
    let many = (0..21).map(|it| GOOD.replace("id.example", &format!("id{it}.example")));
    assert!(error(&many.collect::<String>()).contains("more than 20"));
    for (from, to, expected) in [
        ("issuer = \"https://id.example\"\n", "", "missing field `issuer`"),
        ("audience = \"candor\"\n", "", "missing field `audience`"),
        ("jwks = \"keys.json\"\n", "", "missing field `jwks`"),
        ("roles = [\"bidder\"]\n", "", "missing field `roles`"),
        ("audience", "audiance", "unknown field `audiance`"),
        ("\"candor\"", "\"\"", "audience is empty"),
        ("\"candor\"", "[]", "audience is empty"),
        ("[\"bidder\"]", "[]", "roles is empty"),
        ("[\"bidder\"]", "[\"Bidder\"]", "the roles are bidder, bca_reviewer"),
        ("\"keys.json\"", "\"http://id.example/keys\"", "not an https address"),
        ("\"keys.json\"", "\"\"", "it is empty"),
        ("https://id.example", "id example", "no token can have the issuer"),
        ("[\"bidder\"]", "[\"bidder\"]\nprofile = \"lax\"", "unknown variant `lax`"),
        ("[\"bidder\"]", "[\"bidder\"]\nname = \"\"", "name must have"),
        ("[\"bidder\"]", "[\"bidder\"]\nsign_in = \"here\"", "sign_in is \"here\""),
        ("[\"bidder\"]", "[\"bidder\"]\nsign_in = \"javascript:alert(1)\"", "sign_in is"),
        ("[\"bidder\"]", "[\"bidder\"]\nclaims.roles = \"a..b\"", "a claim is named as"),
        ("[\"bidder\"]", "[\"bidder\"]\nclaims.roles = []", "a claim is named as"),
        ("[\"bidder\"]", "[\"bidder\"]\nclaims.rolls = \"a\"", "unknown field `rolls`"),
        ("[\"bidder\"]", "[\"bidder\"]\nrole_names.g = \"admin\"", "which roles does not list"),
        ("[\"bidder\"]", "[\"bidder\"]\nrole_names.g = \"king\"", "role_names has \"king\""),
        ("[\"bidder\"]", "[\"bidder\"]\nroles = [\"admin\"]", "duplicate key"),
        ("[\"bidder\"]", "\"bidder\"", "invalid type"),
    ] {
        let message = error(&GOOD.replace(from, to));
        assert!(message.contains(expected), "{to}: {message}");
    }
}
