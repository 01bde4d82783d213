//! The selection of a request, which tells a resolver what to load.
use async_graphql::{Context, Lookahead};

/// Returns the children of the nodes that a connection's selection requests, in `nodes` or in `edges`.
pub fn node_lookahead<T>(
    ctx: &Context<'_>,
    include: impl Fn(&Lookahead<'_>) -> T,
    merge: impl Fn(T, T) -> T,
) -> T {
    let ahead = ctx.look_ahead();
    merge(include(&ahead.field("nodes")), include(&ahead.field("edges").field("node")))
}
