//! Statements on the tables of parties: the members and the subcontractors of bids and of contracts, each
//! with the organization to which it was resolved.
use std::collections::HashMap;

use sea_orm::sea_query::{Condition, Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::database::{self, Recorded, Tx, in_ids};
use crate::decision::entity::{
    bid_member, bid_subcontractor, contract_member, contract_subcontractor,
};
use crate::decision::model::{NewlyResolved, Parties, PartyOwner, Subcontractor};
use crate::gate::ResolvedBy;
use crate::money::Money;
use crate::organization::model::{
    Identifier, OrganizationId, PartyColumns, Resolution, ResolvedParty,
};

/// A row of a table of parties. `A` is the amount of a subcontractor's work, and `()` for a member.
struct PartyRow<A> {
    subject: Uuid,
    /// From 0, in the order given.
    position: i64,
    party: PartyColumns,
    amount: A,
}

/// A table with one row for each member, or for each subcontractor, of its subjects.
trait PartyTable: Recorded {
    type Amount;
    const SUBJECT: Self::Column;
    const POSITION: Self::Column;
    const ORGANIZATION_ID: Self::Column;
    const SCHEME: Self::Column;
    const VALUE: Self::Column;
    const RESOLVED_BY: Self::Column;
    const RESOLVED_TO: Self::Column;
    const RESOLVED_AT: Self::Column;

    fn read(row: Self::Model) -> PartyRow<Self::Amount>;
    fn write(row: PartyRow<Self::Amount>) -> Self::Model;
}

/// Implements [`PartyTable`] for an entity. Arguments: its module, the column and the field of the
/// subject's identifier, and `Money` if its rows have amounts.
macro_rules! party_table {
    ($entity:ident, $column:ident, $field:ident) => {
        party_table!(@table $entity, $column, $field, (), row, (), {});
    };
    ($entity:ident, $column:ident, $field:ident, Money) => {
        party_table!(
            @table $entity, $column, $field, Money, row,
            Money { cents: row.amount_cents, currency: row.currency },
            { amount_cents: row.amount.cents, currency: row.amount.currency, }
        );
    };
    (
        @table $entity:ident, $column:ident, $field:ident, $amount:ty, $row:ident, $read:expr,
        { $($written:tt)* }
    ) => {
        impl PartyTable for $entity::Entity {
            type Amount = $amount;
            const SUBJECT: $entity::Column = $entity::Column::$column;
            const POSITION: $entity::Column = $entity::Column::Position;
            const ORGANIZATION_ID: $entity::Column = $entity::Column::OrganizationId;
            const SCHEME: $entity::Column = $entity::Column::Scheme;
            const VALUE: $entity::Column = $entity::Column::Value;
            const RESOLVED_BY: $entity::Column = $entity::Column::ResolvedBy;
            const RESOLVED_TO: $entity::Column = $entity::Column::ResolvedTo;
            const RESOLVED_AT: $entity::Column = $entity::Column::ResolvedAt;

            fn read($row: $entity::Model) -> PartyRow<$amount> {
                PartyRow {
                    subject: $row.$field,
                    position: $row.position,
                    party: PartyColumns {
                        organization_id: $row.organization_id,
                        name: $row.name,
                        scheme: $row.scheme,
                        value: $row.value,
                        resolved_by: $row.resolved_by,
                        resolved_to: $row.resolved_to,
                        resolved_at: $row.resolved_at,
                    },
                    amount: $read,
                }
            }

            fn write($row: PartyRow<$amount>) -> $entity::Model {
                $entity::Model {
                    $field: $row.subject,
                    position: $row.position,
                    organization_id: $row.party.organization_id,
                    name: $row.party.name,
                    scheme: $row.party.scheme,
                    value: $row.party.value,
                    resolved_by: $row.party.resolved_by,
                    resolved_to: $row.party.resolved_to,
                    resolved_at: $row.party.resolved_at,
                    $($written)*
                }
            }
        }
    };
}

party_table!(bid_member, BidId, bid_id);
party_table!(bid_subcontractor, BidId, bid_id, Money);
party_table!(contract_member, ContractId, contract_id);
party_table!(contract_subcontractor, ContractId, contract_id, Money);

/// Lists the rows of subjects, by subject and position.
async fn list_rows<T: PartyTable>(
    db: &impl ConnectionTrait,
    subjects: Vec<Uuid>,
) -> Result<Vec<PartyRow<T::Amount>>, DbErr> {
    let select = T::find().filter(in_ids(db, T::SUBJECT, subjects));
    let rows = select.order_by_asc(T::SUBJECT).order_by_asc(T::POSITION).all(db).await?;
    Ok(rows.into_iter().map(T::read).collect())
}

async fn insert_rows<T: PartyTable>(
    tx: &Tx,
    rows: impl Iterator<Item = PartyRow<T::Amount>>,
) -> Result<(), DbErr>
where
    T::Model: IntoActiveModel<T::ActiveModel>,
{
    let rows = rows.map(T::write).collect();
    database::insert_all_recorded::<T, T::ActiveModel>(tx, rows).await
}

/// Stores new resolutions of a subject's parties, one statement for each organization. Only a person's
/// choice replaces an existing resolution.
async fn update_resolutions<T: PartyTable>(
    tx: &Tx,
    subject: Uuid,
    resolved: Vec<(Resolution, Vec<i64>)>,
) -> Result<(), DbErr> {
    for (resolution, positions) in resolved {
        let chosen = Condition::all().add(T::SUBJECT.eq(subject)).add(T::POSITION.is_in(positions));
        let mut update = T::update_many()
            .col_expr(T::RESOLVED_BY, Expr::value(resolution.method.as_str()))
            .col_expr(T::RESOLVED_TO, Expr::value(resolution.organization))
            .col_expr(T::RESOLVED_AT, Expr::value(resolution.at))
            .filter(chosen.clone());
        if resolution.method != ResolvedBy::Chosen {
            update = update.filter(T::RESOLVED_TO.is_null());
        }
        update.exec(&**tx).await?;
        for row in T::find().filter(chosen).all(&**tx).await? {
            database::note_row(tx, &row);
        }
    }
    Ok(())
}

/// Selects the subjects with a party that is resolved to one of the organizations, or that is unresolved
/// and named with one of the identifiers.
fn select_naming<T: PartyTable>(
    organizations: &[OrganizationId],
    identifiers: &[Identifier],
) -> SelectStatement {
    let mut any = Condition::any().add(T::RESOLVED_TO.is_in(organizations.to_vec()));
    for identifier in identifiers {
        let is_named = T::SCHEME.eq(identifier.scheme);
        let is_named = is_named.and(T::VALUE.eq(identifier.id.as_str()));
        let is_named = is_named.and(T::ORGANIZATION_ID.is_null());
        any = any.add(is_named.and(T::RESOLVED_TO.is_null()));
    }
    T::find().select_only().column(T::SUBJECT).filter(any).into_query()
}

fn member_rows(subject: Uuid, members: &[ResolvedParty]) -> impl Iterator<Item = PartyRow<()>> {
    (0..).zip(members).map(move |(position, party)| PartyRow {
        subject,
        position,
        party: PartyColumns::from(party),
        amount: (),
    })
}

fn subcontractor_rows(
    subject: Uuid,
    subcontractors: &[Subcontractor],
) -> impl Iterator<Item = PartyRow<Money>> {
    (0..).zip(subcontractors).map(move |(position, subcontractor)| PartyRow {
        subject,
        position,
        party: PartyColumns::from(&subcontractor.party),
        amount: subcontractor.amount.clone(),
    })
}

/// Lists the subcontractors of subjects, in the order given. Subjects without any have no entry.
pub async fn list_subcontractors(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Vec<Subcontractor>>, DbErr> {
    let rows = match owner {
        PartyOwner::Bid => list_rows::<bid_subcontractor::Entity>(db, subjects).await?,
        PartyOwner::Contract => list_rows::<contract_subcontractor::Entity>(db, subjects).await?,
    };
    let mut subcontractors = HashMap::<Uuid, Vec<Subcontractor>>::new();
    for PartyRow { subject, party, amount, .. } in rows {
        let subcontractor = Subcontractor { party: party.into(), amount };
        subcontractors.entry(subject).or_default().push(subcontractor);
    }
    Ok(subcontractors)
}

/// Lists the parties of subjects. Subjects without any have no entry.
pub async fn list_parties(
    db: &impl ConnectionTrait,
    owner: PartyOwner,
    subjects: Vec<Uuid>,
) -> Result<HashMap<Uuid, Parties>, DbErr> {
    let rows = match owner {
        PartyOwner::Bid => list_rows::<bid_member::Entity>(db, subjects.clone()).await?,
        PartyOwner::Contract => list_rows::<contract_member::Entity>(db, subjects.clone()).await?,
    };
    let mut parties = HashMap::<Uuid, Parties>::new();
    for PartyRow { subject, party, .. } in rows {
        parties.entry(subject).or_default().members.push(party.into());
    }
    for (subject, subcontractors) in list_subcontractors(db, owner, subjects).await? {
        parties.entry(subject).or_default().subcontractors = subcontractors;
    }
    Ok(parties)
}

/// Inserts the parties of new subjects.
pub async fn insert_parties(
    tx: &Tx,
    owner: PartyOwner,
    parties: &[(Uuid, &Parties)],
) -> Result<(), DbErr> {
    let members = parties.iter().flat_map(|(subject, it)| member_rows(*subject, &it.members));
    let subcontractors =
        parties.iter().flat_map(|(subject, it)| subcontractor_rows(*subject, &it.subcontractors));
    match owner {
        PartyOwner::Bid => {
            insert_rows::<bid_subcontractor::Entity>(tx, subcontractors).await?;
            insert_rows::<bid_member::Entity>(tx, members).await
        }
        PartyOwner::Contract => {
            insert_rows::<contract_subcontractor::Entity>(tx, subcontractors).await?;
            insert_rows::<contract_member::Entity>(tx, members).await
        }
    }
}

/// Replaces the members of the joint venture that holds a contract, after an assignment.
pub async fn replace_contract_members(
    tx: &Tx,
    contract: Uuid,
    members: &[ResolvedParty],
) -> Result<(), DbErr> {
    let is_old = contract_member::Column::ContractId.eq(contract);
    for row in contract_member::Entity::find().filter(is_old.clone()).all(&**tx).await? {
        database::note_removal(tx, &row);
    }
    contract_member::Entity::delete_many().filter(is_old).exec(&**tx).await?;
    insert_rows::<contract_member::Entity>(tx, member_rows(contract, members)).await
}

/// Replaces the subcontractor at a position of a subject.
pub async fn update_subcontractor(
    tx: &Tx,
    owner: PartyOwner,
    subject: Uuid,
    (position, subcontractor): (i64, &Subcontractor),
) -> Result<(), DbErr> {
    let row = PartyRow {
        subject,
        position,
        party: PartyColumns::from(&subcontractor.party),
        amount: subcontractor.amount.clone(),
    };
    match owner {
        PartyOwner::Bid => {
            database::update(tx, bid_subcontractor::Entity::write(row)).await?;
        }
        PartyOwner::Contract => {
            database::update(tx, contract_subcontractor::Entity::write(row)).await?;
        }
    }
    Ok(())
}

/// Stores new resolutions of a subject's parties. Only a person's choice replaces an existing one.
pub async fn save_resolutions(
    tx: &Tx,
    owner: PartyOwner,
    subject: Uuid,
    resolved: &NewlyResolved,
) -> Result<(), DbErr> {
    let members = resolved.members_by_organization();
    let subcontractors = resolved.subcontractors_by_organization();
    match owner {
        PartyOwner::Bid => {
            update_resolutions::<bid_member::Entity>(tx, subject, members).await?;
            update_resolutions::<bid_subcontractor::Entity>(tx, subject, subcontractors).await
        }
        PartyOwner::Contract => {
            update_resolutions::<contract_member::Entity>(tx, subject, members).await?;
            update_resolutions::<contract_subcontractor::Entity>(tx, subject, subcontractors).await
        }
    }
}

/// Selects the identifiers of the subjects that name one of the organizations: one subquery for the members and
/// one for the subcontractors.
pub fn select_subjects_naming(
    owner: PartyOwner,
    organizations: &[OrganizationId],
    identifiers: &[Identifier],
) -> [SelectStatement; 2] {
    match owner {
        PartyOwner::Bid => [
            select_naming::<bid_member::Entity>(organizations, identifiers),
            select_naming::<bid_subcontractor::Entity>(organizations, identifiers),
        ],
        PartyOwner::Contract => [
            select_naming::<contract_member::Entity>(organizations, identifiers),
            select_naming::<contract_subcontractor::Entity>(organizations, identifiers),
        ],
    }
}
