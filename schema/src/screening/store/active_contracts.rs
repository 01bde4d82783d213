//! The contracts that were active on a day, by holder.
use std::fmt::Write;

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::large_sums::{join_parts, sums_of_parts};
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// The active contracts of one organization in one currency, summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveContracts {
    pub organization: OrganizationId,
    /// The department, if they are summed by department.
    pub department: Option<DepartmentId>,
    pub currency: String,
    /// The number of contracts.
    pub contracts: i64,
    /// Their total value on that day, in hundredths of the currency's unit; at most that of 64 bits.
    pub cents: i64,
}

/// Sums the contracts that were active on a day and that the viewer may see, by holder and currency, and by
/// department if `by_department`. Holder and value are those of that day.
pub async fn active_contracts_on(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    department: Option<DepartmentId>,
    day: NaiveDate,
    by_department: bool,
) -> Result<Vec<ActiveContracts>, DbErr> {
    let engine = db.get_database_backend();
    let own = (!viewer.can_read_all()).then(|| viewer.own_departments().to_vec());
    let departments = department.map(|id| vec![id]).or_else(|| own.clone());
    let department_id = if by_department { "term.department_id" } else { "CAST(NULL AS uuid)" };
    // The view without departments looks no contract up.
    let has_department = by_department || departments.is_some();
    let terms = if has_department {
        "screening_contract_term"
    } else {
        "screening_term_without_department"
    };
    let [parts, rest] = sums_of_parts("term.value_cents");
    let mut sql = ACTIVE_CONTRACTS_SQL.replace("{department_id}", department_id);
    sql = sql.replace("{terms}", terms);
    sql = sql.replace("{parts}", &parts).replace("{rest}", &rest);
    let mut values: Vec<Value> = vec![day.into()];
    if let Some(departments) = departments {
        let visible =
            departments.into_iter().filter(|id| own.as_ref().is_none_or(|own| own.contains(id)));
        let mut placeholders = Vec::new();
        for id in visible {
            values.push(id.into());
            placeholders.push(format!("${}", values.len()));
        }
        // Without a visible department the condition must match no row.
        let placeholders =
            if placeholders.is_empty() { "NULL".to_owned() } else { placeholders.join(", ") };
        let _ = write!(sql, " AND term.department_id IN ({placeholders})");
    }
    sql.push_str(" GROUP BY term.organization_id, term.currency");
    if by_department {
        sql.push_str(", term.department_id");
    }
    let rows = db.query_all_raw(Statement::from_sql_and_values(engine, sql, values)).await?;
    let held = rows.into_iter().map(|row| {
        Ok(ActiveContracts {
            organization: row.try_get("", "organization_id")?,
            department: row.try_get("", "department_id")?,
            currency: row.try_get("", "currency")?,
            contracts: row.try_get("", "contracts")?,
            cents: join_parts(row.try_get("", "parts")?, row.try_get("", "rest")?),
        })
    });
    held.collect()
}

/// `$1` is the day.
const ACTIVE_CONTRACTS_SQL: &str = "SELECT term.organization_id, {department_id} AS department_id,
        term.currency, COUNT(*) AS contracts, {parts} AS parts, {rest} AS rest
    FROM {terms} AS term
    WHERE term.from_date <= $1 AND term.until_date >= $1";
