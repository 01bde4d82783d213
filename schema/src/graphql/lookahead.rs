//! The selection of a request, which tells a resolver what to load.
use async_graphql::{Context, Lookahead};

/// Returns the children of the nodes that a connection's selection requests, in `nodes` or in `edges`.
pub fn node_lookahead<T>(
    ctx: &Context<'_>,
    include: impl Fn(&Lookahead<'_>) -> T,
    merge: impl Fn(T, T) -> T,
) -> T {
    let [nodes, edges] = node_selections(ctx);
    merge(include(&nodes), include(&edges))
}

/// Returns the two places in which a connection's selection can request its nodes.
#[must_use]
pub fn node_selections<'a>(ctx: &'a Context<'_>) -> [Lookahead<'a>; 2] {
    let ahead = ctx.look_ahead();
    [ahead.field("nodes"), ahead.field("edges").field("node")]
}
