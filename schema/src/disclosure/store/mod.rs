//! Queries and writes of drafts, filings and disclosures. Reads for a viewer include its row filter.
pub(super) mod disclosed_agreements;
pub(super) mod index;
pub(super) mod list;
pub(super) mod outdated;
pub(super) mod reviews;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IdenStatic, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QueryResult};
use sea_orm::{QuerySelect, Select};
use uuid::Uuid;

use super::entity::{disclosure, draft, filing, filing_history};
use super::model::{DisclosureId, DisclosureRecord, DisclosureStatus, FilingKind};
use crate::database::{self, Lookup, Tx, in_ids, lock_for_change, read_rows};
use crate::fault::Result;
use crate::organization::access;
use crate::organization::model::{OrganizationId, Viewer};
use crate::page::{Key, Order, Page, PageArguments, RANKED};
use crate::preloaded::Preloaded;
use crate::principal::Principal;

/// A filed disclosure and its filing.
#[derive(Clone, Debug)]
pub struct FiledDisclosure {
    pub record: DisclosureRecord,
    pub filing: Filing,
}

/// Which long texts filings are read with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilingTexts {
    pub statements: bool,
    pub attestations: bool,
}

impl FilingTexts {
    const ALL: Self = Self { statements: true, attestations: true };

    /// Whether a column is read.
    const fn includes(self, column: filing::Column) -> bool {
        match column {
            filing::Column::Statement => self.statements,
            filing::Column::Attestation => self.attestations,
            _ => true,
        }
    }
}

/// A filing as it is read, with the long texts that were requested.
#[derive(Clone, Debug)]
pub struct Filing {
    pub id: DisclosureId,
    pub organization_id: OrganizationId,
    /// Starts at 1 and increases with each filing of the organization. After a merge it is also above the version
    /// on file, so that numbers may be skipped.
    pub version: i64,
    pub kind: FilingKind,
    /// The policy whose questions it answers.
    pub policy_version: i64,
    /// Canonical JSON (RFC 8785), shared by the clones of the filing.
    pub statement: Preloaded<Arc<str>>,
    /// The SHA-256 of the statement, which the signatory signed.
    pub sha256: String,
    /// [`crate::disclosure::model::Attestation`] as canonical JSON.
    pub attestation: Preloaded<String>,
    pub filed_at: DateTime<Utc>,
    pub filed_by: Principal,
}

impl Filing {
    fn new(row: filing::Model, texts: FilingTexts) -> Self {
        let filing::Model {
            id,
            organization_id,
            version,
            kind,
            policy_version,
            statement,
            sha256,
            attestation,
            filed_at,
            filed_by,
        } = row;
        Self {
            id,
            organization_id,
            version,
            kind,
            policy_version,
            statement: Preloaded::if_requested(texts.statements, || statement.into()),
            sha256,
            attestation: Preloaded::if_requested(texts.attestations, || attestation),
            filed_at,
            filed_by,
        }
    }
}

impl From<filing::Model> for Filing {
    fn from(row: filing::Model) -> Self {
        Self::new(row, FilingTexts::ALL)
    }
}

/// The disclosures that `viewer` may see: those of its own organizations, all of them for roles that
/// read everything, and for department officers those behind an opened bid.
fn select_visible(viewer: &Viewer) -> Select<disclosure::Entity> {
    let key = access::Column::DisclosureId;
    select_own_or_accessible(viewer, access::is_accessible(viewer, disclosure::Column::Id, key))
}

/// As [`select_visible`], for a list whose conditions are written for `lookup`.
fn select_visible_in_list(lookup: Lookup, viewer: &Viewer) -> Select<disclosure::Entity> {
    let key = access::Column::DisclosureId;
    select_own_or_accessible(
        viewer,
        access::is_accessible_in_list(lookup, viewer, disclosure::Column::Id, key),
    )
}

fn select_own_or_accessible(
    viewer: &Viewer,
    is_accessible: SimpleExpr,
) -> Select<disclosure::Entity> {
    let select = disclosure::Entity::find();
    if viewer.can_read_all() {
        return select;
    }
    let own = disclosure::Column::OrganizationId.is_in(viewer.own_organizations());
    select.filter(Condition::any().add(own).add(is_accessible))
}

fn select_visible_in_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Select<disclosure::Entity> {
    select_visible(viewer).filter(in_ids(db, disclosure::Column::Id, ids))
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DisclosureId,
) -> Result<Option<FiledDisclosure>, DbErr> {
    let row = select_visible_in_ids(db, viewer, vec![id.uuid()]).one(db).await?;
    Ok(attach_filings(db, row.into_iter().collect()).await?.pop())
}

/// The disclosures with their filings, loaded in one query.
async fn attach_filings(
    db: &impl ConnectionTrait,
    rows: Vec<disclosure::Model>,
) -> Result<Vec<FiledDisclosure>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids = rows.iter().map(|row| row.id.uuid()).collect();
    let filings =
        filing::Entity::find().filter(in_ids(db, filing::Column::Id, ids)).all(db).await?;
    let mut filings: HashMap<_, _> = filings.into_iter().map(|row| (row.id, row)).collect();
    let filed = rows.into_iter().filter_map(|row| {
        let filing = filings.remove(&row.id)?;
        Some(row.try_into().map(|record| FiledDisclosure { record, filing: filing.into() }))
    });
    filed.collect()
}

/// The disclosures of `ids` that the viewer may see.
pub(super) async fn list_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<FiledDisclosure>, DbErr> {
    let select = select_visible_in_ids(db, viewer, ids);
    attach_filings(db, select.all(db).await?).await
}

/// The subset of `ids` that the viewer may see.
pub(super) async fn list_visible_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<HashSet<DisclosureId>, DbErr> {
    let select = select_visible_in_ids(db, viewer, ids);
    let ids = select.select_only().column(disclosure::Column::Id).into_tuple().all(db).await?;
    Ok(ids.into_iter().collect())
}

/// The disclosures on file of these organizations.
pub(super) async fn list_on_file(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<Vec<FiledDisclosure>, DbErr> {
    use disclosure::Column;
    let select = disclosure::Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::Status.eq(DisclosureStatus::Filed));
    attach_filings(db, select.all(db).await?).await
}

/// For each organization, the filing that was the newest at `at` and all later ones, ordered by
/// version; withdrawn ones are included.
pub(super) async fn list_filed_since(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
    at: DateTime<Utc>,
) -> Result<Vec<FiledDisclosure>, DbErr> {
    use filing::Column;
    let next = Alias::new("next");
    let next_column = |column: Column| Expr::col((next.clone(), column));
    let this_column = |column: Column| Expr::col(column.as_column_ref());
    let mut superseded = Query::select();
    superseded
        .expr(Expr::val(1))
        .from_as(filing::Entity, next.clone())
        .and_where(next_column(Column::OrganizationId).eq(this_column(Column::OrganizationId)))
        .and_where(next_column(Column::Version).gt(this_column(Column::Version)))
        .and_where(next_column(Column::FiledAt).lte(at));
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
        Some(row.try_into().map(|record| FiledDisclosure { record, filing: filing.into() }))
    });
    filed.collect()
}

/// Lists what was filed for organizations before a time, in any order, without its content.
pub(super) async fn list_records_before(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
    before: DateTime<Utc>,
) -> Result<Vec<DisclosureRecord>, DbErr> {
    use disclosure::Column;
    let select = disclosure::Entity::find()
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::FiledAt.lt(before));
    select.all(db).await?.into_iter().map(TryInto::try_into).collect()
}

/// The history of each organization's group: its filings in the order of filing. A filing's predecessor
/// and successor are those beside it.
pub(super) async fn load_group_histories(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, Vec<DisclosureId>>, DbErr> {
    use filing_history::{Column, Entity};
    let select = Entity::find().filter(in_ids(db, Column::OrganizationId, organizations));
    let mut histories = HashMap::<OrganizationId, Vec<filing_history::Model>>::new();
    for row in select.all(db).await? {
        histories.entry(row.organization_id).or_default().push(row);
    }
    let histories = histories.into_iter().map(|(organization, mut rows)| {
        sort_history(&mut rows, |row| (row.filed_for, row.version, row.filed_at, row.id));
        (organization, rows.into_iter().map(|row| row.id).collect())
    });
    Ok(histories.collect())
}

/// Sorts filings of one group: those of one organization by version, which decides even if two were filed
/// in the same moment, and those of several by the time of filing. `key` returns the organization that
/// filed, the version, the time and the id.
pub(super) fn sort_history<T>(
    filings: &mut [T],
    key: impl Fn(&T) -> (OrganizationId, i64, DateTime<Utc>, DisclosureId),
) {
    let first = filings.first().map(|filing| key(filing).0);
    if filings.iter().all(|filing| Some(key(filing).0) == first) {
        filings.sort_by_key(|filing| key(filing).1);
    } else {
        filings.sort_by_key(|filing| {
            let (_, version, filed_at, id) = key(filing);
            (filed_at, version, id)
        });
    }
}

/// The filings of these ids, by id.
pub(super) async fn load_filings(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Filing>, DbErr> {
    let select = filing::Entity::find().filter(in_ids(db, filing::Column::Id, ids));
    Ok(select.all(db).await?.into_iter().map(|filing| (filing.id, filing.into())).collect())
}

/// The disclosures on file of these organizations that the viewer may see.
pub(super) async fn list_visible_on_file(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<Vec<FiledDisclosure>, DbErr> {
    use disclosure::Column;
    let select = select_visible(viewer)
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .filter(Column::Status.eq(DisclosureStatus::Filed));
    attach_filings(db, select.all(db).await?).await
}

/// The requested page of the disclosures of each organization's group, newest first.
pub(super) async fn load_pages(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
    arguments: &PageArguments,
    texts: FilingTexts,
) -> Result<Vec<(Uuid, Page<FiledDisclosure>)>> {
    use filing_history::Column;
    let order = Order::<filing_history::Entity> {
        name: "FILED_AT".into(),
        column: Column::FiledAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.filed_at), row.id.uuid()),
    };
    let pages = order
        .page_of_each_joined(
            db,
            select_visible_history(viewer),
            arguments,
            (Column::OrganizationId, organizations, |row| row.organization_id.uuid()),
            |select| join_filed(select, texts),
            |rows| read_filed(rows, texts),
        )
        .await?;
    let pages = pages.into_iter();
    Ok(pages.map(|(organization, page)| (organization, page.map(|(_, filed)| filed))).collect())
}

/// The prefixes of the columns of a disclosure and of its filing in a joined statement.
const DISCLOSURE_PREFIX: &str = "disclosure_";
const FILING_PREFIX: &str = "filing_";

/// The column of a history that has the value of a column of the disclosure and of the filing. Both tables have
/// the filer and the version of the filing by a foreign key, and a disclosure has a copy of its time.
fn column_in_history(column: &str) -> Option<filing_history::Column> {
    use filing_history::Column;
    match column {
        "id" => Some(Column::Id),
        "organization_id" => Some(Column::FiledFor),
        "version" => Some(Column::Version),
        "filed_at" => Some(Column::FiledAt),
        _ => None,
    }
}

/// The name of a column of the disclosure or of the filing in a statement of [`join_filed`].
fn joined_name(prefix: &str, column: &str) -> String {
    let in_history = column_in_history(column).map(|it| it.as_str().to_owned());
    in_history.unwrap_or_else(|| format!("{prefix}{column}"))
}

/// Joins the disclosure and the filing to each row of a history, with the columns that it does not have.
/// A long text that was not requested is read as an empty one.
fn join_filed(select: &mut SelectStatement, texts: FilingTexts) {
    fn join<E: EntityTrait + Default>(
        select: &mut SelectStatement,
        prefix: &str,
        id: E::Column,
        is_selected: impl Fn(E::Column) -> bool,
    ) {
        let entity = E::default();
        let columns = E::Column::iter().filter(|it| column_in_history(it.as_str()).is_none());
        for column in columns {
            let name = Alias::new(joined_name(prefix, column.as_str()));
            let value =
                if is_selected(column) { Expr::col((entity, column)) } else { Expr::cust("''") };
            select.expr_as(value, name);
        }
        let row_id = Expr::col((Alias::new(RANKED), filing_history::Column::Id));
        select.inner_join(entity, Expr::col((entity, id)).eq(row_id));
    }
    join::<disclosure::Entity>(select, DISCLOSURE_PREFIX, disclosure::Column::Id, |_| true);
    join::<filing::Entity>(select, FILING_PREFIX, filing::Column::Id, |column| {
        texts.includes(column)
    });
}

fn read_filed(
    rows: &[QueryResult],
    texts: FilingTexts,
) -> Result<Vec<(filing_history::Model, FiledDisclosure)>, DbErr> {
    let histories = read_rows::<filing_history::Model>(rows, str::to_owned)?;
    let name = |column: &str| joined_name(DISCLOSURE_PREFIX, column);
    let records = read_rows::<disclosure::Model>(rows, name)?;
    let name = |column: &str| joined_name(FILING_PREFIX, column);
    let filings = read_rows::<filing::Model>(rows, name)?;
    let filed = records.into_iter().zip(filings).map(|(record, filing)| {
        let filing = Filing::new(filing, texts);
        Ok::<_, DbErr>(FiledDisclosure { record: record.try_into()?, filing })
    });
    histories.into_iter().zip(filed).map(|(history, filed)| Ok((history, filed?))).collect()
}

/// The filings that `viewer` may see, as [`select_visible`].
fn select_visible_history(viewer: &Viewer) -> Select<filing_history::Entity> {
    use filing_history::Column;
    let select = filing_history::Entity::find();
    if viewer.can_read_all() {
        return select;
    }
    let own = Column::FiledFor.is_in(viewer.own_organizations());
    let opened = access::is_accessible(viewer, Column::Id, access::Column::DisclosureId);
    select.filter(Condition::any().add(own).add(opened))
}

/// The number of disclosures of each organization's group that the viewer may see.
pub(super) async fn count_visible(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    organizations: Vec<Uuid>,
) -> Result<HashMap<Uuid, i64>, DbErr> {
    use filing_history::Column;
    use sea_orm::QuerySelect;
    let counts = select_visible_history(viewer)
        .filter(in_ids(db, Column::OrganizationId, organizations))
        .select_only()
        .column(Column::OrganizationId)
        .column_as(Column::Id.count(), "number")
        .group_by(Column::OrganizationId)
        .into_tuple::<(Uuid, i64)>();
    Ok(counts.all(db).await?.into_iter().collect())
}

/// Locks and returns the disclosures on file of these organizations, at most one of each.
pub(super) async fn lock_filed(
    tx: &Tx,
    organizations: Vec<OrganizationId>,
) -> Result<Vec<FiledDisclosure>, DbErr> {
    use disclosure::Column;
    let select = disclosure::Entity::find()
        .filter(Column::OrganizationId.is_in(organizations))
        .filter(Column::Status.eq(DisclosureStatus::Filed))
        .order_by_asc(Column::Id);
    let rows = lock_for_change(select).all(&**tx).await?;
    attach_filings(&**tx, rows).await
}

/// When one of these organizations last withdrew a disclosure (UTC).
pub(super) async fn find_last_withdrawal(
    tx: &Tx,
    organizations: Vec<OrganizationId>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    use disclosure::Column;
    let select = disclosure::Entity::find()
        .filter(Column::OrganizationId.is_in(organizations))
        .filter(Column::WithdrawnAt.is_not_null())
        .order_by_desc(Column::WithdrawnAt)
        .select_only()
        .column(Column::WithdrawnAt);
    select.into_tuple().one(&**tx).await
}

/// The version of an organization's newest filing; 0 if it has none.
pub(super) async fn find_last_version(tx: &Tx, organization: OrganizationId) -> Result<i64, DbErr> {
    let select = filing::Entity::find()
        .filter(filing::Column::OrganizationId.eq(organization))
        .order_by_desc(filing::Column::Version)
        .select_only()
        .column(filing::Column::Version);
    Ok(select.into_tuple().one(&**tx).await?.unwrap_or(0))
}

/// Whether an organization has filed after `since`, including filings withdrawn later.
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

pub(super) async fn insert(tx: &Tx, record: DisclosureRecord) -> Result<DisclosureRecord, DbErr> {
    database::insert(tx, disclosure::Model::from(record)).await?.try_into()
}

pub(super) async fn update(tx: &Tx, record: DisclosureRecord) -> Result<DisclosureRecord, DbErr> {
    database::update(tx, disclosure::Model::from(record)).await?.try_into()
}

/// A draft of one of the viewer's own organizations.
pub(super) async fn find_draft(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: DisclosureId,
) -> Result<Option<draft::Model>, DbErr> {
    let own = draft::Column::OrganizationId.is_in(viewer.own_organizations());
    draft::Entity::find_by_id(id).filter(own).one(db).await
}

/// The drafts of those of these organizations that are the viewer's own.
pub(super) async fn list_own_drafts(
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

/// Locks and returns an organization's draft, if it has one.
pub(super) async fn lock_draft(
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

/// A disclosure whose time of filing differs from the filing's.
pub(super) async fn find_wrong_filing_time(
    db: &impl ConnectionTrait,
) -> Result<Option<DisclosureId>, DbErr> {
    let id = Expr::col(filing::Column::Id.as_column_ref());
    let mut same = Query::select();
    same.expr(Expr::val(1))
        .from(filing::Entity)
        .and_where(id.equals(disclosure::Column::Id.as_column_ref()))
        .and_where(
            Expr::col(filing::Column::FiledAt.as_column_ref())
                .equals(disclosure::Column::FiledAt.as_column_ref()),
        );
    let select = disclosure::Entity::find().filter(Expr::exists(same).not());
    Ok(select.one(db).await?.map(|row| row.id))
}

/// The next `size` filings after an id, ordered by id.
pub(super) async fn list_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<filing::Model>, DbErr> {
    database::load_batch::<filing::Entity>(db, filing::Column::Id, after, size).await
}
