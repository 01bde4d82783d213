//! What the two engines spell differently, and how a table is frozen on each.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Runs statements whose column types stand in braces: `{uuid}`, `{json}`, `{time}` (UTC, whole
/// microseconds) and `{date}` (a local day).
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (uuid, json, time, date) = match manager.get_database_backend() {
        DbBackend::Postgres => ("uuid", "jsonb", "timestamptz", "date"),
        _ => ("blob", "text", "text", "text"),
    };
    for statement in statements {
        let statement = statement.replace("{uuid}", uuid).replace("{json}", json);
        let statement = statement.replace("{time}", time).replace("{date}", date);
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Makes what a frozen PostgreSQL table calls to refuse; SQLite's triggers say it themselves.
pub async fn make_refusal(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        let function = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$";
        manager.get_connection().execute_unprepared(function).await?;
    }
    Ok(())
}

/// Undoes [`make_refusal`].
pub async fn drop_refusal(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared("DROP FUNCTION refuse()").await?;
    }
    Ok(())
}

/// From now on rows of `table` are only ever inserted. The triggers list no columns, so that none
/// added later can be forgotten, and shut the side doors: PostgreSQL's TRUNCATE fires no row
/// trigger; SQLite's INSERT OR REPLACE deletes without firing the one for DELETE, by any of
/// `unique_keys`, which must be all that the table has.
pub async fn freeze(
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
        let taken = format!(
            "WHEN EXISTS (SELECT 1 FROM {table} WHERE {})",
            same_key.collect::<Vec<_>>().join(" OR ")
        );
        [("UPDATE", ""), ("DELETE", ""), ("INSERT", &*taken)].map(|(event, when)| {
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
