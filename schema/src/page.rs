//! Pages of long lists, found by row values: page two thousand costs what page one does.
use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SimpleExpr, WindowStatement};
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DbErr, EntityTrait, Order as Direction, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::database::in_ids;
use crate::fault::{Fault, FieldPath, Result};

/// The most rows of one page.
pub const MAX_PAGE_SIZE: u64 = 100;
/// The rows of a page whose size was not asked for.
pub const DEFAULT_PAGE_SIZE: u64 = 20;

/// What a row is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    Text(String),
    Int(i64),
    Day(NaiveDate),
    Time(DateTime<Utc>),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Text(text) => text.into(),
            Key::Int(whole) => whole.into(),
            Key::Day(day) => day.into(),
            Key::Time(time) => time.into(),
        }
    }
}

/// One order of one list: an index `(column, id)` stands behind each, its columns NOT NULL.
#[derive(Debug)]
pub struct Order<E: EntityTrait> {
    /// Stands in every cursor, which is refused for another order.
    pub name: String,
    pub column: E::Column,
    pub id: E::Column,
    pub descending: bool,
    /// The two columns' values in a row.
    pub key: fn(&E::Model, E::Column) -> (Key, Uuid),
}

/// A place in an order: the last row seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    order: String,
    key: Key,
    id: Uuid,
}

impl Cursor {
    fn write(&self) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(|e| Fault::Internal(e.to_string().into()))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

const NOT_A_CURSOR: &str = "This is no cursor; send one that an answer gave, as it was given.";

/// The error for a cursor that no answer gave.
#[must_use]
pub fn not_a_cursor(argument: &str) -> Fault {
    Fault::invalid(&FieldPath::argument(argument), "invalid", NOT_A_CURSOR)
}

/// A connection's arguments, as the Relay specification names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PageArguments {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// The part of a list that is asked for.
#[derive(Clone, Debug)]
struct PageRequest {
    size: u64,
    backward: bool,
    from: Option<Cursor>,
}

impl PageArguments {
    fn page_request<E: EntityTrait>(&self, order: &Order<E>) -> Result<PageRequest> {
        let backward = self.last.is_some() || self.before.is_some();
        if backward && (self.first.is_some() || self.after.is_some()) {
            let told = "Ask with first and after, or with last and before, not with both.";
            return Err(Fault::invalid(&FieldPath::argument("first"), "contradiction", told));
        }
        let (count, place, name, cursor) = if backward {
            (self.last, "last", "before", &self.before)
        } else {
            (self.first, "first", "after", &self.after)
        };
        let size = match count.map(u64::try_from) {
            None => DEFAULT_PAGE_SIZE,
            Some(Ok(size)) if size <= MAX_PAGE_SIZE => size,
            Some(_) => {
                let told = format!("Ask for 0 to {MAX_PAGE_SIZE} rows a page.");
                return Err(Fault::invalid(&FieldPath::argument(place), "invalid", told));
            }
        };
        let from = cursor.as_deref().map(|text| match Cursor::read(text) {
            Some(cursor) if cursor.order != order.name => {
                Err("This cursor belongs to another list or order; start again without it.")
            }
            Some(cursor) if order.accepts_key(&cursor.key) => Ok(cursor),
            _ => Err(NOT_A_CURSOR),
        });
        let from = from
            .transpose()
            .map_err(|told| Fault::invalid(&FieldPath::argument(name), "invalid", told))?;
        Ok(PageRequest { size, backward, from })
    }
}

/// One page, in the order asked for.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Each row behind its cursor.
    pub rows: Vec<(String, T)>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Page<T> {
    /// The same page of something made of the rows.
    pub fn map<U>(self, make: impl Fn(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(|(cursor, row)| (cursor, make(row))).collect();
        Page { rows, has_previous: self.has_previous, has_next: self.has_next }
    }

    /// The same page with its rows replaced, one for one.
    pub fn replace<U>(self, with: impl FnOnce(Vec<T>) -> Vec<U>) -> Page<U> {
        let (cursors, rows): (Vec<_>, Vec<_>) = self.rows.into_iter().unzip();
        let rows = cursors.into_iter().zip(with(rows)).collect();
        Page { rows, has_previous: self.has_previous, has_next: self.has_next }
    }
}

impl<E: EntityTrait> Order<E> {
    fn columns(&self) -> [SimpleExpr; 2] {
        [self.column, self.id].map(|column| Expr::col(column.as_column_ref()))
    }

    /// Whether the column can hold the key: cursors are not signed, and a made-up one would be
    /// refused in the database's words, or compared as what it is not.
    fn accepts_key(&self, key: &Key) -> bool {
        match (key, self.column.def().get_column_type()) {
            (Key::Int(_), ColumnType::BigInteger) => true,
            (Key::Text(text), ColumnType::String(_) | ColumnType::Text) => !text.contains('\0'),
            (Key::Day(day), ColumnType::Date) => (1..=9_999).contains(&day.year()),
            (Key::Time(at), ColumnType::TimestampWithTimeZone) => (1..=9_999).contains(&at.year()),
            _ => false,
        }
    }

    fn is_descending(&self, part: &PageRequest) -> bool {
        self.descending != part.backward
    }

    fn direction(&self, part: &PageRequest) -> Direction {
        if self.is_descending(part) { Direction::Desc } else { Direction::Asc }
    }

    /// Keeps the rows beyond the cursor.
    fn after_cursor(&self, select: Select<E>, part: &PageRequest) -> Select<E> {
        let Some(from) = part.from.clone() else {
            return select;
        };
        let here = Expr::tuple(self.columns());
        let there = Expr::tuple([Expr::val(Value::from(from.key)), Expr::val(from.id)]);
        select.filter(if self.is_descending(part) { here.lt(there) } else { here.gt(there) })
    }

    fn sorted(&self, select: Select<E>, part: &PageRequest) -> Select<E> {
        let direction = self.direction(part);
        select.order_by(self.column, direction.clone()).order_by(self.id, direction)
    }

    /// Turns the rows read, one more than asked for if there are more, into a page.
    fn into_page(&self, mut rows: Vec<E::Model>, part: &PageRequest) -> Result<Page<E::Model>> {
        let size = usize::try_from(part.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if part.backward {
            rows.reverse();
        }
        let rows = rows.into_iter().map(|row| {
            let cursor = self.cursor(&row)?;
            Ok((cursor, row))
        });
        let (has_previous, has_next) =
            if part.backward { (more, part.from.is_some()) } else { (part.from.is_some(), more) };
        Ok(Page { rows: rows.collect::<Result<_>>()?, has_previous, has_next })
    }

    /// The cursor of a row: for a list that gives its clients another one in its place.
    ///
    /// # Errors
    /// `Internal` if it cannot be written.
    pub fn cursor(&self, row: &E::Model) -> Result<String> {
        let (key, id) = (self.key)(row, self.column);
        Cursor { order: self.name.clone(), key, id }.write()
    }

    /// One page of `select`.
    ///
    /// # Errors
    /// `Invalid` for a size or a cursor that is none of this order's.
    pub async fn page(
        &self,
        db: &impl ConnectionTrait,
        select: Select<E>,
        arguments: &PageArguments,
    ) -> Result<Page<E::Model>> {
        let part = arguments.page_request(self)?;
        let select = self.sorted(self.after_cursor(select, &part), &part);
        self.into_page(select.limit(part.size + 1).all(db).await?, &part)
    }

    /// The same page of each parent's rows, in one statement: what a nested connection reads.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn page_of_each(
        &self,
        db: &impl ConnectionTrait,
        select: Select<E>,
        arguments: &PageArguments,
        parent: E::Column,
        parents: Vec<Uuid>,
        parent_of: fn(&E::Model) -> Uuid,
    ) -> Result<HashMap<Uuid, Page<E::Model>>> {
        let part = arguments.page_request(self)?;
        let direction = self.direction(&part);
        let mut window = WindowStatement::partition_by(parent);
        window.order_by(self.column, direction.clone()).order_by(self.id, direction);
        let mut ranked = self
            .after_cursor(select, &part)
            .filter(in_ids(db, parent, parents.clone()))
            .select_only()
            .column_as(Expr::col(self.id.as_column_ref()), "id")
            .into_query();
        ranked.expr_window_as(Expr::cust("ROW_NUMBER()"), window, "place");
        let mut within = Query::select();
        within.column(Alias::new("id")).from_subquery(ranked, Alias::new("ranked"));
        let most = i64::try_from(part.size + 1).unwrap_or(i64::MAX);
        within.and_where(Expr::col(Alias::new("place")).lte(most));
        let chosen = E::find().filter(Expr::col(self.id.as_column_ref()).in_subquery(within));
        let mut rows: HashMap<Uuid, Vec<E::Model>> = HashMap::new();
        for row in self.sorted(chosen, &part).all(db).await? {
            rows.entry(parent_of(&row)).or_default().push(row);
        }
        let sheets = parents.into_iter().map(|parent| {
            Ok((parent, self.into_page(rows.remove(&parent).unwrap_or_default(), &part)?))
        });
        sheets.collect()
    }
}

/// How many rows a list has in all; asked only when a client asks.
///
/// # Errors
/// If the database fails.
pub async fn count<E: EntityTrait>(
    db: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<u64, DbErr>
where
    E::Model: Sync,
{
    sea_orm::PaginatorTrait::count(select, db).await
}
