//! What a resolver reads from the context of its request.
use std::sync::Arc;

use async_graphql::Context;

use crate::database::Database;
use crate::fault::{Fault, Result};
use crate::organization::model::Viewer;

/// Returns the database and the viewer of a request.
///
/// # Errors
/// `Unauthenticated` for an anonymous caller.
pub fn request_context<'a>(ctx: &'a Context<'_>) -> Result<(&'a Database, &'a Viewer)> {
    let viewer = ctx.data_opt::<Arc<Viewer>>().ok_or(Fault::Unauthenticated)?;
    let db: &Database = ctx.data_unchecked::<Arc<Database>>();
    Ok((db, viewer))
}
