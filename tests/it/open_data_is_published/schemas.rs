//! Packages are valid by the published schemas of OCDS 1.1 with the extensions that they name.
//!
//! `CANDOR_OCDS_SCHEMAS=folder cargo nextest run -p candor-tests --features open-data-schemas`
use std::path::Path;

use candor_tests::due_times::march::AFTER;
use candor_tests::steps::text;
use candor_tests::{StatusCode, TestApp, stories};
use serde_json::{Value, json};

use super::{get, publish};

stories![packages_are_valid];

/// The environment variable with the folder of the published schemas of OCDS 1.1.
const SCHEMAS_VARIABLE: &str = "CANDOR_OCDS_SCHEMAS";

/// Merges an extension's schema into the release schema, as the standard's tools do (RFC 7396).
fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch.clone(),
    }
}

fn read_json(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

async fn packages_are_valid(app: TestApp) {
    let Ok(folder) = std::env::var(SCHEMAS_VARIABLE) else {
        eprintln!("skipped: {SCHEMAS_VARIABLE} does not name a folder of the schemas of OCDS 1.1");
        return;
    };
    let folder = Path::new(&folder);
    let published = Box::pin(publish(&app)).await;
    app.advance_to(AFTER);
    let extension = "/v1/ocds/extension/release-schema.json";
    let (_, _, disclosures) = get(&app, &published.key, extension).await;
    let mut release = read_json(&folder.join("release-schema.json"));
    merge(&mut release, &read_json(&folder.join("bid-extension-release-schema.json")));
    merge(&mut release, &disclosures);
    for (kind, items) in [("release", "releases"), ("record", "records")] {
        let (status, _, package) = get(&app, &published.key, &format!("/v1/ocds/{items}")).await;
        assert_eq!(status, StatusCode::OK);
        let schema = read_json(&folder.join(format!("{kind}-package-schema.json")));
        let errors = list_errors(&schema, &release, folder, &package);
        assert!(errors.is_empty(), "{kind}: {}\n{package:#}", errors.join("\n"));
        // The check sees what is wrong.
        let mut wrong = package.clone();
        let inner = match kind {
            "release" => &mut wrong["releases"][0],
            _ => &mut wrong["records"][0]["releases"][0],
        };
        inner["tag"] = json!(["unheard of"]);
        assert!(!list_errors(&schema, &release, folder, &wrong).is_empty(), "{kind}");
    }
}

/// Returns what is wrong with a package by its schema, which refers to the release schema.
fn list_errors(schema: &Value, release: &Value, folder: &Path, package: &Value) -> Vec<String> {
    let versioned = read_json(&folder.join("versioned-release-validation-schema.json"));
    let id = |schema: &Value| text(&schema["id"]);
    let registry = jsonschema::Registry::new();
    let registry = registry.add(id(release), release.clone()).expect("a schema");
    let registry = registry.add(id(&versioned), versioned).expect("a schema");
    let registry = registry.prepare().expect("schemas");
    let validator = jsonschema::options().with_registry(&registry).build(schema).expect("a schema");
    validator.iter_errors(package).map(|it| format!("{}: {it}", it.instance_path())).collect()
}
