//! SQL of waivers and exemptions.
mod lists;

pub use lists::{list_exemptions, list_waivers};

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use super::entity::{exemption, waiver};
use super::model::{AwardedContract, ExemptionId, Waiver, WaiverId};
use crate::database::{self, Tx, in_ids, lock_for_change};
use crate::organization::model::{DepartmentId, Viewer};
use crate::search::{self, Index, SearchedTable};

/// Defines the statements of one table, `waiver` or `exemption`: both name their subject in the same
/// columns. `$relief` is the type that the feature uses, and `$read` converts a row to it.
macro_rules! relief_table {
    ($module:ident, $table:ident, $id:ident, $relief:ty, $read:expr) => {
        pub mod $module {
            use super::{
                AwardedContract, ColumnTrait, Condition, ConnectionTrait, DbErr, DepartmentId,
                EntityTrait, Index, QueryFilter, QueryOrder, SearchedTable, Select, Tx, Uuid,
                Viewer, database, in_ids, lock_for_change, search,
            };
            use crate::waiver::entity::$table::{Column, Entity, Model};
            use crate::waiver::model::$id;

            fn read_all(rows: Vec<Model>) -> Result<Vec<$relief>, DbErr> {
                rows.into_iter().map($read).collect()
            }

            /// Selects the rows that the viewer may see: all for City-wide readers, those of their
            /// departments for contract officers, none for bidders.
            pub(super) fn visible(viewer: &Viewer) -> Select<Entity> {
                let select = Entity::find();
                if viewer.can_read_all() {
                    return select;
                }
                select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
            }

            pub async fn find(
                db: &impl ConnectionTrait,
                viewer: &Viewer,
                id: $id,
            ) -> Result<Option<$relief>, DbErr> {
                visible(viewer).filter(Column::Id.eq(id)).one(db).await?.map($read).transpose()
            }

            pub async fn insert(tx: &Tx, relief: $relief) -> Result<$relief, DbErr> {
                let row = database::insert(tx, Model::from(relief)).await?;
                search::insert_rows::<Entity>(tx, std::slice::from_ref(&row)).await?;
                $read(row)
            }

            /// Lists those rows in `ids` that the viewer may see.
            pub async fn list_visible_by_ids(
                db: &impl ConnectionTrait,
                viewer: &Viewer,
                ids: Vec<Uuid>,
            ) -> Result<Vec<$relief>, DbErr> {
                read_all(visible(viewer).filter(in_ids(db, Column::Id, ids)).all(db).await?)
            }

            impl SearchedTable for Entity {
                const INDEX: Index = Index::Relief;
                const NAME: &'static str = stringify!($table);
                const SOURCE: &'static str = "contract number";
                const ID: Column = Column::Id;

                fn id(row: &Model) -> (Uuid, String) {
                    (row.id.uuid(), row.id.to_string())
                }

                fn texts(row: &Model) -> Vec<&str> {
                    row.contract_number.as_deref().into_iter().collect()
                }
            }

            /// Lists the rows of the given solicitations and contracts that the viewer may see,
            /// earliest first.
            pub async fn list_visible(
                db: &impl ConnectionTrait,
                viewer: &Viewer,
                solicitations: Vec<Uuid>,
                contracts: Vec<Uuid>,
            ) -> Result<Vec<$relief>, DbErr> {
                let subject = Condition::any()
                    .add(in_ids(db, Column::SolicitationId, solicitations))
                    .add(in_ids(db, Column::ContractId, contracts));
                read_all(visible(viewer).filter(subject).order_by_asc(Column::Id).all(db).await?)
            }

            /// Lists the rows of the given solicitations, contracts and contract numbers (of contracts
            /// not yet awarded), earliest first, regardless of the viewer.
            pub async fn list_for_subjects(
                db: &impl ConnectionTrait,
                solicitations: Vec<Uuid>,
                contracts: Vec<Uuid>,
                numbers: &[(DepartmentId, String)],
            ) -> Result<Vec<$relief>, DbErr> {
                let mut any = Condition::any();
                if !solicitations.is_empty() {
                    any = any.add(in_ids(db, Column::SolicitationId, solicitations));
                }
                if !contracts.is_empty() {
                    any = any.add(in_ids(db, Column::ContractId, contracts));
                }
                for (department, number) in numbers {
                    let same_number = Condition::all()
                        .add(Column::DepartmentId.eq(*department))
                        .add(Column::ContractNumber.eq(number.as_str()));
                    any = any.add(same_number);
                }
                if any.is_empty() {
                    return Ok(Vec::new());
                }
                read_all(Entity::find().filter(any).order_by_asc(Column::Id).all(db).await?)
            }

            /// Links the unlinked rows of a bid and of a contract number to the awarded contract and
            /// returns them.
            pub async fn link_to_contract(
                tx: &Tx,
                awarded: AwardedContract<'_>,
            ) -> Result<Vec<$relief>, DbErr> {
                let AwardedContract { contract, department, number, bid } = awarded;
                let by_number = Condition::all()
                    .add(Column::DepartmentId.eq(department))
                    .add(Column::ContractNumber.eq(number));
                let mut any = Condition::any().add(by_number);
                if let Some((solicitation, bidder)) = bid {
                    let by_bid = Condition::all()
                        .add(Column::SolicitationId.eq(solicitation))
                        .add(Column::OrganizationId.is_in(bidder.to_vec()));
                    any = any.add(by_bid);
                }
                let unlinked = Entity::find().filter(Column::ContractId.is_null()).filter(any);
                let unlinked =
                    lock_for_change(unlinked.order_by_asc(Column::Id)).all(&**tx).await?;
                let mut linked = Vec::with_capacity(unlinked.len());
                for row in unlinked {
                    let row = Model { contract_id: Some(contract), ..row };
                    linked.push(database::update(tx, row).await?);
                }
                read_all(linked)
            }
        }
    };
}

relief_table!(waivers, waiver, WaiverId, super::Waiver, super::Waiver::try_from);
relief_table!(exemptions, exemption, ExemptionId, Model, Ok::<Model, DbErr>);

/// Locks an exemption that the viewer may see.
pub async fn lock_exemption(
    tx: &Tx,
    viewer: &Viewer,
    id: ExemptionId,
) -> Result<Option<exemption::Model>, DbErr> {
    let select = exemptions::visible(viewer).filter(exemption::Column::Id.eq(id));
    lock_for_change(select).one(&**tx).await
}

pub async fn update_exemption(
    tx: &Tx,
    changed: exemption::Model,
) -> Result<exemption::Model, DbErr> {
    database::update(tx, changed).await
}

pub async fn lock_waiver(tx: &Tx, id: WaiverId) -> Result<Option<Waiver>, DbErr> {
    let row = lock_for_change(waiver::Entity::find_by_id(id)).one(&**tx).await?;
    row.map(Waiver::try_from).transpose()
}

pub async fn update_waiver(tx: &Tx, changed: Waiver) -> Result<Waiver, DbErr> {
    database::update(tx, waiver::Model::from(changed)).await?.try_into()
}
