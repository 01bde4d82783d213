//! Writing the rows by which filings are screened.
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect};

use crate::database::{Tx, insert_all};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::service::Indexed;
use crate::search::{self, Index};

pub(in crate::disclosure) async fn insert(tx: &Tx, indexed: Indexed) -> Result<(), DbErr> {
    let Indexed { summary, totals, agreements, natures, arrangements, categories, texts } = indexed;
    let id = summary.disclosure_id.uuid();
    summary.into_active_model().reset_all().insert(&**tx).await?;
    insert_all::<total::Entity, total::ActiveModel>(tx, totals).await?;
    insert_all::<agreement::Entity, agreement::ActiveModel>(tx, agreements).await?;
    insert_all::<nature::Entity, nature::ActiveModel>(tx, natures).await?;
    insert_all::<arrangement::Entity, arrangement::ActiveModel>(tx, arrangements).await?;
    insert_all::<category::Entity, category::ActiveModel>(tx, categories).await?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    search::insert(tx, Index::Filing, id, &texts).await
}

/// Filings without rows, the earliest first.
pub(in crate::disclosure) async fn missing(
    tx: &Tx,
    most: u64,
) -> Result<Vec<filing::Model>, DbErr> {
    // Not `NOT IN`: PostgreSQL hashes that only while the table fits its memory.
    let mut rows = Query::select();
    let of = Expr::col(summary::Column::DisclosureId.as_column_ref());
    rows.expr(Expr::val(1)).from(summary::Entity);
    rows.and_where(of.equals(filing::Column::Id.as_column_ref()));
    filing::Entity::find()
        .filter(Expr::exists(rows).not())
        .order_by_asc(filing::Column::Id)
        .limit(most)
        .all(&**tx)
        .await
}
