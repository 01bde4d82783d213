//! How a list finds the rows that meet a condition on another table.
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend};

/// How the conditions of a list are written. SQLite has no statistics, so that the form of a condition decides
/// whether it finds all matches first and sorts them, or checks each row in the order of the list. The first is
/// the best for few matches, and the second where a page is soon full. PostgreSQL chooses by its statistics, so
/// that its conditions are written in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    engine: DbBackend,
    checks_each_row: bool,
}

impl Lookup {
    /// All matches are found first. PostgreSQL may decide otherwise.
    #[must_use]
    pub fn matches_first(db: &impl ConnectionTrait) -> Self {
        Self { engine: db.get_database_backend(), checks_each_row: false }
    }

    /// SQLite checks each row in the order of the list. On PostgreSQL it is the same as
    /// [`Self::matches_first`].
    #[must_use]
    pub fn row_by_row(db: &impl ConnectionTrait) -> Self {
        let engine = db.get_database_backend();
        Self { engine, checks_each_row: engine == DbBackend::Sqlite }
    }

    /// The database for which the conditions are written.
    #[must_use]
    pub const fn engine(self) -> DbBackend {
        self.engine
    }

    /// Whether the conditions are for checking one row after the other.
    #[must_use]
    pub const fn checks_each_row(self) -> bool {
        self.checks_each_row
    }

    /// The condition that columns of a row are among the `keys` of the rows of `select`, which selects no
    /// column itself.
    #[must_use]
    pub fn is_among<C: ColumnTrait, K: ColumnTrait, const N: usize>(
        self,
        columns: [C; N],
        mut select: SelectStatement,
        keys: [K; N],
    ) -> SimpleExpr {
        let columns = columns.map(|column| Expr::col(column.as_column_ref()));
        let keys = keys.map(|key| Expr::col(key.as_column_ref()));
        if self.checks_each_row {
            select.expr(Expr::val(1));
            for (column, key) in columns.into_iter().zip(keys) {
                select.and_where(key.eq(column));
            }
            return Expr::exists(select);
        }
        select.exprs(keys);
        match columns.as_slice() {
            [column] => column.clone().in_subquery(select),
            _ => Expr::tuple(columns).in_subquery(select),
        }
    }

    /// A column of another table in a condition. Where each row is checked, SQLite uses no index of it, by
    /// which it would find all matches first ("Disqualifying WHERE Clause Terms Using Unary +" in its
    /// documentation of the query planner).
    #[must_use]
    pub fn unindexed<C: ColumnTrait>(self, column: C) -> SimpleExpr {
        let expr = Expr::col(column.as_column_ref());
        if self.checks_each_row { Expr::cust_with_expr("+?", expr) } else { expr }
    }
}
