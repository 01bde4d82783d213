//! Queries and writes of the screening rows of filings.
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::database::{Tx, in_ids, insert_all};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::IndexRows;
use crate::page::count;
use crate::search::{self, Index};

/// Inserts the screening rows and search texts of a filing.
pub(in crate::disclosure) async fn insert(tx: &Tx, indexed: IndexRows) -> Result<(), DbErr> {
    let IndexRows { summary, totals, agreements, natures, arrangements, categories, texts } =
        indexed;
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

/// At most `limit` filings that have no screening rows, earliest first.
pub(in crate::disclosure) async fn list_filings_without_rows(
    tx: &Tx,
    limit: u64,
) -> Result<Vec<filing::Model>, DbErr> {
    // Not `NOT IN`, which PostgreSQL hashes only while the table fits into its working memory.
    let mut rows = Query::select();
    let disclosure_id = Expr::col(summary::Column::DisclosureId.as_column_ref());
    rows.expr(Expr::val(1)).from(summary::Entity);
    rows.and_where(disclosure_id.equals(filing::Column::Id.as_column_ref()));
    filing::Entity::find()
        .filter(Expr::exists(rows).not())
        .order_by_asc(filing::Column::Id)
        .limit(limit)
        .all(&**tx)
        .await
}

/// The screening rows of these filings, without their texts; a filing without a summary row is left
/// out.
pub(in crate::disclosure) async fn load_rows(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, IndexRows>, DbErr> {
    let summaries =
        list_table_rows::<summary::Entity>(db, summary::Column::DisclosureId, &ids).await?;
    let mut rows: HashMap<DisclosureId, IndexRows> =
        summaries.into_iter().map(|row| (row.disclosure_id, IndexRows::empty(row))).collect();
    macro_rules! fill {
        ($($table:ident => $list:ident),+) => {
            $(for row in
                list_table_rows::<$table::Entity>(db, $table::Column::DisclosureId, &ids).await?
            {
                if let Some(indexed) = rows.get_mut(&row.disclosure_id) {
                    indexed.$list.push(row);
                }
            })+
        };
    }
    fill!(
        total => totals,
        agreement => agreements,
        nature => natures,
        arrangement => arrangements,
        category => categories
    );
    Ok(rows)
}

/// The rows of one table that belong to these filings.
async fn list_table_rows<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: &[Uuid],
) -> Result<Vec<E::Model>, DbErr> {
    E::find().filter(in_ids(db, column, ids.to_vec())).all(db).await
}

/// The number of rows in each screening table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::disclosure) struct RowCounts([u64; 6]);

impl RowCounts {
    /// Adds the rows of a filing.
    pub fn add(&mut self, indexed: &IndexRows) {
        let IndexRows { summary: _, totals, agreements, natures, arrangements, categories, .. } =
            indexed;
        let added = [
            1,
            totals.len(),
            agreements.len(),
            natures.len(),
            arrangements.len(),
            categories.len(),
        ];
        for (count, added) in self.0.iter_mut().zip(added) {
            *count += u64::try_from(added).unwrap_or(u64::MAX);
        }
    }

    /// Counts the stored rows.
    pub async fn count_stored(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        Ok(Self([
            count(db, summary::Entity::find()).await?,
            count(db, total::Entity::find()).await?,
            count(db, agreement::Entity::find()).await?,
            count(db, nature::Entity::find()).await?,
            count(db, arrangement::Entity::find()).await?,
            count(db, category::Entity::find()).await?,
        ]))
    }
}
