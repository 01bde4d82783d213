//! Queries and writes of the screening rows of filings.
use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::database::{Tx, batch_of, in_ids, insert_all};
use crate::disclosure::entity::disclosed::{
    agreement, arrangement, category, nature, summary, total,
};
use crate::disclosure::entity::filing;
use crate::disclosure::model::DisclosureId;
use crate::page::count;
use crate::search::{self, Index};

/// The screening rows and search texts of one filing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::disclosure) struct IndexRows {
    pub summary: summary::Model,
    pub totals: Vec<total::Model>,
    pub agreements: Vec<agreement::Model>,
    pub natures: Vec<nature::Model>,
    pub arrangements: Vec<arrangement::Model>,
    pub categories: Vec<category::Model>,
    /// The searchable texts: descriptions, programs and names.
    pub texts: Vec<String>,
}

impl IndexRows {
    /// Whether the rows are equal in any order; texts are not compared.
    pub fn has_equal_rows(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }

    fn sorted(&self) -> Self {
        let Self {
            summary,
            mut totals,
            mut agreements,
            mut natures,
            mut arrangements,
            mut categories,
            texts: _,
        } = self.clone();
        totals.sort_by(|left, right| left.currency.cmp(&right.currency));
        agreements.sort_by_key(|row| row.position);
        natures.sort_by_key(|row| (row.position, row.nature));
        arrangements.sort_by_key(|row| row.position);
        categories.sort_by_key(|row| (row.position, row.category));
        let texts = Vec::new();
        Self { summary, totals, agreements, natures, arrangements, categories, texts }
    }
}

/// Inserts the screening rows and search texts of filings.
pub(in crate::disclosure) async fn insert(tx: &Tx, indexed: Vec<IndexRows>) -> Result<(), DbErr> {
    insert_texts(tx, &indexed).await?;
    let (mut all_summaries, mut all_totals) = (Vec::with_capacity(indexed.len()), Vec::new());
    let (mut all_agreements, mut all_natures) = (Vec::new(), Vec::new());
    let (mut all_arrangements, mut all_categories) = (Vec::new(), Vec::new());
    for of_filing in indexed {
        let IndexRows { summary, totals, agreements, natures, arrangements, categories, texts: _ } =
            of_filing;
        all_summaries.push(summary);
        all_totals.extend(totals);
        all_agreements.extend(agreements);
        all_natures.extend(natures);
        all_arrangements.extend(arrangements);
        all_categories.extend(categories);
    }
    insert_all::<summary::Entity, summary::ActiveModel>(tx, all_summaries).await?;
    insert_all::<total::Entity, total::ActiveModel>(tx, all_totals).await?;
    insert_all::<agreement::Entity, agreement::ActiveModel>(tx, all_agreements).await?;
    insert_all::<nature::Entity, nature::ActiveModel>(tx, all_natures).await?;
    insert_all::<arrangement::Entity, arrangement::ActiveModel>(tx, all_arrangements).await?;
    insert_all::<category::Entity, category::ActiveModel>(tx, all_categories).await
}

/// Inserts the search texts of filings that have none in the index.
pub(in crate::disclosure) async fn insert_texts(
    tx: &Tx,
    indexed: &[IndexRows],
) -> Result<(), DbErr> {
    let texts = indexed.iter().map(|of_filing| {
        let texts: Vec<&str> = of_filing.texts.iter().map(String::as_str).collect();
        (of_filing.summary.disclosure_id.uuid(), texts)
    });
    search::insert_all(tx, Index::Filing, texts).await
}

/// At most `limit` filings after an identifier that have no screening rows, in its order.
pub(in crate::disclosure) async fn list_filings_without_rows(
    db: &impl ConnectionTrait,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<filing::Model>, DbErr> {
    // Not `NOT IN`, which PostgreSQL hashes only while the table fits into its working memory.
    let mut rows = Query::select();
    let disclosure_id = Expr::col(summary::Column::DisclosureId.as_column_ref());
    rows.expr(Expr::val(1)).from(summary::Entity);
    rows.and_where(disclosure_id.equals(filing::Column::Id.as_column_ref()));
    let missing = filing::Entity::find().filter(Expr::exists(rows).not());
    batch_of(missing, filing::Column::Id, after, limit).all(db).await
}

/// The screening rows of these filings, without their texts; a filing without a summary row is left
/// out.
pub(in crate::disclosure) async fn load_rows(
    db: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<DisclosureId, IndexRows>, DbErr> {
    let select = summary::Entity::find();
    let summaries = select.filter(in_ids(db, summary::Column::DisclosureId, ids.clone()));
    let summaries = summaries.all(db).await?;
    macro_rules! load {
        ($table:ident) => {{
            let select = $table::Entity::find();
            let select = select.filter(in_ids(db, $table::Column::DisclosureId, ids.clone()));
            let mut rows = HashMap::<DisclosureId, Vec<$table::Model>>::new();
            for row in select.all(db).await? {
                rows.entry(row.disclosure_id).or_default().push(row);
            }
            rows
        }};
    }
    let mut totals = load!(total);
    let mut agreements = load!(agreement);
    let mut natures = load!(nature);
    let mut arrangements = load!(arrangement);
    let mut categories = load!(category);
    let rows = summaries.into_iter().map(|summary| {
        let id = summary.disclosure_id;
        let rows = IndexRows {
            summary,
            totals: totals.remove(&id).unwrap_or_default(),
            agreements: agreements.remove(&id).unwrap_or_default(),
            natures: natures.remove(&id).unwrap_or_default(),
            arrangements: arrangements.remove(&id).unwrap_or_default(),
            categories: categories.remove(&id).unwrap_or_default(),
            texts: Vec::new(),
        };
        (id, rows)
    });
    Ok(rows.collect())
}

/// The number of rows in each screening table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::disclosure) struct RowCounts {
    summaries: u64,
    totals: u64,
    agreements: u64,
    natures: u64,
    arrangements: u64,
    categories: u64,
}

impl RowCounts {
    /// Adds the rows of a filing.
    pub fn add(&mut self, indexed: &IndexRows) {
        fn count_of<T>(rows: &[T]) -> u64 {
            u64::try_from(rows.len()).unwrap_or(u64::MAX)
        }
        let IndexRows {
            summary: _,
            totals,
            agreements,
            natures,
            arrangements,
            categories,
            texts: _,
        } = indexed;
        self.summaries += 1;
        self.totals += count_of(totals);
        self.agreements += count_of(agreements);
        self.natures += count_of(natures);
        self.arrangements += count_of(arrangements);
        self.categories += count_of(categories);
    }

    /// Counts the stored rows.
    pub async fn count_stored(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        Ok(Self {
            summaries: count(db, summary::Entity::find()).await?,
            totals: count(db, total::Entity::find()).await?,
            agreements: count(db, agreement::Entity::find()).await?,
            natures: count(db, nature::Entity::find()).await?,
            arrangements: count(db, arrangement::Entity::find()).await?,
            categories: count(db, category::Entity::find()).await?,
        })
    }
}
