//! Connections (Relay) over pages.
use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};

use crate::budget::Rows;
use crate::fault::Result;
use crate::page::{Page, RowCursor};

/// One page of a list (Relay cursor connections).
pub struct Connection<N: OutputType> {
    edges: Vec<Edge<N>>,
    has_previous_page: bool,
    has_next_page: bool,
    total_count: Option<u64>,
}

// async-graphql's own types of edges and page information are not charged to the answer budget.
/// A row of a page, with its cursor.
pub struct Edge<N: OutputType> {
    node: N,
    cursor: RowCursor,
}

/// A row of a page, with its cursor.
#[Object(crate = "crate::budget", name_type)]
impl<N: OutputType> Edge<N> {
    /// The row.
    async fn node(&self) -> &N {
        &self.node
    }
    /// The row's cursor, for `after` and `before`.
    async fn cursor(&self) -> Result<String> {
        self.cursor.write()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// The position of a page in its list.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PageInfo {
    /// Whether rows precede the page; with `first`, whether `after` was given.
    has_previous_page: bool,
    /// Whether rows follow the page; with `last`, whether `before` was given.
    has_next_page: bool,
    /// The cursor of the page's first row; null if the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the page's last row; null if the page is empty.
    end_cursor: Option<String>,
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// One page of a list (Relay cursor connections).
#[Object(crate = "crate::budget", name_type)]
impl<N: OutputType> Connection<N> {
    /// The position of the page in the list.
    async fn page_info(&self) -> Result<PageInfo> {
        let write = |edge: Option<&Edge<N>>| edge.map(|edge| edge.cursor.write()).transpose();
        Ok(PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: write(self.edges.first())?,
            end_cursor: write(self.edges.last())?,
        })
    }
    /// The rows of the page, each with its cursor.
    async fn edges(&self) -> Rows<'_, Edge<N>> {
        self.edges.iter().collect()
    }
    /// The rows of the page.
    async fn nodes(&self) -> Rows<'_, N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
    /// The number of rows that you may see on all pages. Counted only if requested.
    async fn total_count(&self) -> Option<u64> {
        self.total_count
    }
}

/// Returns the connection of a page.
#[must_use]
pub fn connection<T, N: OutputType + From<T>>(
    page: Page<T>,
    total_count: Option<u64>,
) -> Connection<N> {
    let Page { rows, has_previous, has_next } = page;
    let edges = rows.into_iter().map(|(cursor, row)| Edge { node: N::from(row), cursor }).collect();
    Connection { edges, has_previous_page: has_previous, has_next_page: has_next, total_count }
}

/// Returns whether the client requests `totalCount` of a connection.
#[must_use]
pub fn requests_total_count(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}
