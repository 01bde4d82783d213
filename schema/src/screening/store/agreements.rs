//! The disclosed agreements of the rows of a page.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::database::in_ids;
use crate::disclosure::index::{agreement, nature};
use crate::disclosure::model::DisclosureId;
use crate::gate::NatureOfWork;

/// One disclosure's agreements in the statement's order, each with the nature of its natures_of_work.
pub type Agreements = Vec<(agreement::Model, Vec<NatureOfWork>)>;

/// Returns the agreements of some disclosures, in two statements.
pub async fn load_agreements(
    db: &impl ConnectionTrait,
    disclosures: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Agreements>, DbErr> {
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
    let mut by_disclosure = HashMap::<_, Agreements>::new();
    for row in select.all(db).await? {
        let natures_of_work =
            natures.remove(&(row.disclosure_id, row.position)).unwrap_or_default();
        by_disclosure.entry(row.disclosure_id).or_default().push((row, natures_of_work));
    }
    Ok(by_disclosure)
}
