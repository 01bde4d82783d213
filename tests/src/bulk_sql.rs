//! SQL for inserting numbered rows in bulk on both databases.
use uuid::Uuid;

use crate::engine::Engine;
use crate::test_app::TestApp;

/// Returns the UUID of object `number` of a kind.
pub(crate) fn uuid(kind: usize, number: usize) -> Uuid {
    Uuid::from_u128((kind * 1_000_000 + number) as u128)
}

pub(crate) fn uuid_literal(engine: Engine, id: Uuid) -> String {
    match engine {
        Engine::Sqlite => format!("x'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'::uuid"),
    }
}

/// Returns SQL for the UUID of an object whose number is a SQL expression.
pub(crate) fn sql_uuid(engine: Engine, kind: usize, number: &str) -> String {
    let number = format!("({kind} * 1000000 + {number})");
    match engine {
        Engine::Sqlite => format!("unhex(printf('%032x', {number}))"),
        Engine::Postgres => format!("lpad(to_hex({number}), 32, '0')::uuid"),
    }
}

/// Returns SQL for a time given in seconds since 1970.
pub(crate) fn sql_time(engine: Engine, seconds: &str) -> String {
    match engine {
        Engine::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {seconds}, 'unixepoch')"),
        Engine::Postgres => format!("to_timestamp({seconds})"),
    }
}

/// Returns SQL for a table of the numbers from 0 in a column `n`.
pub(crate) fn sql_numbers(engine: Engine, count: usize) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count
            WHERE n + 1 < {count}) SELECT n FROM count)"
        ),
        Engine::Postgres => format!("generate_series(0, {count} - 1) AS numbers (n)"),
    }
}

/// Returns tables of the numbers from 0 to `count` in a column `n`, each for one statement: a statement may run for ten
/// seconds at most.
pub(crate) fn sql_parts(engine: Engine, count: usize) -> impl Iterator<Item = String> {
    const ROWS_PER_STATEMENT: usize = 20_000;
    (0..count).step_by(ROWS_PER_STATEMENT).map(move |from| {
        let numbers = sql_numbers(engine, ROWS_PER_STATEMENT.min(count - from));
        format!("(SELECT n + {from} AS n FROM {numbers}) AS part")
    })
}

/// Inserts rows, some hundreds in a statement. `into` names the table and its columns.
pub(crate) async fn insert(app: &TestApp, into: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.collect();
    for part in rows.chunks(500) {
        let statement = format!("INSERT INTO {into} VALUES {}", part.join(", "));
        app.run_sql(&statement).await.expect("rows");
    }
}
