//! Batches of exports: rows in the order of their ids, each batch in one statement that no other waits for.
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, Order,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

/// The name of the selected rows in the statement.
const BATCH: &str = "batch";

/// Reads up to `size` rows of `select` after an id, in the order of their ids, each with the row of the
/// view `X` that belongs to it. The rows are chosen before the view is joined, so that a batch costs the
/// same wherever it is.
pub async fn load_batch_with<E, X>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    view_id: X::Column,
    after: Option<Uuid>,
    size: u64,
) -> Result<Vec<(E::Model, X::Model)>, DbErr>
where
    E: EntityTrait,
    X: EntityTrait,
{
    let mut chosen = select;
    if let Some(after) = after {
        chosen = chosen.filter(id.gt(after));
    }
    let chosen = chosen.order_by_asc(id).limit(size).into_query();
    let statement = join_view::<E, X>(chosen, id, view_id);
    let mut rows = Vec::new();
    for row in db.query_all(&statement).await? {
        rows.push((E::Model::from_query_result(&row, "")?, X::Model::from_query_result(&row, "")?));
    }
    Ok(rows)
}

/// Joins the rows of a view to the chosen rows. No column of the view has the name of one of theirs.
fn join_view<E: EntityTrait, X: EntityTrait>(
    chosen: SelectStatement,
    id: E::Column,
    view_id: X::Column,
) -> SelectStatement {
    let batch = || Alias::new(BATCH);
    let view = || Alias::new(X::default().table_name());
    let batch_id = || (batch(), Alias::new(id.as_str()));
    let view_id = (view(), Alias::new(view_id.as_str()));
    let mut statement = Query::select();
    statement
        .columns(E::Column::iter().map(|column| (batch(), Alias::new(column.as_str()))))
        .columns(X::Column::iter().map(|column| (view(), Alias::new(column.as_str()))))
        .from_subquery(chosen, batch())
        .join(JoinType::InnerJoin, view(), Expr::col(view_id).eq(Expr::col(batch_id())))
        .order_by(batch_id(), Order::Asc);
    statement
}
