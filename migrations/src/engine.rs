//! The differences between PostgreSQL and SQLite: column types, and triggers that make a table
//! append-only.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs statements with placeholders: for column types `{uuid}`, `{json}`, `{time}` (UTC, in whole
/// microseconds) and `{date}` (a local day), and for the order of bytes `{bytewise}`.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (uuid, json, time, date, bytewise) = match manager.get_database_backend() {
        DbBackend::Postgres => ("uuid", "jsonb", "timestamptz", "date", "COLLATE \"C\""),
        _ => ("blob", "text", "text", "text", "COLLATE BINARY"),
    };
    for statement in statements {
        let statement = statement.replace("{uuid}", uuid).replace("{json}", json);
        let statement = statement.replace("{time}", time).replace("{date}", date);
        let statement = statement.replace("{bytewise}", bytewise);
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Creates the function that the triggers of append-only tables call on PostgreSQL. SQLite's triggers
/// need none.
pub async fn create_refusal_function(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$";
        manager.get_connection().execute_unprepared(function).await?;
    }
    Ok(())
}

/// Reverts [`create_refusal_function`].
pub async fn drop_refusal_function(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared("DROP FUNCTION refuse()").await?;
    }
    Ok(())
}

/// Makes a table append-only with triggers that refuse every change of a row. The triggers list no
/// columns, so they cover columns added later. They also refuse PostgreSQL's TRUNCATE, which fires
/// no row trigger, and SQLite's INSERT OR REPLACE, which deletes a row with the same key without
/// firing the DELETE trigger. `unique_keys` must list all unique keys of the table.
pub async fn make_append_only(
    manager: &SchemaManager<'_>,
    table: &str,
    unique_keys: &[&[&str]],
) -> Result<(), DbErr> {
    let reason = format!("{table}_is_frozen");
    let triggers = if manager.get_database_backend() == DbBackend::Postgres {
        let each = [("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")];
        each.map(|(event, level)| {
            format!(
                "CREATE TRIGGER {table}_no_{} BEFORE {event} ON {table} FOR EACH {level}
                EXECUTE FUNCTION refuse('{reason}')",
                event.to_lowercase()
            )
        })
    } else {
        let same_key = unique_keys.iter().map(|columns| {
            let same = columns.iter().map(|column| format!("{column} = NEW.{column}"));
            format!("({})", same.collect::<Vec<_>>().join(" AND "))
        });
        let key_exists = format!(
            "WHEN EXISTS (SELECT 1 FROM {table} WHERE {})",
            same_key.collect::<Vec<_>>().join(" OR ")
        );
        [("UPDATE", ""), ("DELETE", ""), ("INSERT", &*key_exists)].map(|(event, when)| {
            format!(
                "CREATE TRIGGER {table}_no_{} BEFORE {event} ON {table} {when}
                BEGIN SELECT RAISE(ABORT, '{reason}'); END",
                event.to_lowercase()
            )
        })
    };
    for trigger in &triggers {
        manager.get_connection().execute_unprepared(trigger).await?;
    }
    Ok(())
}
