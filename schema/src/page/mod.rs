//! Pages of long lists. Keyset pagination: page 2,000 costs what page 1 costs.
mod cursor;

pub use cursor::{Cursor, Key, RowCursor, not_a_cursor};

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::WindowStatement;
use sea_orm::sea_query::{
    Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{
    ColumnTrait, ColumnType, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable,
    Order as Direction, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    Value,
};
use uuid::Uuid;

use crate::clock::to_microseconds;
use crate::database::{Lookup, ReadByPosition, in_ids, read_rows};
use crate::fault::{Fault, FieldPath, Result};
use crate::user_message::UserMessage;

/// The largest page that a client may ask for, in rows.
pub const MAX_PAGE_SIZE: u64 = 100;
/// The page size when a client sends neither `first` nor `last`, in rows.
pub const DEFAULT_PAGE_SIZE: u64 = 20;

/// How many rows are checked for each row of a page before all matches are looked for.
const CHECKED_ROWS_PER_PAGE_ROW: u64 = 50;
/// The name of the rows that are checked.
const NEXT_ROWS: &str = "next_row";
/// The name of the rows of a part of a page, and of those of all parts.
const PART: &str = "part";
/// The name of the rows in a statement that joins something to them.
pub const RANKED: &str = "ranked";
/// The column of the rows with their parent, the parents, and the parent of a row.
pub type Parents<E> =
    (<E as EntityTrait>::Column, Vec<Uuid>, fn(&<E as EntityTrait>::Model) -> Uuid);
/// The column with the position of a row among those of its parent, from 1.
const ROW_NUMBER: &str = "row_number";

/// Validates the argument `first` of a list that is no connection.
///
/// # Errors
/// `Invalid` unless it is from 0 to [`MAX_PAGE_SIZE`].
pub fn validate_first(first: Option<i32>) -> Result<usize> {
    let first = first.map_or(Some(DEFAULT_PAGE_SIZE), |first| u64::try_from(first).ok());
    let first = first.filter(|it| *it <= MAX_PAGE_SIZE).and_then(|it| usize::try_from(it).ok());
    first.ok_or_else(|| {
        let message = UserMessage::PageSizeInvalid { max: MAX_PAGE_SIZE };
        Fault::invalid(&FieldPath::argument("first"), message)
    })
}

/// Cuts a batch of at most `size` rows, and returns whether there are more. The rows are read with one
/// beyond the batch.
#[must_use]
pub fn cut_batch<T>(mut rows: Vec<T>, size: u64) -> (Vec<T>, bool) {
    let has_more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    (rows, has_more)
}

/// One sort order of one list. An index on `(column, id)` serves each; its columns are NOT NULL.
#[derive(Debug)]
pub struct Order<E: EntityTrait> {
    /// Written into every cursor; a cursor of another order is refused.
    pub name: Cow<'static, str>,
    pub column: E::Column,
    pub id: E::Column,
    pub descending: bool,
    /// Returns the values of the two columns in a row.
    pub key: fn(&E::Model, E::Column) -> (Key, Uuid),
}

/// The paging arguments of a connection (Relay Cursor Connections Specification).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PageArguments {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

/// A requested page of a list.
#[derive(Clone, Copy, Debug)]
pub struct ListRequest<'a, I> {
    pub arguments: &'a PageArguments,
    /// Whether to count all matching rows.
    pub includes_total: bool,
    /// The requested children of the rows.
    pub include: I,
}

/// Validated paging arguments: size in rows, direction and starting cursor.
#[derive(Clone, Debug)]
struct PageRequest {
    size: u64,
    backward: bool,
    from: Option<Cursor>,
}

impl PageArguments {
    /// The most rows that the page may have.
    #[must_use]
    pub fn max_rows(&self) -> u64 {
        let size = self.first.or(self.last).map(u64::try_from);
        size.map_or(DEFAULT_PAGE_SIZE, |size| Ord::min(size.unwrap_or_default(), MAX_PAGE_SIZE))
    }

    fn page_request(&self, list: &str, accepts_key: impl Fn(&Key) -> bool) -> Result<PageRequest> {
        let backward = self.last.is_some() || self.before.is_some();
        if backward && (self.first.is_some() || self.after.is_some()) {
            return Err(Fault::invalid(
                &FieldPath::argument("first"),
                UserMessage::PageDirectionUnclear,
            ));
        }
        let (count, size_argument, cursor_argument, cursor) = if backward {
            (self.last, "last", "before", &self.before)
        } else {
            (self.first, "first", "after", &self.after)
        };
        let size = match count.map(u64::try_from) {
            None => DEFAULT_PAGE_SIZE,
            Some(Ok(size)) if size <= MAX_PAGE_SIZE => size,
            Some(_) => {
                let path = FieldPath::argument(size_argument);
                let message = UserMessage::PageSizeInvalid { max: MAX_PAGE_SIZE };
                return Err(Fault::invalid(&path, message));
            }
        };
        let from = cursor.as_deref().map(|text| match Cursor::read(text) {
            Some(cursor) if cursor.order != list => Err(UserMessage::CursorOfOtherList),
            Some(cursor) if accepts_key(&cursor.key) => Ok(cursor),
            _ => Err(UserMessage::CursorInvalid),
        });
        let from = from
            .transpose()
            .map_err(|message| Fault::invalid(&FieldPath::argument(cursor_argument), message))?;
        Ok(PageRequest { size, backward, from })
    }
}

/// One page of rows, in the requested order.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Each row with its cursor.
    pub rows: Vec<(RowCursor, T)>,
    pub has_previous: bool,
    pub has_next: bool,
}

/// A page, with the number of all rows if the client asked for it.
pub type CountedPage<T> = (Page<T>, Option<u64>);

impl<T> Page<T> {
    /// Converts each row.
    pub fn map<U>(self, make: impl Fn(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(|(cursor, row)| (cursor, make(row))).collect();
        Page { rows, has_previous: self.has_previous, has_next: self.has_next }
    }

    /// Converts each row, or returns the first error.
    ///
    /// # Errors
    /// What `make` returns.
    pub fn try_map<U, E>(self, make: impl Fn(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let rows = self.rows.into_iter().map(|(cursor, row)| Ok((cursor, make(row)?)));
        let rows = rows.collect::<Result<_, E>>()?;
        Ok(Page { rows, has_previous: self.has_previous, has_next: self.has_next })
    }

    /// Splits the page into its cursors and its rows, which [`Self::replace`] joins again.
    #[must_use]
    pub fn split(self) -> (Page<()>, Vec<T>) {
        let (cursors, rows): (Vec<_>, Vec<_>) = self.rows.into_iter().unzip();
        let cursors = cursors.into_iter().map(|cursor| (cursor, ())).collect();
        let page = Page { rows: cursors, has_previous: self.has_previous, has_next: self.has_next };
        (page, rows)
    }

    /// Replaces the rows, one for one; the cursors stay.
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

    /// Whether the key has the column's type. Cursors are not signed: a forged one must end in a user
    /// error, not in a database error or a comparison of different types.
    fn accepts_key(&self, key: &Key) -> bool {
        match (key, self.column.def().get_column_type()) {
            (Key::Int(_), ColumnType::BigInteger) => true,
            (Key::Text(text), ColumnType::String(_) | ColumnType::Text) => !text.contains('\0'),
            (Key::Day(day), ColumnType::Date) => (1..=9_999).contains(&day.year()),
            (Key::Time(at), ColumnType::TimestampWithTimeZone) => is_stored_time(*at),
            _ => false,
        }
    }

    fn is_descending(&self, request: &PageRequest) -> bool {
        self.descending != request.backward
    }

    fn direction(&self, request: &PageRequest) -> Direction {
        if self.is_descending(request) { Direction::Desc } else { Direction::Asc }
    }

    /// Filters to the rows after the cursor, in the direction of the request.
    fn after_cursor(&self, select: Select<E>, request: &PageRequest) -> Select<E> {
        let Some(from) = request.from.clone() else {
            return select;
        };
        let here = Expr::tuple(self.columns());
        let there = Expr::tuple([Expr::val(Value::from(from.key)), Expr::val(from.id)]);
        select.filter(if self.is_descending(request) { here.lt(there) } else { here.gt(there) })
    }

    fn sorted(&self, select: Select<E>, request: &PageRequest) -> Select<E> {
        let direction = self.direction(request);
        select.order_by(self.column, direction.clone()).order_by(self.id, direction)
    }

    /// Builds a page from the rows read: one row more than the page size means that more follow.
    fn build_page<T>(
        &self,
        mut rows: Vec<T>,
        request: &PageRequest,
        model_of: fn(&T) -> &E::Model,
    ) -> Page<T> {
        let size = usize::try_from(request.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if request.backward {
            rows.reverse();
        }
        let rows = rows.into_iter().map(|row| {
            let cursor = self.position(model_of(&row));
            (RowCursor::Position(cursor), row)
        });
        let (has_previous, has_next) = if request.backward {
            (more, request.from.is_some())
        } else {
            (request.from.is_some(), more)
        };
        Page { rows: rows.collect(), has_previous, has_next }
    }

    fn position(&self, row: &E::Model) -> Cursor {
        let (key, id) = (self.key)(row, self.column);
        Cursor { order: self.name.clone(), key, id }
    }

    /// Returns the cursor of a row, for lists that replace the cursors of the page.
    ///
    /// # Errors
    /// `Internal` if the cursor cannot be serialized.
    pub fn cursor(&self, row: &E::Model) -> Result<String> {
        self.position(row).write()
    }

    /// Loads one page of `select`.
    ///
    /// # Errors
    /// `Invalid` for a size out of range or a cursor of another order.
    pub async fn page(
        &self,
        db: &impl ConnectionTrait,
        select: Select<E>,
        arguments: &PageArguments,
    ) -> Result<Page<E::Model>> {
        let (select, request) = self.select_page(select, arguments)?;
        Ok(self.build_page(select.all(db).await?, &request, |row| row))
    }

    /// Loads one page of `select`, and the number of its rows if `includes_total`. Reads the rows by the
    /// positions of their columns: for the lists that are read most.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn page_by_position(
        &self,
        db: &impl ConnectionTrait,
        select: Select<E>,
        arguments: &PageArguments,
        includes_total: bool,
    ) -> Result<CountedPage<E::Model>>
    where
        E::Model: ReadByPosition + Sync,
    {
        let counted = includes_total.then(|| select.clone());
        let (select, request) = self.select_page(select, arguments)?;
        let rows = db.query_all(&select.into_query()).await?;
        let page = self.build_page(read_rows(&rows, str::to_owned)?, &request, |row| row);
        let total = match counted {
            Some(select) => Some(count(db, select).await?),
            None => None,
        };
        Ok((page, total))
    }

    /// Loads one page of the rows of several selects that share no row. Each is sorted and limited by itself, so
    /// that the database reads each in the order of an index, which PostgreSQL does not do for the parts of a view
    /// with `UNION ALL`.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn page_of_parts(
        &self,
        db: &impl ConnectionTrait,
        parts: Vec<Select<E>>,
        arguments: &PageArguments,
    ) -> Result<Page<E::Model>> {
        let request = arguments.page_request(&self.name, |key| self.accepts_key(key))?;
        // In a subquery: the statement's builder puts no parentheses around the first part of a union.
        let limited = |part| {
            let part = self.sorted(self.after_cursor(part, &request), &request);
            let part = part.limit(request.size + 1).into_query();
            Query::select().column(Asterisk).from_subquery(part, Alias::new(PART)).take()
        };
        let union = parts.into_iter().map(limited).reduce(|mut all, part| {
            all.union(UnionType::All, part);
            all
        });
        let Some(union) = union else {
            return Ok(self.build_page(Vec::new(), &request, |row| row));
        };
        let mut rows = Query::select();
        rows.column(Asterisk).from_subquery(union, Alias::new(PART)).limit(request.size + 1);
        for column in [self.column, self.id] {
            rows.order_by((Alias::new(PART), column), self.direction(&request));
        }
        let rows = db.query_all(&rows).await?;
        let rows = rows.iter().map(|row| E::Model::from_query_result(row, ""));
        Ok(self.build_page(rows.collect::<Result<_, _>>()?, &request, |row| row))
    }

    /// Loads one page of the rows that `select` returns, and their number if `includes_total`. `rows` has every
    /// row that `select` can return; the fewer others it has, the sooner they fill the page.
    ///
    /// A page with conditions on other tables is first looked for among the next of `rows` in order, each of which
    /// is checked, so that the work does not grow with the table unless finding `rows` does. All matches are found
    /// only if these rows do not fill the page: for few matches, and for the last page.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn matching_page(
        &self,
        db: &impl ConnectionTrait,
        rows: Select<E>,
        select: impl Fn(Lookup) -> Select<E>,
        arguments: &PageArguments,
        includes_total: bool,
    ) -> Result<CountedPage<E::Model>>
    where
        E::Model: Sync,
    {
        let matching = select(Lookup::matches_first(db));
        let checked = select(Lookup::row_by_row(db));
        // Equal without a condition on another table, and on PostgreSQL if words are the only one.
        let is_same = checked.as_query() == matching.as_query();
        let found = if is_same {
            None
        } else {
            self.page_in_next_rows(db, rows, checked, arguments).await?
        };
        let page = match found {
            Some(page) => page,
            None => self.page(db, matching.clone(), arguments).await?,
        };
        let total = if includes_total { Some(count(db, matching).await?) } else { None };
        Ok((page, total))
    }

    /// Loads one page of the rows of `checked` that are among the next of `rows`; `None` if they do not fill
    /// it.
    async fn page_in_next_rows(
        &self,
        db: &impl ConnectionTrait,
        rows: Select<E>,
        checked: Select<E>,
        arguments: &PageArguments,
    ) -> Result<Option<Page<E::Model>>> {
        let (checked, request) = self.select_page(checked, arguments)?;
        let next = self.sorted(self.after_cursor(rows, &request), &request);
        let next = next.select_only().columns([self.column, self.id]);
        let next = next.limit((request.size + 1) * CHECKED_ROWS_PER_PAGE_ROW).into_query();
        let direction = |backward| if backward { Direction::Desc } else { Direction::Asc };
        let reversed = direction(!self.is_descending(&request));
        let columns = [self.column, self.id].map(|column| (Alias::new(NEXT_ROWS), column));
        let mut last = Query::select();
        last.columns(columns.clone()).from_subquery(next, Alias::new(NEXT_ROWS)).limit(1);
        for column in columns {
            last.order_by(column, reversed.clone());
        }
        let (here, last) = (Expr::tuple(self.columns()), SimpleExpr::from(last));
        let is_next = if self.is_descending(&request) { here.gte(last) } else { here.lte(last) };
        let rows = checked.filter(is_next).all(db).await?;
        let is_full = rows.len() as u64 > request.size;
        Ok(is_full.then(|| self.build_page(rows, &request, |row| row)))
    }

    /// Selects the rows of a page, and one more.
    fn select_page(
        &self,
        select: Select<E>,
        arguments: &PageArguments,
    ) -> Result<(Select<E>, PageRequest)> {
        let request = arguments.page_request(&self.name, |key| self.accepts_key(key))?;
        let select = self.sorted(self.after_cursor(select, &request), &request);
        Ok((select.limit(request.size + 1), request))
    }

    /// Loads the same page for each parent in one statement, for nested connections.
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
        let pages = self
            .page_of_each_joined(
                db,
                select,
                arguments,
                (parent, parents, parent_of),
                |_| (),
                |rows| {
                    let read = |row| Ok((E::Model::from_query_result(row, "")?, ()));
                    rows.iter().map(read).collect()
                },
            )
            .await?;
        Ok(pages.into_iter().map(|(parent, page)| (parent, page.map(|(row, ())| row))).collect())
    }

    /// Loads the same page for each parent with what belongs to its rows, in one statement. `join` joins
    /// it to the rows, whose table is [`RANKED`], and `read` reads each row with it. The pages are in the
    /// order of the parents.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub async fn page_of_each_joined<T>(
        &self,
        db: &impl ConnectionTrait,
        select: Select<E>,
        arguments: &PageArguments,
        (parent, parents, parent_of): Parents<E>,
        join: impl FnOnce(&mut SelectStatement),
        read: impl FnOnce(&[QueryResult]) -> Result<Vec<(E::Model, T)>, DbErr>,
    ) -> Result<Vec<(Uuid, Page<(E::Model, T)>)>> {
        let request = arguments.page_request(&self.name, |key| self.accepts_key(key))?;
        let direction = self.direction(&request);
        let mut window = WindowStatement::partition_by(parent);
        window.order_by(self.column, direction.clone()).order_by(self.id, direction.clone());
        let mut ranked = self
            .after_cursor(select, &request)
            .filter(in_ids(db, parent, parents.clone()))
            .into_query();
        ranked.expr_window_as(Expr::cust("ROW_NUMBER()"), window, ROW_NUMBER);
        let (table, column) = (Alias::new(RANKED), |it: E::Column| (Alias::new(RANKED), it));
        let mut chosen = Query::select();
        chosen.columns(E::Column::iter().map(column)).from_subquery(ranked, table.clone());
        join(&mut chosen);
        let limit = i64::try_from(request.size + 1).unwrap_or(i64::MAX);
        chosen.and_where(Expr::col((table, Alias::new(ROW_NUMBER))).lte(limit));
        chosen.order_by(column(self.column), direction.clone());
        chosen.order_by(column(self.id), direction);
        let found = db.query_all(&chosen).await?;
        let mut rows: HashMap<Uuid, Vec<(E::Model, T)>> = HashMap::new();
        for (row, joined) in read(&found)? {
            rows.entry(parent_of(&row)).or_default().push((row, joined));
        }
        let pages = parents.into_iter().map(|parent| {
            let rows = rows.remove(&parent).unwrap_or_default();
            (parent, self.build_page(rows, &request, |(row, _)| row))
        });
        Ok(pages.collect())
    }
}

/// Returns whether a time is one that both engines store: by its year and its precision.
fn is_stored_time(at: DateTime<Utc>) -> bool {
    (1..=9_999).contains(&at.year()) && to_microseconds(at) == at
}

/// Returns one page of a list that is in memory, ordered by time and id. `list` names it in its cursors.
///
/// # Errors
/// `Invalid` for a size out of range or a cursor of another list.
pub fn page_of_rows<T>(
    list: &'static str,
    mut rows: Vec<((DateTime<Utc>, Uuid), T)>,
    arguments: &PageArguments,
) -> Result<Page<T>> {
    let is_time = |key: &Key| matches!(key, Key::Time(at) if is_stored_time(*at));
    let request = arguments.page_request(list, is_time)?;
    rows.sort_by_key(|(key, _)| *key);
    if let Some(Cursor { key: Key::Time(at), id, .. }) = &request.from {
        let here = (*at, *id);
        rows.retain(|(key, _)| if request.backward { *key < here } else { *key > here });
    }
    let size = usize::try_from(request.size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    if request.backward {
        rows.drain(..rows.len().saturating_sub(size));
    } else {
        rows.truncate(size);
    }
    let (has_previous, has_next) = if request.backward {
        (more, request.from.is_some())
    } else {
        (request.from.is_some(), more)
    };
    let rows = rows.into_iter().map(|((at, id), row)| {
        (RowCursor::Position(Cursor { order: list.into(), key: Key::Time(at), id }), row)
    });
    Ok(Page { rows: rows.collect(), has_previous, has_next })
}

/// Counts the rows of `select`; run only when a client asks for `totalCount`.
pub async fn count<E: EntityTrait>(
    db: &impl ConnectionTrait,
    select: Select<E>,
) -> Result<u64, DbErr>
where
    E::Model: Sync,
{
    sea_orm::PaginatorTrait::count(select, db).await
}

#[cfg(test)]
mod tests {
    use super::cut_batch;

    #[test]
    fn a_batch_has_more_rows_only_beyond_its_size() {
        assert_eq!(cut_batch(vec![1, 2], 3), (vec![1, 2], false));
        assert_eq!(cut_batch(vec![1, 2, 3], 3), (vec![1, 2, 3], false), "exactly its size");
        assert_eq!(cut_batch(vec![1, 2, 3, 4], 3), (vec![1, 2, 3], true));
    }
}
