//! Writing the rows by which filings are screened.
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait};
use sea_orm::{IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::database::{Tx, insert_all, in_ids};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::model::DisclosureId;
use crate::disclosure::service::Indexed;
use crate::page::count;
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

/// The rows of some filings, without their texts; a filing without a summary is not in it.
pub(in crate::disclosure) async fn rows_of(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, Indexed>, DbErr> {
    let summaries = all_of::<summary::Entity>(db, summary::Column::DisclosureId, &ids).await?;
    let mut rows: HashMap<DisclosureId, Indexed> =
        summaries.into_iter().map(|row| (row.disclosure_id, Indexed::empty(row))).collect();
    macro_rules! fill {
        ($($table:ident => $list:ident),+) => {
            $(for row in
                all_of::<$table::Entity>(db, $table::Column::DisclosureId, &ids).await?
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

async fn all_of<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    ids: &[Uuid],
) -> Result<Vec<E::Model>, DbErr> {
    E::find().filter(in_ids(db, column, ids.to_vec())).all(db).await
}

/// How many rows each of the tables has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::disclosure) struct Counts([u64; 6]);

impl Counts {
    /// Adds the rows of a filing.
    pub fn add(&mut self, indexed: &Indexed) {
        let Indexed { summary: _, totals, agreements, natures, arrangements, categories, .. } =
            indexed;
        let more = [
            1,
            totals.len(),
            agreements.len(),
            natures.len(),
            arrangements.len(),
            categories.len(),
        ];
        for (count, more) in self.0.iter_mut().zip(more) {
            *count += u64::try_from(more).unwrap_or(u64::MAX);
        }
    }

    /// Those that are there.
    pub async fn stored(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
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
