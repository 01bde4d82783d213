//! SQL of organizations. Reads for an answer apply the viewer's row filter.
pub(super) mod claims;
mod departments;
mod members;
pub(super) mod merging;
pub(super) mod names;
pub(super) mod people;

pub(super) use departments::{
    find_same_department, insert_department, list_departments, list_departments_named,
    load_department_batch, load_departments, lock_department,
};
pub(super) use members::{
    MemberScope, find_member, insert_member, insert_members, list_member_emails,
    list_member_subjects, list_members, list_memberships, list_officers, update_member,
};

use std::collections::HashMap;

use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::entity::{identifier, joint_venture_member, member, organization};
use super::model::{Identifier, OrganizationId, OrganizationIdentifier, Party, Viewer};
use super::rules::{SearchCriteria, SearchText};
use crate::database::{self, Lookup, Tx, in_ids, read_entity_row};
use crate::fault::Result;
use crate::page::{CountedPage, Key, Order, PageArguments};
use crate::preloaded::Preloaded;
use crate::principal::Principal;
use crate::search::{Index, has_words};

/// The children to load with an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrganizationInclude {
    pub identifiers: bool,
    pub joint_venture_members: bool,
    pub members: bool,
}

impl OrganizationInclude {
    /// Returns the children that either requests.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            identifiers: self.identifiers || other.identifiers,
            joint_venture_members: self.joint_venture_members || other.joint_venture_members,
            members: self.members || other.members,
        }
    }
}

/// An organization with the children that were requested.
#[derive(Clone, Debug)]
pub struct Organization {
    pub row: organization::Model,
    pub identifiers: Preloaded<Vec<OrganizationIdentifier>>,
    pub joint_venture_members: Preloaded<Vec<Party>>,
    pub members: Preloaded<Vec<member::Model>>,
}

/// Selects the organizations that the viewer may see: every one for the City's staff, who look firms up
/// before a contract exists; otherwise the viewer's own.
fn visible(viewer: &Viewer) -> Select<organization::Entity> {
    let select = organization::Entity::find();
    if viewer.is_staff() {
        return select;
    }
    select.filter(organization::Column::Id.is_in(viewer.own_organizations()))
}

pub(super) async fn find_organization(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    id: OrganizationId,
) -> Result<Option<organization::Model>, DbErr> {
    let select = visible(viewer).filter(organization::Column::Id.eq(id));
    db.query_one(&select.into_query()).await?.map(|row| read_entity_row(&row)).transpose()
}

/// The condition that an organization fits a search. A text fits the names or the beginning of a number;
/// `includes_numbers` is whether the searcher may learn whose number begins with it.
fn fits_search(lookup: Lookup, criteria: &SearchCriteria, includes_numbers: bool) -> Condition {
    use organization::Column;
    let mut all = Condition::all();
    if let Some(text) = &criteria.text {
        let names = has_words(lookup, Column::Id, Index::Organization, &text.words);
        let mut any = Condition::any().add(names);
        if let Some(number) = text.number.as_ref().filter(|_| includes_numbers) {
            let numbered = claims::select_bearers_of_numbers_beginning(lookup.engine(), number);
            any = any.add(Column::Id.in_subquery(numbered));
        }
        all = all.add(any);
    }
    if let Some(identifier) = &criteria.identifier {
        all = all.add(Column::Id.in_subquery(claims::select_claimants(identifier)));
    }
    all
}

/// Finds up to `limit` organizations with names that fit a text, by legal name, regardless of the
/// viewer. A merged organization is not found.
pub(super) async fn find_parties(
    db: &impl ConnectionTrait,
    text: SearchText,
    limit: u64,
) -> Result<Vec<organization::Model>, DbErr> {
    use organization::Column;
    let criteria = SearchCriteria { text: Some(text), identifier: None };
    let select = organization::Entity::find()
        .filter(fits_search(Lookup::matches_first(db), &criteria, false))
        .filter(Column::MergedInto.is_null());
    select.order_by_asc(Column::LegalName).order_by_asc(Column::Id).limit(limit).all(db).await
}

/// Locks the registrations of one person until `tx` ends, so that a request that is sent twice does not
/// register two organizations. On SQLite the transaction is exclusive anyway.
pub(super) async fn lock_person(tx: &Tx, person: &Principal) -> Result<(), DbErr> {
    let mut key = [0; 8];
    key.copy_from_slice(&Sha256::digest(person.as_str())[..8]);
    database::lock_key(tx, i64::from_be_bytes(key)).await
}

/// Lists a page of the organizations that fit a search, by legal name, with the total count if
/// requested.
pub(super) async fn list_organizations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    criteria: &SearchCriteria,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<organization::Model>> {
    let order = Order::<organization::Entity> {
        name: "LEGAL_NAME".into(),
        column: organization::Column::LegalName,
        id: organization::Column::Id,
        descending: false,
        key: |row, _| (Key::Text(row.legal_name.clone()), row.id.uuid()),
    };
    let select = |lookup| visible(viewer).filter(fits_search(lookup, criteria, true));
    if criteria.text.is_some() {
        let rows = organization::Entity::find();
        return order.matching_page(db, rows, select, arguments, includes_total).await;
    }
    let select = select(Lookup::matches_first(db));
    order.page_by_position(db, select, arguments, includes_total).await
}

/// Lists a page of the viewer's own organizations, the last registered first.
pub(super) async fn list_own_organizations(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<organization::Model>> {
    let order = Order::<organization::Entity> {
        name: "OWN ORGANIZATIONS".into(),
        column: organization::Column::CreatedAt,
        id: organization::Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.created_at), row.id.uuid()),
    };
    let own = organization::Column::Id.is_in(viewer.own_organizations());
    let select = organization::Entity::find().filter(own);
    order.page_by_position(db, select, arguments, includes_total).await
}

/// Loads up to `size` organizations after an id, in id order.
pub(super) async fn load_batch(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<organization::Model>, DbErr> {
    database::load_batch::<organization::Entity>(db, organization::Column::Id, after, size).await
}

/// Loads those of the given organizations that the viewer may see.
pub(super) async fn load_visible_by_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<Uuid>,
) -> Result<Vec<organization::Model>, DbErr> {
    visible(viewer).filter(in_ids(db, organization::Column::Id, ids)).all(db).await
}

/// Loads organizations by id, regardless of the viewer.
pub(super) async fn load_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<Vec<organization::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = organization::Entity::find();
    select.filter(in_ids(db, organization::Column::Id, ids)).all(db).await
}

/// Loads the requested children with one statement for each kind. Members are loaded for City-wide
/// readers and for the viewer's own organizations, and never without a viewer.
pub(super) async fn load_children(
    db: &impl ConnectionTrait,
    viewer: Option<&Viewer>,
    rows: Vec<organization::Model>,
    include: OrganizationInclude,
) -> Result<Vec<Organization>, DbErr> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.uuid()).collect();
    let mut identifiers = HashMap::<OrganizationId, Vec<OrganizationIdentifier>>::new();
    if include.identifiers {
        let select = identifier::Entity::find()
            .filter(in_ids(db, identifier::Column::OrganizationId, ids.clone()))
            .order_by_asc(identifier::Column::Scheme)
            .order_by_asc(identifier::Column::Value);
        for row in select.all(db).await? {
            identifiers.entry(row.organization_id).or_default().push(row.into());
        }
    }
    let mut ventures = if include.joint_venture_members {
        list_joint_venture_members(db, ids.clone()).await?
    } else {
        HashMap::new()
    };
    let mut members = HashMap::<OrganizationId, Vec<member::Model>>::new();
    let viewer = viewer.filter(|_| include.members);
    if let Some(viewer) = viewer {
        let mut select = member::Entity::find()
            .filter(in_ids(db, member::Column::OrganizationId, ids))
            .filter(member::Column::RemovedAt.is_null())
            .order_by_asc(member::Column::Id);
        if !viewer.can_read_all() {
            let own = member::Column::OrganizationId.is_in(viewer.own_organizations());
            select = select.filter(own);
        }
        for row in select.all(db).await? {
            if let Some(organization) = row.organization_id {
                members.entry(organization).or_default().push(row);
            }
        }
    }
    let rows = rows.into_iter().map(|row| Organization {
        identifiers: Preloaded::from_map(include.identifiers, &mut identifiers, &row.id),
        joint_venture_members: Preloaded::from_map(
            include.joint_venture_members,
            &mut ventures,
            &row.id,
        ),
        members: Preloaded::from_map(viewer.is_some(), &mut members, &row.id),
        row,
    });
    Ok(rows.collect())
}

/// Lists the members of joint ventures, in each venture's own order.
pub(super) async fn list_joint_venture_members(
    db: &impl ConnectionTrait,
    ventures: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, Vec<Party>>, DbErr> {
    use joint_venture_member::Column;
    let select = joint_venture_member::Entity::find()
        .filter(in_ids(db, Column::OrganizationId, ventures))
        .order_by_asc(Column::OrganizationId)
        .order_by_asc(Column::Position);
    let mut members = HashMap::<OrganizationId, Vec<Party>>::new();
    for row in select.all(db).await? {
        let identifier = row.scheme.zip(row.value).map(|(scheme, id)| Identifier { scheme, id });
        let party = Party { organization_id: row.member_id, name: row.name, identifier };
        members.entry(row.organization_id).or_default().push(party);
    }
    Ok(members)
}

/// Lists the joint ventures that name one of the organizations as a member, by its id or one of the
/// `identifiers`.
pub(super) async fn list_ventures_of(
    db: &impl ConnectionTrait,
    organizations: &[OrganizationId],
    identifiers: &[Identifier],
) -> Result<Vec<OrganizationId>, DbErr> {
    use joint_venture_member::Column;
    let mut named = Condition::any().add(Column::MemberId.is_in(organizations.to_vec()));
    for identifier in identifiers {
        let same = Column::Scheme.eq(identifier.scheme);
        let same = same.and(Column::Value.eq(identifier.id.as_str()));
        named = named.add(Column::MemberId.is_null().and(same));
    }
    let rows = joint_venture_member::Entity::find().filter(named).all(db).await?;
    let mut ventures: Vec<_> = rows.into_iter().map(|row| row.organization_id).collect();
    ventures.sort_unstable();
    ventures.dedup();
    Ok(ventures)
}

/// Inserts new organizations with their claims, to identifiers that no other organization claims.
pub(super) async fn insert_organizations(
    tx: &Tx,
    rows: &[(organization::Model, Vec<identifier::Model>)],
) -> Result<(), DbErr> {
    let organizations = rows.iter().map(|(row, _)| row.clone()).collect();
    let claims = rows.iter().flat_map(|(_, claims)| claims.clone()).collect();
    database::insert_all_recorded::<organization::Entity, _>(tx, organizations).await?;
    database::insert_all_recorded::<identifier::Entity, _>(tx, claims).await
}

pub(super) async fn insert_organization(
    tx: &Tx,
    row: organization::Model,
) -> Result<organization::Model, DbErr> {
    database::insert(tx, row).await
}

pub(super) async fn update_organization(
    tx: &Tx,
    row: organization::Model,
) -> Result<organization::Model, DbErr> {
    database::update(tx, row).await
}

/// Replaces a joint venture's members.
pub(super) async fn replace_joint_venture_members(
    tx: &Tx,
    id: OrganizationId,
    parties: &[Party],
) -> Result<(), DbErr> {
    let old = joint_venture_member::Column::OrganizationId.eq(id);
    let before = joint_venture_member::Entity::find().filter(old.clone()).all(&**tx).await?;
    for row in &before {
        database::note_removal(tx, row);
    }
    if !before.is_empty() {
        joint_venture_member::Entity::delete_many().filter(old).exec(&**tx).await?;
    }
    let rows = (0..).zip(parties).map(|(position, party)| joint_venture_member::Model {
        organization_id: id,
        position,
        member_id: party.organization_id,
        name: party.name.clone(),
        scheme: party.identifier.as_ref().map(|given| given.scheme),
        value: party.identifier.as_ref().map(|given| given.id.clone()),
    });
    database::insert_all_recorded::<joint_venture_member::Entity, _>(tx, rows.collect()).await
}
