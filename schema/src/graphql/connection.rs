//! Relay connections over pages.
use std::borrow::Cow;

use async_graphql::{Context, Object, OutputType, SimpleObject, TypeName};

use crate::page::Page;

/// One page of a list, as the Relay specification has it.
pub struct Connection<N: OutputType> {
    edges: Vec<Edge<N>>,
    has_previous_page: bool,
    has_next_page: bool,
    total_count: Option<u64>,
}

// The library's own edges and page information would not be charged to the answer's budget.
/// A row of a page, with its cursor.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget", name_type)]
pub struct Edge<N: OutputType> {
    /// The row.
    node: N,
    /// Its cursor, for `after` and `before`.
    cursor: String,
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// Where in a list a page is.
#[derive(SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct PageInfo {
    /// Whether there are rows before the page, if it was asked for by `last`.
    has_previous_page: bool,
    /// Whether there are rows after the page, if it was asked for by `first`.
    has_next_page: bool,
    /// The cursor of the page's first row; null if it has none.
    start_cursor: Option<String>,
    /// The cursor of the page's last row; null if it has none.
    end_cursor: Option<String>,
}

impl<N: OutputType> TypeName for Connection<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// One page of a list, as the Relay specification has it.
#[Object(crate = "crate::budget", name_type)]
impl<N: OutputType> Connection<N> {
    /// Where in the list the page is.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: self.edges.last().map(|edge| edge.cursor.clone()),
        }
    }
    /// The page's rows, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }
    /// The page's rows.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
    /// The number of all rows that you may see, on every page. Counted only if it is asked for.
    async fn total_count(&self) -> Option<u64> {
        self.total_count
    }
}

/// The connection of a page.
#[must_use]
pub fn connection<T, N: OutputType + From<T>>(
    sheet: Page<T>,
    total_count: Option<u64>,
) -> Connection<N> {
    let Page { rows, has_previous, has_next } = sheet;
    let edges = rows.into_iter().map(|(cursor, row)| Edge { node: N::from(row), cursor }).collect();
    Connection { edges, has_previous_page: has_previous, has_next_page: has_next, total_count }
}

/// Whether the client asks for the number of all rows.
#[must_use]
pub fn requests_total_count(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}
