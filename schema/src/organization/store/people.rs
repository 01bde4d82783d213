//! Statements on the names of people.
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
};
use sea_orm::{QueryFilter, QuerySelect};

use crate::database::Tx;
use crate::organization::entity::person::{Column, Entity, Model};

/// Lists the stored names of people, each with its stored principal.
pub async fn list_names(
    db: &impl ConnectionTrait,
    principals: &[String],
) -> Result<Vec<(String, String)>, DbErr> {
    Entity::find()
        .filter(Column::Principal.is_in(principals))
        .select_only()
        .columns([Column::Principal, Column::Name])
        .into_tuple()
        .all(db)
        .await
}

/// Inserts or replaces a person's name.
pub async fn upsert_name(tx: &Tx, row: Model) -> Result<(), DbErr> {
    let updated = [Column::Name, Column::UpdatedAt];
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::column(Column::Principal).update_columns(updated).to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
