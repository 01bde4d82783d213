//! How a list finds the rows that meet a condition on another table.
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend};

/// How the conditions of a list are written: their form decides whether the database finds all matches first and
/// sorts them, or checks each row in the order of the list. The first is the best for few matches, and the second
/// where a page is soon full. SQLite has no statistics to choose by, and the planner of PostgreSQL chooses a
/// condition's form without the `LIMIT` of the page: it reads all that a viewer may see for fifty rows.
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

    /// Each row is checked in the order of the list.
    #[must_use]
    pub fn row_by_row(db: &impl ConnectionTrait) -> Self {
        Self { engine: db.get_database_backend(), checks_each_row: true }
    }

    /// For conditions on words: PostgreSQL finds the few rows with a word soonest by its index, also for a page.
    #[must_use]
    pub fn for_words(self) -> Self {
        let checks_each_row = self.checks_each_row && self.engine == DbBackend::Sqlite;
        Self { checks_each_row, ..self }
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
            return self.exists(select);
        }
        select.exprs(keys);
        match columns.as_slice() {
            [column] => column.clone().in_subquery(select),
            _ => Expr::tuple(columns).in_subquery(select),
        }
    }

    /// The condition that `select`, which refers to columns of the row, returns a row.
    #[must_use]
    pub fn exists(self, mut select: SelectStatement) -> SimpleExpr {
        if self.checks_each_row && self.engine == DbBackend::Postgres {
            // With an offset PostgreSQL neither joins the subquery nor reads all its rows into a table of its own
            // (`simplify_EXISTS_query` in its planner).
            select.limit(1).offset(0);
        }
        Expr::exists(select)
    }

    /// A column of another table in a condition. Where each row is checked, SQLite uses no index of it, by
    /// which it would find all matches first ("Disqualifying WHERE Clause Terms Using Unary +" in its
    /// documentation of the query planner).
    #[must_use]
    pub fn unindexed<C: ColumnTrait>(self, column: C) -> SimpleExpr {
        let expr = Expr::col(column.as_column_ref());
        let hides_index = self.checks_each_row && self.engine == DbBackend::Sqlite;
        if hides_index { Expr::cust_with_expr("+?", expr) } else { expr }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{
        Alias, PostgresQueryBuilder, Query, SelectStatement, SqliteQueryBuilder,
    };

    use super::*;
    use example::Column;

    mod example {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "example")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub owner_id: i64,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    const BOTH: [DbBackend; 2] = [DbBackend::Postgres, DbBackend::Sqlite];

    fn text(lookup: Lookup) -> String {
        let rows = Query::select().from(Alias::new("other")).take();
        let is_among = lookup.is_among([Column::Id], rows, [Column::OwnerId]);
        let select: SelectStatement = Query::select().and_where(is_among).take();
        match lookup.engine {
            DbBackend::Sqlite => select.to_string(SqliteQueryBuilder),
            _ => select.to_string(PostgresQueryBuilder),
        }
    }

    /// Without an offset PostgreSQL would read all rows of the subquery.
    #[test]
    fn a_condition_is_checked_row_by_row_or_finds_all_matches() {
        for engine in BOTH {
            let all = text(Lookup { engine, checks_each_row: false });
            assert!(all.contains(" IN (SELECT ") && !all.contains("EXISTS"), "{all}");
            let each = text(Lookup { engine, checks_each_row: true });
            assert!(each.contains("EXISTS(SELECT ") && !each.contains(" IN "), "{each}");
            let is_fenced = each.contains("LIMIT 1 OFFSET 0)");
            assert_eq!(is_fenced, engine == DbBackend::Postgres, "{each}");
            let words = text(Lookup { engine, checks_each_row: true }.for_words());
            let is_by_row = engine == DbBackend::Sqlite;
            assert_eq!(words, if is_by_row { each } else { all });
        }
    }
}
