//! Tables whose rows are found by words: filling their index after an upgrade, and comparing it.
use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use uuid::Uuid;

use super::{Index, WordsDigest, digest_of, digests, find_last_subject, insert_all, is_empty};
use crate::database::{Database, Tx, load_batch};
use crate::fault::Result;

/// The number of rows that are read at once.
const BATCH: u64 = 500;

/// A table whose rows are found by words.
pub trait SearchedTable: EntityTrait {
    /// The index of the words. Several tables may share one.
    const INDEX: Index;
    /// What one row is, such as `solicitation`.
    const NAME: &'static str;
    /// What its words come from, such as `number and title`.
    const SOURCE: &'static str;
    /// The column of the identifier.
    const ID: Self::Column;

    /// The identifier of a row, and as messages name it.
    fn id(row: &Self::Model) -> (Uuid, String);

    /// The texts by which a row is found.
    fn texts(row: &Self::Model) -> Vec<&str>;
}

/// Inserts the words of rows into the index, which must contain none of them yet.
pub async fn insert_rows<T: SearchedTable>(tx: &Tx, rows: &[T::Model]) -> Result<(), DbErr> {
    let texts = rows.iter().map(|row| (T::id(row).0, T::texts(row)));
    insert_all(tx, T::INDEX, texts).await
}

/// Begins the transaction that fills an index. Returns none if the index has rows; another process may have filled it
/// meanwhile.
pub async fn begin_filling(db: &Database, index: Index) -> Result<Option<Tx>> {
    // First without the write lock, which only the start after an upgrade needs.
    if !is_empty(&db.read, index).await? {
        return Ok(None);
    }
    let tx = db.begin().await?;
    Ok(is_empty(&*tx, index).await?.then_some(tx))
}

/// Adds the rows after the last one in the index: all, after an upgrade from a version without it.
/// Writes in the order of ids and in many transactions, so that an interrupted run goes on where it
/// ended. Returns the number of rows.
pub async fn fill<T: SearchedTable>(db: &Database) -> Result<u64> {
    let (mut indexed, mut last) = (0, find_last_subject(&db.read, T::INDEX).await?);
    loop {
        let tx = db.begin().await?;
        let (rows, end) = fill_batch::<T>(&tx, last).await?;
        if end.is_none() {
            return Ok(indexed);
        }
        tx.commit().await?;
        (indexed, last) = (indexed + rows, end);
    }
}

/// Adds all rows of a table inside the caller's transaction, for indexes that several tables share.
/// Returns their number.
pub async fn fill_in<T: SearchedTable>(tx: &Tx) -> Result<u64> {
    let (mut indexed, mut last) = (0, None);
    loop {
        let (rows, end) = fill_batch::<T>(tx, last).await?;
        if end.is_none() {
            return Ok(indexed);
        }
        (indexed, last) = (indexed + rows, end);
    }
}

/// Adds the next rows; returns their number and the last one's identifier, none at the end.
async fn fill_batch<T: SearchedTable>(
    tx: &Tx,
    after: Option<Uuid>,
) -> Result<(u64, Option<Uuid>), DbErr> {
    let rows = load_batch::<T>(&**tx, T::ID, after, BATCH).await?;
    insert_rows::<T>(tx, &rows).await?;
    let number = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    Ok((number, rows.last().map(|row| T::id(row).0)))
}

/// The entries of an index that no row has been found for yet.
#[derive(Debug)]
pub struct Comparison {
    index: Index,
    remaining: HashMap<Uuid, WordsDigest>,
    /// The number of rows that were compared.
    pub checked: u64,
}

impl Comparison {
    /// Loads an index.
    pub async fn start(db: &impl ConnectionTrait, index: Index) -> Result<Self, DbErr> {
        Ok(Self { index, remaining: digests(db, index).await?, checked: 0 })
    }

    /// Whether the index has exactly the words of a row. Each row is compared once.
    pub fn has(&mut self, id: Uuid, texts: &[&str]) -> bool {
        self.checked += 1;
        self.remaining.remove(&id) == digest_of(texts)
    }

    /// Recomputes the words of every row of a table. Returns a description of the first inconsistency.
    pub async fn compare<T: SearchedTable>(
        &mut self,
        db: &impl ConnectionTrait,
    ) -> Result<Option<String>> {
        let mut last = None;
        loop {
            let rows = load_batch::<T>(db, T::ID, last, BATCH).await?;
            let Some(end) = rows.last() else { return Ok(None) };
            last = Some(T::id(end).0);
            for row in rows {
                let (id, name) = T::id(&row);
                if !self.has(id, &T::texts(&row)) {
                    let (kind, source) = (T::NAME, T::SOURCE);
                    return Ok(Some(format!(
                        "{kind} {name}: its search index entries do not match its {source}"
                    )));
                }
            }
        }
    }

    /// Describes entries of rows that do not exist, after every row was compared.
    #[must_use]
    pub fn describe_strays(&self) -> Option<String> {
        let message =
            format!("the search index has entries of {} that do not exist", self.index.subjects());
        (!self.remaining.is_empty()).then_some(message)
    }
}

/// Recomputes the index of one table and compares it. Returns the number of rows and a description of the
/// first inconsistency.
pub async fn verify<T: SearchedTable>(db: &impl ConnectionTrait) -> Result<(u64, Option<String>)> {
    let mut comparison = Comparison::start(db, T::INDEX).await?;
    let wrong = comparison.compare::<T>(db).await?;
    Ok((comparison.checked, wrong.or_else(|| comparison.describe_strays())))
}
