//! Relay connections over pages.
use async_graphql::connection::{Connection as Relay, Edge, EmptyFields};
use async_graphql::{Context, OutputType, SimpleObject};

use crate::page::Sheet;

/// What a connection says beside its page.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct Counted {
    /// The number of all rows that you may see, on every page. Counted only if it is asked for.
    total_count: Option<u64>,
}

/// One page of a list, as the Relay specification has it.
pub type Connection<N> = Relay<String, N, Counted, EmptyFields>;

/// The connection of a page.
pub fn connection<T, N: OutputType + From<T>>(sheet: Sheet<T>, total: Option<u64>) -> Connection<N> {
    let (previous, next) = (sheet.has_previous, sheet.has_next);
    let mut connection =
        Connection::with_additional_fields(previous, next, Counted { total_count: total });
    let edges = sheet.rows.into_iter().map(|(cursor, row)| Edge::new(cursor, N::from(row)));
    connection.edges.extend(edges);
    connection
}

/// Whether the client asks for the number of all rows.
#[must_use]
pub fn counted(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("totalCount").exists()
}
