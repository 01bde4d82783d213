//! All objects, regardless of who may see them.
use std::collections::BTreeMap;

use candor_schema::award::model::{AwardId, MatchId};
use candor_schema::bidding::model::{BidId, SolicitationId};
use candor_schema::contracting::model::{ContractId, RenewalId};
use candor_schema::decision::model::DecisionId;
use candor_schema::disclosure::model::DisclosureId;
use candor_schema::organization::model::{DepartmentId, OrganizationId};
use candor_schema::policy::model::PolicyId;
use candor_schema::waiver::model::{ExemptionId, WaiverId};
use candor_tests::TestApp;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

/// A type, its tables, and the SQL of its bare identifier.
type Kind = (&'static str, &'static [&'static str], fn(Uuid) -> String);

/// Every type that `node` returns.
const KINDS: &[Kind] = &[
    ("Organization", &["organization"], |id| OrganizationId::from_uuid(id).to_string()),
    ("Department", &["department"], |id| DepartmentId::from_uuid(id).to_string()),
    ("Policy", &["policy"], |id| PolicyId::from_uuid(id).to_string()),
    ("Disclosure", &["disclosure", "disclosure_draft"], |id| {
        DisclosureId::from_uuid(id).to_string()
    }),
    ("Decision", &["decision"], |id| DecisionId::from_uuid(id).to_string()),
    ("Solicitation", &["solicitation"], |id| SolicitationId::from_uuid(id).to_string()),
    ("Bid", &["bid"], |id| BidId::from_uuid(id).to_string()),
    ("Contract", &["contract"], |id| ContractId::from_uuid(id).to_string()),
    ("Renewal", &["renewal"], |id| RenewalId::from_uuid(id).to_string()),
    ("Waiver", &["waiver"], |id| WaiverId::from_uuid(id).to_string()),
    ("Exemption", &["exemption"], |id| ExemptionId::from_uuid(id).to_string()),
    ("FederalAward", &["federal_award"], |id| AwardId::from_uuid(id).to_string()),
    ("AwardMatch", &["award_match"], |id| MatchId::from_uuid(id).to_string()),
];

/// Loads the identifiers of all objects, by type.
pub async fn load_all_ids(app: &TestApp) -> BTreeMap<String, Vec<String>> {
    let db = &app.database.read;
    let mut ids = BTreeMap::<String, Vec<String>>::new();
    for (object, tables, written) in KINDS {
        for table in *tables {
            let select = format!("SELECT id FROM {table} ORDER BY id");
            let select = Statement::from_string(db.get_database_backend(), select);
            for row in db.query_all_raw(select).await.expect("rows") {
                let id = row.try_get::<Uuid>("", "id").expect("an identifier");
                ids.entry((*object).to_owned()).or_default().push(written(id));
            }
        }
    }
    ids
}
