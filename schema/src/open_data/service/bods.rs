//! BODS 0.4 (<https://standard.openownership.org/en/0.4.0/>): statements about a firm and its owners. The
//! firm's disclosure on file is the declaration, because it is signed.
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::open_data::entity::{disclosure, party};
use crate::organization::model::{Identifier, OrganizationKind, Owner};

const BODS_VERSION: &str = "0.4";

/// Returns the statements that a filing declares: the firm, each owner, and how it relates to the firm.
pub fn write_statements(filing: &disclosure::Model, firm: &party::Model) -> Vec<Value> {
    let subject = firm.organization_id.to_string();
    let declared = Declaration {
        filing: filing.disclosure_id.to_string(),
        subject: subject.clone(),
        at: filing.filed_at.max(firm.updated_at),
    };
    let details = json!({
        "isComponent": false,
        "entityType": { "type": entity_type(firm.kind) },
        "name": firm.legal_name,
    });
    let mut statements = vec![declared.statement(&subject, "entity", &details)];
    let (immediate, highest) = (&firm.ownership.immediate_owner, &firm.ownership.highest_owner);
    if let Some(owner) = immediate {
        statements.extend(declared.owner(owner, "direct", "Immediate owner (FAR 52.204-17)"));
    }
    if let Some(owner) = highest.as_ref().filter(|highest| immediate.as_ref() != Some(*highest)) {
        statements.extend(declared.owner(owner, "indirect", "Highest-level owner (FAR 52.204-17)"));
    }
    statements
}

const fn entity_type(kind: OrganizationKind) -> &'static str {
    match kind {
        OrganizationKind::Government => "stateBody",
        OrganizationKind::JointVenture => "arrangement",
        _ => "registeredEntity",
    }
}

/// What the statements of one filing have in common.
struct Declaration {
    filing: String,
    subject: String,
    /// When the latest of the filing and the registration was made.
    at: DateTime<Utc>,
}

impl Declaration {
    /// Returns the statements of an owner and of its relationship to the firm.
    fn owner(&self, owner: &Owner, directness: &str, details: &str) -> [Value; 2] {
        let Owner { name, identifier } = owner;
        let key = identifier.as_ref().map_or(name.as_str(), |it| it.id.as_str());
        let record = format!("own_{}", &digest(&[self.subject.as_str(), key])[..24]);
        let entity = json!({
            "isComponent": false,
            "entityType": { "type": "unknownEntity" },
            "name": name,
            "identifiers": identifier.iter().map(write_identifier).collect::<Vec<_>>(),
        });
        let relationship = json!({
            "isComponent": false,
            "subject": self.subject,
            "interestedParty": record,
            "interests": [{
                "type": "otherInfluenceOrControl",
                "directOrIndirect": directness,
                "beneficialOwnershipOrControl": false,
                "details": details,
            }],
        });
        [
            self.statement(&record, "entity", &entity),
            self.statement(&format!("{record}-{directness}"), "relationship", &relationship),
        ]
    }

    fn statement(&self, record: &str, kind: &str, details: &Value) -> Value {
        let content = details.to_string();
        json!({
            // The same declaration gives the same statement.
            "statementId": digest(&[self.filing.as_str(), record, &content]),
            "declarationSubject": self.subject,
            "declaration": self.filing,
            "statementDate": self.at.date_naive().to_string(),
            "recordId": record,
            "recordType": kind,
            "recordStatus": "new",
            "recordDetails": details,
            "source": { "type": ["selfDeclaration"] },
            "publicationDetails": {
                "publicationDate": self.at.date_naive().to_string(),
                "bodsVersion": BODS_VERSION,
                "publisher": { "name": "Candor" },
            },
        })
    }
}

fn write_identifier(identifier: &Identifier) -> Value {
    json!({ "id": identifier.id, "schemeName": identifier.scheme.label() })
}

/// Returns the SHA-256 of some texts, in hexadecimal: 64 characters, as many as a statement's id may have.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}
