//! The arms of each view with `UNION ALL` have the same types, and those of the review queue for bids to cure and
//! for matches are in the order of an index.
//!
//! SQLite looks up one row in such a view by the indexes of its tables, and reads its arms in order, only if
//! their columns have the same affinity; else it reads all rows of the view ("Subquery flattening" in its
//! documentation of the query planner). An expression has no affinity without `CAST`.
use sea_orm_migration::prelude::*;

use crate::m20261128_000016_desks::{NEVER, REVIEW_COLUMNS};
use crate::{engine, m20261128_000020_queue as queue, m20261129_000039_queue_in_order as queue_39};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns of `review_item` that an arm takes from an expression.
const COMPUTED: [&str; 6] =
    ["organization_id", "detail", "due_at", "cure_deadline", "opens_at", "question_due_at"];

/// When staff may see the bids of a solicitation.
pub const OPENS_AT: &str =
    "CASE WHEN solicitation.sealed THEN solicitation.due_at ELSE solicitation.created_at END";

/// What `waiting_item` reads before, and what it reads now.
const WAITING: [(&str, &str); 5] = [
    (
        "COALESCE(bid.cure_by, solicitation.due_at)",
        "CAST(COALESCE(bid.cure_by, solicitation.due_at) AS {time})",
    ),
    (
        "COALESCE(review.appeal_by, review.decided_at)",
        "CAST(COALESCE(review.appeal_by, review.decided_at) AS {time})",
    ),
    (
        "CASE WHEN match_appeal.id IS NULL THEN award_match.appeal_by END",
        "CAST(CASE WHEN match_appeal.id IS NULL THEN award_match.appeal_by END AS {time})",
    ),
    (
        "CASE WHEN appeal.id IS NULL THEN review.appeal_by END",
        "CAST(CASE WHEN appeal.id IS NULL THEN review.appeal_by END AS {time})",
    ),
    (
        "CASE WHEN award_match.considered_at IS NOT NULL OR match_appeal.id IS NOT NULL
            THEN 'UPHELD' END",
        "CAST(CASE WHEN award_match.considered_at IS NOT NULL OR match_appeal.id IS NOT NULL
            THEN 'UPHELD' END AS text)",
    ),
];

/// The joins of freed bids and of renewals: SQLite, which has no statistics, reads the tables of a `CROSS JOIN`
/// in their order. Else it would begin with all bids or contracts of an officer's department.
const JOINS: [(&str, &str); 2] = [
    (
        "CROSS JOIN bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE",
        "CROSS JOIN bid CROSS JOIN solicitation
            WHERE solicitation.id = bid.solicitation_id AND",
    ),
    (
        "renewal JOIN contract ON contract.id = renewal.contract_id
            WHERE",
        "renewal CROSS JOIN contract
            WHERE contract.id = renewal.contract_id AND",
    ),
];

/// Replaces a text that must occur once.
pub fn replace(text: &str, before: &str, now: &str) -> Result<String, DbErr> {
    if text.matches(before).count() != 1 {
        return Err(DbErr::Migration(format!("a view does not read once: {before}")));
    }
    Ok(text.replace(before, now))
}

fn waiting_item() -> Result<String, DbErr> {
    let view = queue::WAITING_ITEM.to_owned();
    WAITING.iter().try_fold(view, |view, (before, now)| replace(&view, before, now))
}

/// Returns the statement that creates `review_item`.
pub fn review_item() -> Result<String, DbErr> {
    let mut arms = Vec::new();
    for mut arm in Arm::read_all(&queue_39::review_item()?)? {
        match arm.value("kind") {
            "'BID_HELD'" => arms.extend(split_held_bids(&arm)),
            "'BID_FREED'" | "'RENEWAL_WAITING'" => {
                let join = JOINS.iter().find(|(before, _)| arm.from.contains(before));
                let (before, now) = join.unwrap_or(&JOINS[0]);
                arm.from = replace(&arm.from, before, now)?;
                arms.push(arm);
            }
            kind if kind.contains("'MATCH_FOUND'") => arms.extend(split_matches(&arm)?),
            _ => arms.push(arm),
        }
    }
    Ok(Arm::write_all(&arms))
}

/// Splits held bids into those to be cured, which are due when their cure period ends, and the others, which
/// are due with their solicitation. The latter are sorted: a walk through the solicitations by their due times
/// would read those of all years.
fn split_held_bids(held: &Arm) -> [Arm; 2] {
    let mut to_cure = held.clone();
    to_cure.set("due_at", "bid.cure_by");
    to_cure.set("cure_deadline", "bid.cure_by");
    to_cure.from.push_str(" AND bid.cure_by IS NOT NULL");
    let mut others = held.clone();
    others.set("due_at", "solicitation.due_at");
    others.set("cure_deadline", NEVER);
    others.from.push_str(" AND bid.cure_by IS NULL");
    [to_cure, others]
}

/// Splits matches into those that were found and those that were answered.
fn split_matches(matches: &Arm) -> Result<[Arm; 2], DbErr> {
    let unknown = || DbErr::Migration("review_item has no two kinds of matches".to_owned());
    let conditions = matches.from.strip_prefix("award_match").map(str::trim_start);
    let conditions = conditions.and_then(|it| it.strip_prefix("WHERE ")).ok_or_else(unknown)?;
    let (is_found, is_answered) =
        conditions.split_once("OR (award_match.status = 'CONFIRMED'").ok_or_else(unknown)?;
    let kind = |kind: &str, due_at: &str, condition: String| {
        let mut arm = matches.clone();
        arm.set("kind", kind);
        arm.set("due_at", due_at);
        arm.from = format!("award_match WHERE {condition}");
        arm
    };
    Ok([
        kind("'MATCH_FOUND'", "award_match.found_at", is_found.trim_end().to_owned()),
        kind(
            "'MATCH_ANSWERED'",
            "award_match.answered_at",
            format!("(award_match.status = 'CONFIRMED'{is_answered}"),
        ),
    ])
}

/// One SELECT of `review_item`.
#[derive(Clone)]
pub struct Arm {
    /// Each of [`REVIEW_COLUMNS`] with its value.
    columns: Vec<(&'static str, String)>,
    pub from: String,
}

impl Arm {
    /// Reads the statement that creates `review_item`.
    pub fn read_all(view: &str) -> Result<Vec<Self>, DbErr> {
        let arms = view.trim_start_matches("CREATE VIEW review_item AS ").split(" UNION ALL ");
        arms.map(Self::read).collect()
    }

    fn read(sql: &str) -> Result<Self, DbErr> {
        let unknown = |name: &str| DbErr::Migration(format!("review_item has no column {name}"));
        let mut rest = sql.strip_prefix("SELECT ").ok_or_else(|| unknown("at all"))?;
        let mut columns = Vec::new();
        for (name, _) in REVIEW_COLUMNS {
            let (value, after) =
                rest.split_once(&format!(" AS {name}")).ok_or_else(|| unknown(name))?;
            columns.push((*name, value.to_owned()));
            rest = after.strip_prefix(", ").unwrap_or(after);
        }
        let from = rest.strip_prefix(" FROM ").ok_or_else(|| unknown("of a table"))?.to_owned();
        Ok(Self { columns, from })
    }

    /// Writes the statement that creates `review_item`.
    pub fn write_all(arms: &[Self]) -> String {
        let arms: Vec<String> = arms.iter().map(Self::write).collect();
        format!("CREATE VIEW review_item AS {}", arms.join(" UNION ALL "))
    }

    pub fn value(&self, name: &str) -> &str {
        self.columns.iter().find(|(column, _)| *column == name).map_or("", |(_, value)| value)
    }

    pub fn set(&mut self, name: &str, value: &str) {
        for (_, known) in self.columns.iter_mut().filter(|(column, _)| *column == name) {
            value.clone_into(known);
        }
    }

    pub fn write(&self) -> String {
        let columns = REVIEW_COLUMNS.iter().zip(&self.columns);
        let columns = columns.map(|((_, default), (name, value))| {
            // A column of a table has its type; one of `contradicted_party` is computed there.
            let is_typed = value.starts_with("CAST(")
                || (!value.contains([' ', '(']) && !value.starts_with("contradicted_party."));
            if is_typed || !COMPUTED.contains(name) {
                return format!("{value} AS {name}");
            }
            let column_type =
                default.rsplit_once(" AS ").map_or("", |(_, it)| it.trim_end_matches(')'));
            format!("CAST({value} AS {column_type}) AS {name}")
        });
        format!("SELECT {} FROM {}", columns.collect::<Vec<_>>().join(", "), self.from)
    }
}

/// Returns the statement that creates `subject_access`: `bids` are its columns of bids, with where they are from.
pub fn subject_access(bids: &str) -> String {
    format!(
        "CREATE VIEW subject_access AS
        SELECT bid.id AS subject_id, bid.organization_id, bid.disclosure_id, {bids}
        UNION ALL
        SELECT contract.id, contract.organization_id, contract.disclosure_id,
            contract.department_id, CAST('1970-01-01T00:00:00+00:00' AS {{time}})
        FROM contract
        UNION ALL
        SELECT contract.id, contract.awarded_to, contract.award_disclosure_id,
            contract.department_id, CAST('1970-01-01T00:00:00+00:00' AS {{time}})
        FROM contract
        UNION ALL
        SELECT renewal.id, renewal.organization_id, renewal.disclosure_id,
            contract.department_id, CAST('1970-01-01T00:00:00+00:00' AS {{time}})
        FROM renewal JOIN contract ON contract.id = renewal.contract_id
        UNION ALL
        SELECT award_attempt.id, award_attempt.organization_id, CAST(NULL AS {{uuid}}),
            award_attempt.department_id, CAST('1970-01-01T00:00:00+00:00' AS {{time}})
        FROM award_attempt"
    )
}

/// The department and the opening of a bid, from its solicitation.
fn of_solicitation(opens_at: &str) -> String {
    format!(
        "solicitation.department_id, {opens_at} AS opens_at
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id"
    )
}

/// Returns the statement that creates `subject_access`.
pub fn subject_access_of_solicitations() -> String {
    subject_access(&of_solicitation(&format!("CAST({OPENS_AT} AS {{time}})")))
}

const DROP_VIEWS: &[&str] =
    &["DROP VIEW subject_access", "DROP VIEW waiting_item", "DROP VIEW review_item"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DROP_VIEWS).await?;
        let access = subject_access_of_solicitations();
        engine::run(manager, &[&access, &waiting_item()?, &review_item()?]).await?;
        let index = "CREATE INDEX bid_to_cure ON bid (status, cure_by, id)
            WHERE cure_by IS NOT NULL";
        engine::run(manager, &[index]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, &["DROP INDEX bid_to_cure"]).await?;
        engine::run(manager, DROP_VIEWS).await?;
        let access = subject_access(&of_solicitation(OPENS_AT));
        engine::run(manager, &[&access, queue::WAITING_ITEM, &queue_39::review_item()?]).await
    }
}
