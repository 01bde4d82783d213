//! Each bid has its solicitation's department, due time and opening, and whether it was ever held, so that lists of
//! bids read them, in the order of an index, without the solicitation: held bids by their due times, and bids of
//! a department. The database keeps these copies, and `candor verify` compares them.
//!
//! The kinds of the review queue of which there may be many have a view of their own each. A page sorts and limits
//! each by itself: PostgreSQL does not use an index for the order of a part of a view with `UNION ALL`.
//!
//! The columns are read through views alone. SQLite fills them after a row was inserted, since its triggers
//! cannot change a new row, so there they may be null until then.
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m20261128_000016_desks::NEVER;
use crate::m20261130_000041_views_in_order::{
    Arm, OPENS_AT, replace, subject_access, subject_access_of_solicitations,
};
use crate::{
    engine, m20261128_000016_desks as desks, m20261128_000019_bids as bids,
    m20261130_000041_views_in_order as views_41,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: &[&str] = &[
    "ALTER TABLE bid ADD COLUMN department_id {uuid}",
    "ALTER TABLE bid ADD COLUMN due_at {time}",
    "ALTER TABLE bid ADD COLUMN opens_at {time}",
    "ALTER TABLE bid ADD COLUMN was_held boolean NOT NULL DEFAULT FALSE",
];

/// The copies of a solicitation in a bid, as the columns of an UPDATE. `{opens_at}` is [`OPENS_AT`].
const COPY: &str = "UPDATE bid SET (department_id, due_at, opens_at) =
    (SELECT solicitation.department_id, solicitation.due_at, {opens_at}
    FROM solicitation WHERE solicitation.id = bid.solicitation_id)";

const FILL_WAS_HELD: &str = "UPDATE bid SET was_held = TRUE WHERE EXISTS
    (SELECT 1 FROM decision WHERE decision.subject_id = bid.id AND decision.outcome = 'REVIEW')";

const INDEXES: &[&str] = &[
    // The same expression as in the views.
    "CREATE INDEX bid_held_by_due ON bid
        (status, CAST(COALESCE(cure_by, due_at) AS {time}), id) WHERE status = 'HELD'",
    "DROP INDEX bid_to_cure",
    "CREATE INDEX bid_freed ON bid (status, department_id, decided_at, id)
        WHERE status = 'ADMITTED' AND was_held",
    "CREATE INDEX bid_by_department ON bid (department_id, submitted_at, id)",
    // Only the freed bids needed it.
    "DROP INDEX decision_made_again",
];

const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER bid_copies_solicitation AFTER INSERT ON bid
        BEGIN
            {copy} WHERE bid.id = NEW.id;
            UPDATE bid SET was_held = TRUE WHERE id = NEW.id AND decision_outcome = 'REVIEW';
        END",
    "CREATE TRIGGER bid_notes_hold AFTER UPDATE OF decision_outcome ON bid
        WHEN NEW.decision_outcome = 'REVIEW' AND NOT NEW.was_held
        BEGIN UPDATE bid SET was_held = TRUE WHERE id = NEW.id; END",
    "CREATE TRIGGER solicitation_is_copied_to_bids
        AFTER UPDATE OF department_id, due_at, sealed ON solicitation
        WHEN NEW.department_id IS NOT OLD.department_id OR NEW.due_at IS NOT OLD.due_at
            OR NEW.sealed IS NOT OLD.sealed
        BEGIN {copy} WHERE bid.solicitation_id = NEW.id; END",
];

const POSTGRES_TRIGGERS: &[&str] = &[
    // Whoever inserts a bid holds a lock of its solicitation.
    "CREATE FUNCTION copy_solicitation_to_bid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        SELECT solicitation.department_id, solicitation.due_at, {opens_at}
            INTO NEW.department_id, NEW.due_at, NEW.opens_at
            FROM solicitation WHERE solicitation.id = NEW.solicitation_id;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER bid_copies_solicitation BEFORE INSERT ON bid FOR EACH ROW
        EXECUTE FUNCTION copy_solicitation_to_bid()",
    "CREATE FUNCTION note_hold_of_bid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.was_held := TRUE;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER bid_notes_hold BEFORE INSERT OR UPDATE OF decision_outcome ON bid FOR EACH ROW
        WHEN (NEW.decision_outcome = 'REVIEW' AND NOT NEW.was_held)
        EXECUTE FUNCTION note_hold_of_bid()",
    "CREATE FUNCTION copy_solicitation_to_bids() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {copy} WHERE bid.solicitation_id = NEW.id;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER solicitation_is_copied_to_bids
        AFTER UPDATE OF department_id, due_at, sealed ON solicitation FOR EACH ROW
        WHEN (NEW.department_id IS DISTINCT FROM OLD.department_id
            OR NEW.due_at IS DISTINCT FROM OLD.due_at OR NEW.sealed IS DISTINCT FROM OLD.sealed)
        EXECUTE FUNCTION copy_solicitation_to_bids()",
    "ALTER TABLE bid ALTER COLUMN department_id SET NOT NULL",
    "ALTER TABLE bid ALTER COLUMN due_at SET NOT NULL",
    "ALTER TABLE bid ALTER COLUMN opens_at SET NOT NULL",
];

/// The triggers use the columns, and go before them.
const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER solicitation_is_copied_to_bids",
    "DROP TRIGGER bid_notes_hold",
    "DROP TRIGGER bid_copies_solicitation",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER solicitation_is_copied_to_bids ON solicitation",
    "DROP TRIGGER bid_notes_hold ON bid",
    "DROP TRIGGER bid_copies_solicitation ON bid",
    "DROP FUNCTION copy_solicitation_to_bids()",
    "DROP FUNCTION note_hold_of_bid()",
    "DROP FUNCTION copy_solicitation_to_bid()",
];

const DOWN: &[&str] = &[
    "CREATE INDEX bid_to_cure ON bid (status, cure_by, id) WHERE cure_by IS NOT NULL",
    "DROP INDEX bid_by_department",
    "DROP INDEX bid_freed",
    "DROP INDEX bid_held_by_due",
    "ALTER TABLE bid DROP COLUMN was_held",
    "ALTER TABLE bid DROP COLUMN opens_at",
    "ALTER TABLE bid DROP COLUMN due_at",
    "ALTER TABLE bid DROP COLUMN department_id",
    "CREATE INDEX decision_made_again ON decision (subject_id, sequence) WHERE sequence > 1",
];

const DROP_VIEWS: &[&str] = &[
    "DROP VIEW review_item",
    "DROP VIEW subject_access",
    "DROP VIEW screened_bid",
    "DROP VIEW resting_bid",
];

const JOIN: &str = "bid JOIN solicitation ON solicitation.id = bid.solicitation_id";

/// The views of one kind of `review_item` each.
const VIEWS_OF_KINDS: [(&str, &str); 2] =
    [("'BID_HELD'", "held_bid_item"), ("'MATCH_FOUND'", "found_match_item")];

/// Returns the statements that create `review_item` and [`VIEWS_OF_KINDS`].
fn review_items() -> Result<Vec<String>, DbErr> {
    let (mut arms, mut views) = (Vec::new(), Vec::new());
    for mut arm in Arm::read_all(&views_41::review_item()?)? {
        match arm.value("kind") {
            // One arm again: those to be cured and those that have no time to cure.
            "'BID_HELD'" if arm.value("due_at") == "solicitation.due_at" => continue,
            "'BID_HELD'" => {
                let from = replace(&arm.from, JOIN, "bid")?;
                arm.from = replace(&from, " AND bid.cure_by IS NOT NULL", "")?;
                arm.set("due_at", "CAST(COALESCE(bid.cure_by, bid.due_at) AS {time})");
                arm.set("cure_deadline", &format!("COALESCE(bid.cure_by, {NEVER})"));
                arm.set("opens_at", "bid.opens_at");
                arm.set("department_id", "bid.department_id");
            }
            "'BID_FREED'" => {
                "bid WHERE bid.status = 'ADMITTED' AND bid.was_held
                    AND NOT EXISTS (SELECT 1 FROM bid winner
                        WHERE winner.solicitation_id = bid.solicitation_id
                            AND winner.status = 'AWARDED')"
                    .clone_into(&mut arm.from);
                // Nothing can be awarded before bids are due.
                arm.set("opens_at", "bid.due_at");
                arm.set("department_id", "bid.department_id");
            }
            "'PARTY_IDENTIFIER_VERIFIED'" if arm.value("bid_id") == "bid.id" => {
                let join = "JOIN solicitation ON solicitation.id = bid.solicitation_id";
                arm.from = replace(&arm.from, join, "")?;
                arm.set("opens_at", "bid.opens_at");
                arm.set("department_id", "bid.department_id");
            }
            _ => {}
        }
        let view = VIEWS_OF_KINDS.iter().find(|(kind, _)| *kind == arm.value("kind"));
        views.extend(view.map(|(_, name)| format!("CREATE VIEW {name} AS {}", arm.write())));
        arms.push(arm.write());
    }
    views.push(format!("CREATE VIEW review_item AS {}", arms.join(" UNION ALL ")));
    Ok(views)
}

/// Returns a view that reads the solicitation of a bid, reading the bid's copies instead.
fn with_copies(view: &str) -> Result<String, DbErr> {
    let view = replace(view, JOIN, "bid")?;
    // The opening of a bid as each view writes it.
    let start = view.find("CASE WHEN solicitation.sealed");
    let end = view.find(" AS opens_at").filter(|end| start.is_some_and(|start| start < *end));
    let (Some(start), Some(end)) = (start, end) else {
        return Err(DbErr::Migration("a view has no opening of a bid".to_owned()));
    };
    let view = format!("{}bid.opens_at{}", &view[..start], &view[end..]);
    Ok(view.replace("solicitation.department_id", "bid.department_id"))
}

/// Fills the placeholders of the statements of this migration.
fn fill(statements: &[&str]) -> Vec<String> {
    let copy = COPY.replace("{opens_at}", OPENS_AT);
    let filled = statements.iter().map(|it| it.replace("{copy}", &copy));
    filled.map(|it| it.replace("{opens_at}", OPENS_AT)).collect()
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let statements = fill(statements);
    engine::run(manager, &statements.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DROP_VIEWS).await?;
        run(manager, COLUMNS).await?;
        run(manager, &["{copy}", FILL_WAS_HELD]).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_TRIGGERS,
            _ => SQLITE_TRIGGERS,
        };
        run(manager, triggers).await?;
        run(manager, INDEXES).await?;
        let resting = with_copies(desks::RESTING_BID)?;
        let screened = with_copies(bids::SCREENED_BID)?;
        let access = subject_access("bid.department_id, bid.opens_at FROM bid");
        engine::run(manager, &[&resting, &screened, &access]).await?;
        for view in review_items()? {
            engine::run(manager, &[&view]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (_, name) in VIEWS_OF_KINDS {
            engine::run(manager, &[&format!("DROP VIEW {name}")]).await?;
        }
        run(manager, DROP_VIEWS).await?;
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES_DOWN,
            _ => SQLITE_DOWN,
        };
        run(manager, triggers).await?;
        run(manager, DOWN).await?;
        let access = subject_access_of_solicitations();
        let queue = views_41::review_item()?;
        engine::run(manager, &[desks::RESTING_BID, bids::SCREENED_BID, &access, &queue]).await
    }
}
