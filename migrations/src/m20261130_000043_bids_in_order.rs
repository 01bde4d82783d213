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
    // When a held bid is due in the review queue, and its deadline to cure: columns and not expressions, because
    // SQLite seeks a page's first row by columns alone.
    "ALTER TABLE bid ADD COLUMN queue_due_at {time}
        GENERATED ALWAYS AS (COALESCE(cure_by, due_at)) {generated}",
    "ALTER TABLE bid ADD COLUMN cure_deadline {time}
        GENERATED ALWAYS AS (COALESCE(cure_by, {never})) {generated}",
];

/// Copies a solicitation into bids, up to the condition that names the bids.
const COPY_SOLICITATION: &str = "UPDATE bid SET (department_id, due_at, opens_at) =
    (SELECT solicitation.department_id, solicitation.due_at, {opens_at}
    FROM solicitation WHERE solicitation.id = bid.solicitation_id)";

const FILL_WAS_HELD: &str = "UPDATE bid SET was_held = TRUE WHERE EXISTS
    (SELECT 1 FROM decision WHERE decision.subject_id = bid.id AND decision.outcome = 'REVIEW')";

const INDEXES: &[&str] = &[
    "CREATE INDEX bid_held_by_due ON bid (status, queue_due_at, id) WHERE status = 'HELD'",
    "CREATE INDEX bid_held_by_cure ON bid (status, cure_deadline, id) WHERE status = 'HELD'",
    "DROP INDEX bid_to_cure",
    "CREATE INDEX bid_freed ON bid (status, department_id, decided_at, id)
        WHERE status = 'ADMITTED' AND was_held",
    "CREATE INDEX bid_by_department ON bid (department_id, submitted_at, id)",
    // Only the freed bids needed it.
    "DROP INDEX decision_made_again",
];

/// The copies decide who may see a bid, so a statement that gives a bid others than its solicitation's is refused.
const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER bid_copies_solicitation AFTER INSERT ON bid
        BEGIN
            {copy} WHERE bid.id = NEW.id;
            UPDATE bid SET was_held = TRUE WHERE id = NEW.id AND decision_outcome = 'REVIEW';
        END",
    "CREATE TRIGGER bid_notes_hold AFTER UPDATE OF decision_outcome ON bid
        WHEN NEW.decision_outcome = 'REVIEW' AND NOT NEW.was_held
        BEGIN UPDATE bid SET was_held = TRUE WHERE id = NEW.id; END",
    "CREATE TRIGGER bid_keeps_hold BEFORE UPDATE OF was_held ON bid
        WHEN OLD.was_held AND NEW.was_held IS NOT TRUE
        BEGIN SELECT RAISE(ABORT, 'bid_was_held'); END",
    "CREATE TRIGGER bid_keeps_copies
        BEFORE UPDATE OF solicitation_id, department_id, due_at, opens_at ON bid
        WHEN (NEW.solicitation_id, NEW.department_id, NEW.due_at, NEW.opens_at)
                IS NOT (OLD.solicitation_id, OLD.department_id, OLD.due_at, OLD.opens_at)
            AND NOT EXISTS (SELECT 1 FROM solicitation WHERE solicitation.id = NEW.solicitation_id
                AND solicitation.department_id IS NEW.department_id
                AND solicitation.due_at IS NEW.due_at AND {opens_at} IS NEW.opens_at)
        BEGIN SELECT RAISE(ABORT, 'bid_copies_its_solicitation'); END",
    "CREATE TRIGGER solicitation_is_copied_to_bids
        AFTER UPDATE OF department_id, due_at, sealed, created_at ON solicitation
        WHEN (NEW.department_id, NEW.due_at, NEW.sealed, NEW.created_at)
            IS NOT (OLD.department_id, OLD.due_at, OLD.sealed, OLD.created_at)
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
    "CREATE TRIGGER bid_keeps_hold BEFORE UPDATE OF was_held ON bid FOR EACH ROW
        WHEN (OLD.was_held AND NOT NEW.was_held) EXECUTE FUNCTION refuse('bid_was_held')",
    "CREATE FUNCTION require_copies_in_bid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NOT EXISTS (SELECT 1 FROM solicitation WHERE solicitation.id = NEW.solicitation_id
                AND solicitation.department_id = NEW.department_id
                AND solicitation.due_at = NEW.due_at AND {opens_at} = NEW.opens_at) THEN
            RAISE EXCEPTION 'bid_copies_its_solicitation' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER bid_keeps_copies
        BEFORE UPDATE OF solicitation_id, department_id, due_at, opens_at ON bid FOR EACH ROW
        WHEN ((NEW.solicitation_id, NEW.department_id, NEW.due_at, NEW.opens_at)
            IS DISTINCT FROM (OLD.solicitation_id, OLD.department_id, OLD.due_at, OLD.opens_at))
        EXECUTE FUNCTION require_copies_in_bid()",
    "CREATE FUNCTION copy_solicitation_to_bids() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {copy} WHERE bid.solicitation_id = NEW.id;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER solicitation_is_copied_to_bids
        AFTER UPDATE OF department_id, due_at, sealed, created_at ON solicitation FOR EACH ROW
        WHEN ((NEW.department_id, NEW.due_at, NEW.sealed, NEW.created_at)
            IS DISTINCT FROM (OLD.department_id, OLD.due_at, OLD.sealed, OLD.created_at))
        EXECUTE FUNCTION copy_solicitation_to_bids()",
    "ALTER TABLE bid ALTER COLUMN department_id SET NOT NULL",
    "ALTER TABLE bid ALTER COLUMN due_at SET NOT NULL",
    "ALTER TABLE bid ALTER COLUMN opens_at SET NOT NULL",
];

/// The triggers use the columns, and go before them.
const SQLITE_DOWN: &[&str] = &[
    "DROP TRIGGER solicitation_is_copied_to_bids",
    "DROP TRIGGER bid_keeps_copies",
    "DROP TRIGGER bid_keeps_hold",
    "DROP TRIGGER bid_notes_hold",
    "DROP TRIGGER bid_copies_solicitation",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP TRIGGER solicitation_is_copied_to_bids ON solicitation",
    "DROP TRIGGER bid_keeps_copies ON bid",
    "DROP TRIGGER bid_keeps_hold ON bid",
    "DROP TRIGGER bid_notes_hold ON bid",
    "DROP TRIGGER bid_copies_solicitation ON bid",
    "DROP FUNCTION copy_solicitation_to_bids()",
    "DROP FUNCTION require_copies_in_bid()",
    "DROP FUNCTION note_hold_of_bid()",
    "DROP FUNCTION copy_solicitation_to_bid()",
];

const DOWN: &[&str] = &[
    "CREATE INDEX bid_to_cure ON bid (status, cure_by, id) WHERE cure_by IS NOT NULL",
    "DROP INDEX bid_by_department",
    "DROP INDEX bid_freed",
    "DROP INDEX bid_held_by_cure",
    "DROP INDEX bid_held_by_due",
    "ALTER TABLE bid DROP COLUMN cure_deadline",
    "ALTER TABLE bid DROP COLUMN queue_due_at",
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

/// The views of one kind of `review_item` each, which the pages of the queue read (`screening::store` names them).
const VIEWS_OF_KINDS: [(&str, &str); 2] =
    [("'BID_HELD'", "held_bid_item"), ("'MATCH_FOUND'", "found_match_item")];

/// Returns the statement that creates `review_item`.
pub fn review_item() -> Result<String, DbErr> {
    Ok(Arm::write_all(&arms()?))
}

/// Returns the statements that create [`VIEWS_OF_KINDS`].
fn views_of_kinds() -> Result<Vec<String>, DbErr> {
    let arms = arms()?;
    let views = VIEWS_OF_KINDS.iter().filter_map(|(kind, name)| {
        let arm = arms.iter().find(|arm| arm.value("kind") == *kind);
        arm.map(|arm| format!("CREATE VIEW {name} AS {}", arm.write()))
    });
    Ok(views.collect())
}

/// Returns the statement that creates `held_bid_item`.
pub fn held_bid_item() -> Result<String, DbErr> {
    let views = views_of_kinds()?.into_iter();
    let mut held = views.filter(|view| view.starts_with("CREATE VIEW held_bid_item "));
    held.next().ok_or_else(|| DbErr::Migration("held_bid_item has no arm".to_owned()))
}

/// Returns the parts of `review_item`.
fn arms() -> Result<Vec<Arm>, DbErr> {
    let mut arms = Vec::new();
    for mut arm in Arm::read_all(&views_41::review_item()?)? {
        match arm.value("kind") {
            // One arm again: those to be cured and those that have no time to cure.
            "'BID_HELD'" if arm.value("due_at") == "solicitation.due_at" => continue,
            "'BID_HELD'" => {
                let from = replace(&arm.from, JOIN, "bid")?;
                arm.from = replace(&from, " AND bid.cure_by IS NOT NULL", "")?;
                arm.set("due_at", "bid.queue_due_at");
                arm.set("cure_deadline", "bid.cure_deadline");
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
        arms.push(arm);
    }
    Ok(arms)
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
    let view = view.replace("solicitation.department_id", "bid.department_id");
    if view.contains("solicitation.") {
        return Err(DbErr::Migration(format!("a view still reads the solicitation: {view}")));
    }
    Ok(view)
}

/// Runs statements with the placeholders of this migration.
async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    // SQLite adds only virtual columns to a table with rows.
    let kind = match manager.get_database_backend() {
        DbBackend::Postgres => "STORED",
        _ => "VIRTUAL",
    };
    let fill = |statement: &&str| {
        let statement = statement.replace("{copy}", COPY_SOLICITATION);
        let statement = statement.replace("{opens_at}", OPENS_AT).replace("{never}", NEVER);
        statement.replace("{generated}", kind)
    };
    let statements: Vec<String> = statements.iter().map(fill).collect();
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
        for view in views_of_kinds()? {
            engine::run(manager, &[&view]).await?;
        }
        engine::run(manager, &[&review_item()?]).await
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
