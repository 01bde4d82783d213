//! Statements on bids.
use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::{Condition, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::bidding::entity::bid::{Column, Entity, Model};
use crate::bidding::model::{
    BidId, BidOrder, BidOrderField, BidStatus, OrderDirection, SolicitationId,
};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::decision::model::Parties;
use crate::decision::service::StoredDecision;
use crate::disclosure::service::FiledDisclosure;
use crate::fault::Result;
use crate::money::Money;
use crate::organization::access;
use crate::organization::model::{OrganizationId, ResolvedParty, Viewer};
use crate::organization::service::{
    Organization, OrganizationInclude, load_visible_organizations as visible_organizations,
};
use crate::page::{Key, Order, Page, PageArguments};
use crate::preloaded::{Preloaded, merge};

use super::{Solicitation, SolicitationInclude};

/// The related objects of a bid to load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "one for each child of the schema")]
pub struct BidInclude {
    pub organization: Option<OrganizationInclude>,
    pub solicitation: Option<SolicitationInclude>,
    pub disclosure: bool,
    pub decision: bool,
    pub decisions: bool,
    pub subcontractors: bool,
}

impl BidInclude {
    /// The union of both requests.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            organization: merge(self.organization, other.organization, OrganizationInclude::merge),
            solicitation: merge(self.solicitation, other.solicitation, SolicitationInclude::both),
            disclosure: self.disclosure || other.disclosure,
            decision: self.decision || other.decision,
            decisions: self.decisions || other.decisions,
            subcontractors: self.subcontractors || other.subcontractors,
        }
    }
}

/// A bid with the related objects that were requested.
#[derive(Clone, Debug)]
pub struct Bid {
    pub row: Model,
    pub organization: Preloaded<Option<Organization>>,
    pub solicitation: Preloaded<Option<Solicitation>>,
    pub disclosure: Preloaded<Option<FiledDisclosure>>,
    pub decision: Preloaded<Option<StoredDecision>>,
    /// All decisions on the bid, the earliest first.
    pub decisions: Preloaded<Vec<StoredDecision>>,
    pub subcontractors: Preloaded<Vec<(ResolvedParty, Money)>>,
}

/// Selects the bids that a viewer may see: members see those of their organizations, staff those that
/// are no longer sealed. `among` restricts the subject identifiers, to keep the subquery small.
fn select_visible(viewer: &Viewer, among: Option<SimpleExpr>) -> Select<Entity> {
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let opened = access::select_accessible(viewer, access::Column::SubjectId, among);
    Entity::find().filter(Condition::any().add(own).add(Column::Id.in_subquery(opened)))
}

pub async fn find_visible_bid(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: BidId,
) -> Result<Option<Model>, DbErr> {
    let among = access::Column::SubjectId.eq(id.uuid());
    select_visible(viewer, Some(among)).filter(Column::Id.eq(id)).one(db).await
}

fn select_visible_with_status(viewer: &Viewer, statuses: &[BidStatus]) -> Select<Entity> {
    let select = select_visible(viewer, None);
    if statuses.is_empty() {
        return select;
    }
    select.filter(Column::Status.is_in(statuses.to_vec()))
}

/// Lists the same page of each solicitation's bids.
pub async fn list_pages_by_solicitation(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
    statuses: &[BidStatus],
    order: BidOrder,
    arguments: &PageArguments,
) -> Result<HashMap<Uuid, Page<Model>>> {
    let order = Order::<Entity> {
        name: format!("{} {}", order.field.as_str(), order.direction.as_str()),
        column: match order.field {
            BidOrderField::SubmittedAt => Column::SubmittedAt,
            BidOrderField::Amount => Column::AmountCents,
            BidOrderField::Status => Column::Status,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::AmountCents => Key::Int(row.amount_cents),
                Column::Status => Key::Text(row.status.as_str().to_owned()),
                _ => Key::Time(row.submitted_at),
            };
            (key, row.id.uuid())
        },
    };
    let solicitation_of = |row: &Model| row.solicitation_id.uuid();
    let select = select_visible_with_status(viewer, statuses);
    order
        .page_of_each(db, select, arguments, Column::SolicitationId, solicitations, solicitation_of)
        .await
}

/// Counts the bids of each solicitation that the viewer may see.
pub async fn count_by_solicitation(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    solicitations: Vec<Uuid>,
    statuses: &[BidStatus],
) -> Result<HashMap<Uuid, i64>, DbErr> {
    let counts = select_visible_with_status(viewer, statuses)
        .filter(in_ids(db, Column::SolicitationId, solicitations))
        .select_only()
        .column(Column::SolicitationId)
        .column_as(Column::Id.count(), "number")
        .group_by(Column::SolicitationId)
        .into_tuple::<(Uuid, i64)>();
    Ok(counts.all(db).await?.into_iter().collect())
}

/// Loads the requested related objects that the viewer may see, with one statement for each kind.
pub async fn include_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: Vec<Model>,
    include: BidInclude,
) -> Result<Vec<Bid>> {
    let ids = |of: fn(&Model) -> Option<Uuid>| rows.iter().filter_map(of).collect::<Vec<_>>();
    let organizations = match include.organization {
        Some(inner) => {
            let ids = ids(|row| Some(row.organization_id.uuid()));
            visible_organizations(db, viewer, ids, inner).await?
        }
        None => HashMap::new(),
    };
    let solicitations: HashMap<SolicitationId, _> = match include.solicitation {
        Some(inner) => {
            let ids = ids(|row| Some(row.solicitation_id.uuid()));
            let rows = super::list_visible_by_ids(db, viewer, ids).await?;
            let solicitations = super::include(db, rows, inner).await?;
            solicitations.into_iter().map(|it| (it.row.id, it)).collect()
        }
        None => HashMap::new(),
    };
    let disclosures = if include.disclosure {
        let ids = ids(|row| row.disclosure_id.map(crate::disclosure::model::DisclosureId::uuid));
        crate::disclosure::service::load_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut decisions = if include.decision {
        let ids = ids(|row| Some(row.decision_id.uuid()));
        crate::decision::service::find_visible_by_ids(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut all_decisions = if include.decisions {
        let ids = ids(|row| Some(row.id.uuid()));
        crate::decision::service::list_visible_by_subject(db, viewer, ids).await?
    } else {
        HashMap::new()
    };
    let mut subcontractors = if include.subcontractors {
        super::list_subcontractors(db, ids(|row| Some(row.id.uuid()))).await?
    } else {
        HashMap::new()
    };
    let bids = rows.into_iter().map(|row| Bid {
        organization: Preloaded::if_requested(include.organization.is_some(), || {
            organizations.get(&row.organization_id).cloned()
        }),
        solicitation: Preloaded::if_requested(include.solicitation.is_some(), || {
            solicitations.get(&row.solicitation_id).cloned()
        }),
        disclosure: Preloaded::if_requested(include.disclosure, || {
            row.disclosure_id.and_then(|id| disclosures.get(&id).cloned())
        }),
        decision: Preloaded::if_requested(include.decision, || decisions.remove(&row.decision_id)),
        decisions: Preloaded::from_map(include.decisions, &mut all_decisions, &row.id.uuid()),
        subcontractors: Preloaded::from_map(include.subcontractors, &mut subcontractors, &row.id),
        row,
    });
    Ok(bids.collect())
}

/// Loads the members and subcontractors of a bid, as stored.
pub async fn load_parties(db: &impl ConnectionTrait, bid: BidId) -> Result<Parties, DbErr> {
    Ok(super::list_parties(db, vec![bid.uuid()]).await?.remove(&bid).unwrap_or_default())
}

/// Loads a bid without a row filter.
pub async fn load_bid(db: &impl ConnectionTrait, id: BidId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}

fn select_visible_among(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Select<Entity> {
    let among = in_ids(db, access::Column::SubjectId, ids.clone());
    select_visible(viewer, Some(among)).filter(in_ids(db, Column::Id, ids))
}

/// Lists which of the bids in `ids` the viewer may see.
pub async fn list_visible_bid_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashSet<BidId>, DbErr> {
    let select = select_visible_among(db, viewer, ids);
    let ids = select.select_only().column(Column::Id).into_tuple().all(db).await?;
    Ok(ids.into_iter().collect())
}

/// Lists those bids in `ids` that the viewer may see.
pub async fn list_visible_bids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    select_visible_among(db, viewer, ids).all(db).await
}

/// Finds an organization's latest bid on a solicitation, in any status.
pub async fn find_last_attempt(
    tx: &Tx,
    organization: OrganizationId,
    solicitation: SolicitationId,
) -> Result<Option<Model>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SolicitationId.eq(solicitation))
        .order_by_desc(Column::SubmittedAt)
        .order_by_desc(Column::Id);
    select.one(&**tx).await
}

/// Returns whether an organization has submitted a bid on a solicitation, in any status.
pub async fn has_attempted(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    solicitation: SolicitationId,
) -> Result<bool, DbErr> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SolicitationId.eq(solicitation))
        .select_only()
        .column(Column::Id);
    Ok(select.into_tuple::<Uuid>().one(db).await?.is_some())
}

/// Finds an organization's admitted or held bid on a solicitation.
pub async fn find_live_bid(
    tx: &Tx,
    organization: OrganizationId,
    solicitation: SolicitationId,
) -> Result<Option<Model>, DbErr> {
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::SolicitationId.eq(solicitation))
        .filter(Column::Status.is_in([BidStatus::Admitted, BidStatus::Held]));
    select.one(&**tx).await
}

pub async fn lock_bid(tx: &Tx, id: BidId) -> Result<Option<Model>, DbErr> {
    lock_for_change(Entity::find_by_id(id)).one(&**tx).await
}

pub async fn insert_bid(tx: &Tx, row: Model, parties: &Parties) -> Result<Model, DbErr> {
    let row = database::insert(tx, row).await?;
    super::insert_parties(tx, &[(row.id, parties)]).await?;
    Ok(row)
}

pub async fn update_bid(tx: &Tx, row: Model) -> Result<Model, DbErr> {
    database::update(tx, row).await
}

/// Closes every admitted or held bid on a solicitation, and returns them as they were. Lock the
/// solicitation first.
pub async fn close_live_bids(tx: &Tx, solicitation: SolicitationId) -> Result<Vec<Model>, DbErr> {
    let select = Entity::find()
        .filter(Column::SolicitationId.eq(solicitation))
        .filter(Column::Status.is_in([BidStatus::Admitted, BidStatus::Held]))
        .order_by_asc(Column::Id);
    let live = lock_for_change(select).all(&**tx).await?;
    Entity::update_many()
        .col_expr(Column::Status, sea_orm::sea_query::Expr::val(BidStatus::Closed.as_str()))
        .filter(Column::SolicitationId.eq(solicitation))
        .filter(Column::Status.is_in([BidStatus::Admitted, BidStatus::Held]))
        .exec(&**tx)
        .await?;
    for bid in &live {
        database::note_row(tx, &Model { status: BidStatus::Closed, ..bid.clone() });
    }
    Ok(live)
}
