//! Every statement on waivers and exemptions.
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use super::entity::waiver;
use super::model::WaiverId;
use crate::database::{self, Tx, lock_for_change, in_ids};
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// A table of waivers or of exemptions: both tell alike what they are for.
macro_rules! table {
    ($module:ident, $table:ident, $id:ident) => {
        pub mod $module {
            use super::{
                ColumnTrait, Condition, ConnectionTrait, DbErr, DepartmentId, EntityTrait,
                OrganizationId, QueryFilter, QueryOrder, Select, Tx, Uuid, Viewer, database,
                lock_for_change, in_ids,
            };
            use crate::waiver::entity::$table::{Column, Entity, Model};
            use crate::waiver::model::$id;

            /// For staff: who reads all, and the department's officers.
            fn visible(viewer: &Viewer) -> Select<Entity> {
                let select = Entity::find();
                if viewer.reads_all() {
                    return select;
                }
                select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
            }

            pub async fn find(
                db: &impl ConnectionTrait,
                viewer: &Viewer,
                id: $id,
            ) -> Result<Option<Model>, DbErr> {
                visible(viewer).filter(Column::Id.eq(id)).one(db).await
            }

            pub async fn insert(tx: &Tx, row: Model) -> Result<Model, DbErr> {
                database::insert(tx, row).await
            }

            /// Those that are for some solicitations or contracts and that the viewer may see, the
            /// earliest first.
            pub async fn visible_of(
                db: &impl ConnectionTrait,
                viewer: &Viewer,
                solicitations: Vec<Uuid>,
                contracts: Vec<Uuid>,
            ) -> Result<Vec<Model>, DbErr> {
                let of = Condition::any()
                    .add(in_ids(db, Column::SolicitationId, solicitations))
                    .add(in_ids(db, Column::ContractId, contracts));
                visible(viewer).filter(of).order_by_asc(Column::Id).all(db).await
            }

            /// Those that are for some solicitations or contracts, the earliest first; with a
            /// number, also what is for the contract that will bear it. Whoever may see them.
            pub async fn sought(
                db: &impl ConnectionTrait,
                solicitations: Vec<Uuid>,
                contracts: Vec<Uuid>,
                numbers: &[(DepartmentId, String)],
            ) -> Result<Vec<Model>, DbErr> {
                let mut any = Condition::any();
                if !solicitations.is_empty() {
                    any = any.add(in_ids(db, Column::SolicitationId, solicitations));
                }
                if !contracts.is_empty() {
                    any = any.add(in_ids(db, Column::ContractId, contracts));
                }
                for (department, number) in numbers {
                    let here = Condition::all()
                        .add(Column::DepartmentId.eq(*department))
                        .add(Column::ContractNumber.eq(number.as_str()));
                    any = any.add(here);
                }
                if any.is_empty() {
                    return Ok(Vec::new());
                }
                Entity::find().filter(any).order_by_asc(Column::Id).all(db).await
            }

            /// Links what was for a contract to be, or for a bid, to the contract that came of it;
            /// the rows that were linked.
            pub async fn attach(
                tx: &Tx,
                bid: Option<(Uuid, OrganizationId)>,
                (department, number): (DepartmentId, &str),
                contract: Uuid,
            ) -> Result<Vec<Model>, DbErr> {
                let by_number = Condition::all()
                    .add(Column::DepartmentId.eq(department))
                    .add(Column::ContractNumber.eq(number));
                let mut any = Condition::any().add(by_number);
                if let Some((solicitation, organization)) = bid {
                    let by_bid = Condition::all()
                        .add(Column::SolicitationId.eq(solicitation))
                        .add(Column::OrganizationId.eq(organization));
                    any = any.add(by_bid);
                }
                let loose = Entity::find().filter(Column::ContractId.is_null()).filter(any);
                let loose = lock_for_change(loose.order_by_asc(Column::Id)).all(&**tx).await?;
                let mut attached = Vec::with_capacity(loose.len());
                for row in loose {
                    let row = Model { contract_id: Some(contract), ..row };
                    attached.push(database::update(tx, row).await?);
                }
                Ok(attached)
            }
        }
    };
}

table!(waivers, waiver, WaiverId);
table!(exemptions, exemption, ExemptionId);

pub async fn lock_waiver(tx: &Tx, id: WaiverId) -> Result<Option<waiver::Model>, DbErr> {
    lock_for_change(waiver::Entity::find_by_id(id)).one(&**tx).await
}

pub async fn update_waiver(tx: &Tx, row: waiver::Model) -> Result<waiver::Model, DbErr> {
    database::update(tx, row).await
}
