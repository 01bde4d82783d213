//! The manifest of the reconciliation service, and its candidates and suggestions in JSON.
use axum::http::HeaderMap;
use candor_schema::screening::service::{ReconcileCandidate, ReconciledKind};
use serde_json::{Value, json};

use crate::http::origin::origin;

/// The size of a preview, in pixels.
const PREVIEW_WIDTH: u32 = 400;
const PREVIEW_HEIGHT: u32 = 160;

/// Returns the word of a kind.
const fn kind_id(kind: ReconciledKind) -> &'static str {
    match kind {
        ReconciledKind::Organization => "organization",
        ReconciledKind::Recipient => "recipient",
    }
}

/// Parses the word of a kind.
pub(super) fn parse_kind(word: &str) -> Option<ReconciledKind> {
    [ReconciledKind::Organization, ReconciledKind::Recipient]
        .into_iter()
        .find(|kind| kind_id(*kind) == word)
}

fn kind(kind: ReconciledKind) -> Value {
    let name = match kind {
        ReconciledKind::Organization => "Organization registered with the City",
        ReconciledKind::Recipient => "Recipient of federal awards",
    };
    json!({ "id": kind_id(kind), "name": name })
}

/// Returns the manifest (section 4.1), with addresses as the client knows this service.
pub(super) fn manifest(headers: &HeaderMap, key: &str) -> Value {
    let base = format!("{}/v1/reconcile/{key}", origin(headers));
    json!({
        "versions": ["0.2"],
        "name": "Candor: firms and recipients of federal awards",
        "identifierSpace": "urn:candor:id",
        "schemaSpace": "urn:candor:type",
        "defaultTypes": [
            kind(ReconciledKind::Organization),
            kind(ReconciledKind::Recipient),
        ],
        "batchSize": super::queries::MAX_QUERIES,
        "preview": {
            "url": format!("{base}/preview?id={{{{id}}}}"),
            "width": PREVIEW_WIDTH,
            "height": PREVIEW_HEIGHT,
        },
        "suggest": {
            "entity": { "service_url": base, "service_path": "/suggest/entity" },
        },
    })
}

/// Returns a score from 0 to 100, with one decimal.
fn percent(score: f32) -> f64 {
    (f64::from(score.clamp(0.0, 1.0)) * 1_000.0).round() / 10.0
}

/// Returns a candidate (section 4.3).
pub(super) fn candidate(found: &ReconcileCandidate) -> Value {
    json!({
        "id": found.id,
        "name": found.name,
        "description": found.place,
        "type": [kind(found.kind)],
        "score": percent(found.score),
        "match": found.is_match,
    })
}

/// Returns a suggestion (section 5.2).
pub(super) fn suggestion(found: &ReconcileCandidate) -> Value {
    json!({
        "id": found.id,
        "name": found.name,
        "description": found.place,
        "notable": [kind(found.kind)],
    })
}
