//! What disclosures say of agreements, for the rows of a page.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::database::in_ids;
use crate::disclosure::index::{agreement, nature};
use crate::disclosure::model::DisclosureId;
use crate::gate::NatureOfWork;

/// One disclosure's agreements in the statement's order, each with the nature of its work.
pub type Agreements = Vec<(agreement::Model, Vec<NatureOfWork>)>;

/// The agreements of some disclosures, in two statements.
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
    let mut found = HashMap::<_, Agreements>::new();
    for row in select.all(db).await? {
        let work = natures.remove(&(row.disclosure_id, row.position)).unwrap_or_default();
        found.entry(row.disclosure_id).or_default().push((row, work));
    }
    Ok(found)
}
