//! SQL of memberships in organizations and departments, and of invitations.
use std::collections::HashMap;

use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::database::{self, Tx, in_ids};
use crate::organization::entity::member;
use crate::organization::model::{DepartmentId, EmailAddress, MemberId, OrganizationId};
use crate::principal::Principal;

/// The organization or department that members belong to.
#[derive(Clone, Copy, Debug)]
pub enum MemberScope {
    Organization(OrganizationId),
    Department(DepartmentId),
}

/// Lists the members and invitations of one organization or department.
pub async fn list_members(
    db: &impl ConnectionTrait,
    scope: MemberScope,
) -> Result<Vec<member::Model>, DbErr> {
    use member::Column;
    let in_scope = match scope {
        MemberScope::Organization(id) => Column::OrganizationId.eq(id),
        MemberScope::Department(id) => Column::DepartmentId.eq(id),
    };
    member::Entity::find().filter(in_scope).filter(Column::RemovedAt.is_null()).all(db).await
}

/// Lists the e-mail addresses of the members and open invitations of organizations; none for a member
/// without one.
pub async fn list_member_emails(
    db: &impl ConnectionTrait,
    organizations: Vec<Uuid>,
) -> Result<HashMap<OrganizationId, Vec<Option<String>>>, DbErr> {
    use member::Column;
    let select = member::Entity::find().select_only();
    let select = select.column(Column::OrganizationId).column(Column::Email);
    let select = select.filter(in_ids(db, Column::OrganizationId, organizations));
    let select = select.filter(Column::RemovedAt.is_null());
    let rows: Vec<(OrganizationId, Option<String>)> = select.into_tuple().all(db).await?;
    let mut emails = HashMap::<OrganizationId, Vec<Option<String>>>::new();
    for (organization, email) in rows {
        emails.entry(organization).or_default().push(email);
    }
    Ok(emails)
}

/// Lists the token subject of each past and present member of organizations; none for an invitation.
pub async fn list_member_subjects(
    db: &impl ConnectionTrait,
    organizations: Vec<OrganizationId>,
) -> Result<Vec<Option<String>>, DbErr> {
    let select = member::Entity::find().select_only().column(member::Column::Subject);
    let select = select.filter(member::Column::OrganizationId.is_in(organizations));
    select.into_tuple().all(db).await
}

/// Lists a person's memberships and the open invitations to its e-mail address.
pub async fn list_memberships(
    db: &impl ConnectionTrait,
    person: &Principal,
    email: Option<&EmailAddress>,
) -> Result<Vec<member::Model>, DbErr> {
    use member::Column;
    let mut own = Condition::any().add(Column::Subject.eq(person.clone()));
    if let Some(email) = email {
        own = own.add(Column::Subject.is_null().and(Column::Email.eq(email.as_str())));
    }
    member::Entity::find().filter(own).filter(Column::RemovedAt.is_null()).all(db).await
}

/// Lists the officers of departments.
pub async fn list_officers(
    db: &impl ConnectionTrait,
    departments: Vec<Uuid>,
) -> Result<Vec<member::Model>, DbErr> {
    member::Entity::find()
        .filter(in_ids(db, member::Column::DepartmentId, departments))
        .filter(member::Column::RemovedAt.is_null())
        .order_by_asc(member::Column::Id)
        .all(db)
        .await
}

pub async fn find_member(
    db: &impl ConnectionTrait,
    id: MemberId,
) -> Result<Option<member::Model>, DbErr> {
    let present = member::Column::RemovedAt.is_null();
    member::Entity::find_by_id(id).filter(present).one(db).await
}

pub async fn insert_member(tx: &Tx, row: member::Model) -> Result<member::Model, DbErr> {
    database::insert(tx, row).await
}

/// Inserts new memberships.
pub async fn insert_members(tx: &Tx, rows: Vec<member::Model>) -> Result<(), DbErr> {
    database::insert_all_recorded::<member::Entity, _>(tx, rows).await
}

pub async fn update_member(tx: &Tx, row: member::Model) -> Result<member::Model, DbErr> {
    database::update(tx, row).await
}
