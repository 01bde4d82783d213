//! Every statement on drafts, filings and disclosures; each read carries the viewer's row filter.
pub(super) mod index;
pub(super) mod reviews;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::entity::{disclosure, draft, filing};
use super::model::{DisclosureId, DisclosureStatus};
use crate::database::{self, Tx, lock_for_change, in_ids};
use crate::fault::Result;
use crate::organization::access;
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{PageArguments, Key, Order, Page};

/// A disclosure and the filing that it lives by.
#[derive(Clone, Debug)]
pub struct Filed {
    pub row: disclosure::Model,
    pub filing: filing::Model,
}

/// Who may see a filing: its organization's members, who reads all, and the officers of a
/// department for whose opened bid it stands behind. Where only some filings are read, `among` is
/// that condition on their identifiers.
fn visible(viewer: &Viewer, among: Option<SimpleExpr>) -> Select<disclosure::Entity> {
    use disclosure::Column;
    let select = disclosure::Entity::find();
    if viewer.reads_all() {
        return select;
    }
    let own = Column::OrganizationId.is_in(viewer.own_organizations());
    let opened = access::open_to(viewer, access::Column::DisclosureId, among);
    select.filter(Condition::any().add(own).add(Column::Id.in_subquery(opened)))
}

fn visible_among(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Select<disclosure::Entity> {
    let among = in_ids(db, access::Column::DisclosureId, ids.clone());
    visible(viewer, Some(among)).filter(in_ids(db, disclosure::Column::Id, ids))
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DisclosureId,
) -> Result<Option<Filed>, DbErr> {
    let row = visible_among(db, viewer, vec![id.uuid()]).one(db).await?;
    Ok(with_filings(db, row.into_iter().collect()).await?.pop())
}

/// The filing that each disclosure lives by, in one statement.
async fn with_filings(
    db: &impl ConnectionTrait,
    rows: Vec<disclosure::Model>,
) -> Result<Vec<Filed>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let filings =
        filing::Entity::find().filter(in_ids(db, filing::Column::Id, ids)).all(db).await?;
    let mut filings: HashMap<_, _> = filings.into_iter().map(|row| (row.id, row)).collect();
    let filed = rows.into_iter().filter_map(|row| {
        let filing = filings.remove(&row.id)?;
        Some(Filed { row, filing })
    });
    Ok(filed.collect())
}

/// Those of some disclosures that the viewer may see.
pub(super) async fn visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<Filed>, DbErr> {
    let select = visible_among(db, viewer, ids);
    with_filings(db, select.all(db).await?).await
}

/// The identifiers of those of some disclosures that the viewer may see.
pub(super) async fn visible_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashSet<DisclosureId>, DbErr> {
    let select = visible_among(db, viewer, ids);
    let ids = select.select_only().column(disclosure::Column::Id).into_tuple().all(db).await?;
    Ok(ids.into_iter().collect())
}

/// The disclosures that some organizations have on file now.
pub(super) async fn on_file(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<Vec<Filed>, DbErr> {
    use disclosure::Column;
    let select = disclosure::Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::Status.eq(DisclosureStatus::Filed));
    with_filings(db, select.all(db).await?).await
}

/// Of some organizations, the filing that was the newest at a time, and all that came later, in the
/// order of their versions; what was withdrawn since among them.
pub(super) async fn filed_since(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
    at: DateTime<Utc>,
) -> Result<Vec<Filed>, DbErr> {
    use filing::Column;
    let next = Alias::new("next");
    let of_next = |column: Column| Expr::col((next.clone(), column));
    let of_this = |column: Column| Expr::col(column.as_column_ref());
    let mut superseded = Query::select();
    superseded
        .expr(Expr::val(1))
        .from_as(filing::Entity, next.clone())
        .and_where(of_next(Column::OrganizationId).eq(of_this(Column::OrganizationId)))
        .and_where(of_next(Column::Version).eq(of_this(Column::Version).add(1)))
        .and_where(of_next(Column::FiledAt).lte(at));
    let select = filing::Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Expr::exists(superseded).not())
        .order_by_asc(Column::OrganizationId)
        .order_by_asc(Column::Version);
    let filings = select.all(db).await?;
    let ids = filings.iter().map(|filing| filing.id.uuid()).collect();
    let rows = disclosure::Entity::find().filter(in_ids(db, disclosure::Column::Id, ids));
    let rows = rows.all(db).await?;
    let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
    let filed = filings.into_iter().filter_map(|filing| {
        let row = rows.remove(&filing.id)?;
        Some(Filed { row, filing })
    });
    Ok(filed.collect())
}

/// The filing before each of some, of those that have one, by the later one's identifier.
pub(super) async fn before(
    db: &impl ConnectionTrait,
    filings: &[filing::Model],
) -> Result<HashMap<DisclosureId, filing::Model>, DbErr> {
    use filing::Column;
    let organizations = filings.iter().map(|filing| filing.organization_id.uuid()).collect();
    let versions: Vec<i64> = filings.iter().map(|filing| filing.version - 1).collect();
    let select = filing::Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::Version.is_in(versions));
    let found = select.all(db).await?.into_iter();
    let found: HashMap<_, _> =
        found.map(|filing| ((filing.organization_id, filing.version), filing)).collect();
    let before = filings.iter().filter_map(|filing| {
        let before = found.get(&(filing.organization_id, filing.version - 1))?;
        Some((filing.id, before.clone()))
    });
    Ok(before.collect())
}

/// The filings after some, of those that have a later one that the viewer may see, by the earlier
/// one's organization and version.
pub(super) async fn after(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filings: &[(OrganizationId, i64)],
) -> Result<HashMap<(OrganizationId, i64), Filed>, DbErr> {
    use disclosure::Column;
    let organizations = filings.iter().map(|(organization, _)| organization.uuid()).collect();
    let versions: Vec<i64> = filings.iter().map(|(_, version)| version + 1).collect();
    let select = visible(viewer, None)
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::Version.is_in(versions));
    let later = with_filings(db, select.all(db).await?).await?.into_iter();
    Ok(later.map(|it| ((it.row.organization_id, it.row.version - 1), it)).collect())
}

/// Of some organizations, the disclosure that each has on file now, if the viewer may see it.
pub(super) async fn visible_on_file(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<Vec<Filed>, DbErr> {
    use disclosure::Column;
    let select = visible(viewer, None)
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::Status.eq(DisclosureStatus::Filed));
    with_filings(db, select.all(db).await?).await
}

/// The same page of each organization's disclosures, the newest version first.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
    arguments: &PageArguments,
) -> Result<HashMap<Uuid, Page<Filed>>> {
    use disclosure::Column;
    let order = Order::<disclosure::Entity> {
        name: "VERSION".into(),
        column: Column::Version,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Int(row.version), row.id.uuid()),
    };
    let of = |row: &disclosure::Model| row.organization_id.uuid();
    let sheets = order
        .page_of_each(
            db,
            visible(viewer, None),
            arguments,
            Column::OrganizationId,
            organizations,
            of,
        )
        .await?;
    let rows = sheets.values().flat_map(|sheet| sheet.rows.iter().map(|(_, row)| row.clone()));
    let filed = with_filings(db, rows.collect()).await?;
    let mut filed: HashMap<_, _> = filed.into_iter().map(|filed| (filed.row.id, filed)).collect();
    let sheets = sheets.into_iter().map(|(organization, sheet)| {
        let with = |rows: Vec<disclosure::Model>| {
            rows.into_iter().filter_map(|row| filed.remove(&row.id)).collect()
        };
        (organization, sheet.replace(with))
    });
    Ok(sheets.collect())
}

/// How many disclosures each organization has that the viewer may see.
pub(super) async fn counts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<Uuid, i64>, DbErr> {
    use disclosure::Column;
    use sea_orm::QuerySelect;
    let counted = visible(viewer, None)
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .select_only()
        .column(Column::OrganizationId)
        .column_as(Column::Id.count(), "number")
        .group_by(Column::OrganizationId)
        .into_tuple::<(Uuid, i64)>();
    Ok(counted.all(db).await?.into_iter().collect())
}

/// The newest disclosure of an organization that counts or counted: what the next one follows.
pub(super) async fn lock_filed(
    tx: &Tx,
    organization: OrganizationId,
) -> Result<Option<Filed>, DbErr> {
    use disclosure::Column;
    let select = disclosure::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Status.eq(DisclosureStatus::Filed));
    let row = lock_for_change(select).one(&**tx).await?;
    Ok(with_filings(&**tx, row.into_iter().collect()).await?.pop())
}

pub(super) async fn last_version(tx: &Tx, organization: OrganizationId) -> Result<i64, DbErr> {
    let select = filing::Entity::find()
        .filter(filing::Column::OrganizationId.eq(organization))
        .order_by_desc(filing::Column::Version);
    Ok(select.one(&**tx).await?.map_or(0, |row| row.version))
}

/// Whether an organization has filed since a time, whatever became of the filing.
pub(super) async fn has_filed_since(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    since: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let select = filing::Entity::find()
        .filter(filing::Column::OrganizationId.eq(organization))
        .order_by_desc(filing::Column::Version)
        .select_only()
        .column(filing::Column::FiledAt);
    let last = select.into_tuple::<DateTime<Utc>>().one(db).await?;
    Ok(last.is_some_and(|filed_at| filed_at > since))
}

pub(super) async fn insert_filing(tx: &Tx, row: filing::Model) -> Result<filing::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn insert(tx: &Tx, row: disclosure::Model) -> Result<disclosure::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn update(tx: &Tx, row: disclosure::Model) -> Result<disclosure::Model, DbErr> {
    database::update(tx, row).await
}

/// A draft; drafts are their organization's alone.
pub(super) async fn find_draft(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DisclosureId,
) -> Result<Option<draft::Model>, DbErr> {
    let own = draft::Column::OrganizationId.is_in(viewer.own_organizations());
    draft::Entity::find_by_id(id).filter(own).one(db).await
}

/// The drafts of those organizations that are the viewer's own.
pub(super) async fn drafts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<Vec<draft::Model>, DbErr> {
    draft::Entity::find()
        .filter(in_ids(db, draft::Column::OrganizationId, organizations))
        .filter(draft::Column::OrganizationId.is_in(viewer.own_organizations()))
        .all(db)
        .await
}

pub(super) async fn draft_of(
    tx: &Tx,
    organization: OrganizationId,
) -> Result<Option<draft::Model>, DbErr> {
    let select = draft::Entity::find().filter(draft::Column::OrganizationId.eq(organization));
    lock_for_change(select).one(&**tx).await
}

pub(super) async fn insert_draft(tx: &Tx, row: draft::Model) -> Result<draft::Model, DbErr> {
    row.into_active_model().reset_all().insert(&**tx).await
}

pub(super) async fn update_draft(tx: &Tx, row: draft::Model) -> Result<draft::Model, DbErr> {
    row.into_active_model().reset_all().update(&**tx).await
}

pub(super) async fn delete_draft(tx: &Tx, id: DisclosureId) -> Result<(), DbErr> {
    draft::Entity::delete_by_id(id).exec(&**tx).await?;
    Ok(())
}

/// The filings after an id, in its order.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<filing::Model>, DbErr> {
    database::batch::<filing::Entity>(db, filing::Column::Id, after, size).await
}
