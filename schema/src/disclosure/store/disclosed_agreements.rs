//! The disclosed agreements of filings, from their screening rows.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::database::in_ids;
use crate::disclosure::entity::disclosed::{agreement, nature};
use crate::disclosure::model::DisclosureId;
use crate::gate::NatureOfWork;

/// A disclosed agreement, as it is indexed for screening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisclosedAgreement {
    pub row: agreement::Model,
    pub natures_of_work: Vec<NatureOfWork>,
}

/// Returns the agreements of some disclosures, in the statements' order, in two statements.
pub async fn load_disclosed_agreements(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Vec<DisclosedAgreement>>, DbErr> {
    let select = nature::Entity::find()
        .filter(in_ids(db, nature::Column::DisclosureId, disclosures.clone()))
        .order_by_asc(nature::Column::Nature);
    let mut natures = HashMap::<_, Vec<NatureOfWork>>::new();
    for row in select.all(db).await? {
        natures.entry((row.disclosure_id, row.position)).or_default().push(row.nature);
    }
    let select = agreement::Entity::find()
        .filter(in_ids(db, agreement::Column::DisclosureId, disclosures))
        .order_by_asc(agreement::Column::DisclosureId)
        .order_by_asc(agreement::Column::Position);
    let mut by_disclosure = HashMap::<_, Vec<DisclosedAgreement>>::new();
    for row in select.all(db).await? {
        let natures_of_work =
            natures.remove(&(row.disclosure_id, row.position)).unwrap_or_default();
        let agreements = by_disclosure.entry(row.disclosure_id).or_default();
        agreements.push(DisclosedAgreement { row, natures_of_work });
    }
    Ok(by_disclosure)
}
