//! The contracts that were active on a day, by holder and the holder's disclosure on file.
use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::large_sums::{join_parts, sums_of_parts};
use crate::disclosure::model::DisclosureId;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// A local day and the time (UTC) at which it ends.
#[derive(Clone, Copy, Debug)]
pub struct DayPeriod {
    pub day: NaiveDate,
    pub ends: DateTime<Utc>,
}

/// The active contracts of one organization in one currency, summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveContracts {
    pub organization: OrganizationId,
    /// The department, if they are summed by department.
    pub department: Option<DepartmentId>,
    /// The disclosure that the organization had on file at the end of the day.
    pub disclosure: Option<DisclosureId>,
    pub currency: String,
    /// The number of contracts.
    pub contracts: i64,
    /// Their total value on that day, in hundredths of the currency's unit; at most that of 64 bits.
    pub cents: i64,
}

/// Sums the contracts that were active on a day and that the viewer may see, by holder, disclosure and currency, and
/// by department if `by_department`. Holder and value are those of that day.
pub async fn active_contracts_on(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    department: Option<DepartmentId>,
    period: DayPeriod,
    by_department: bool,
) -> Result<Vec<ActiveContracts>, DbErr> {
    let engine = db.get_database_backend();
    let department_id = if by_department { "term.department_id" } else { "CAST(NULL AS uuid)" };
    let [parts, rest] = sums_of_parts("term.value_cents");
    let mut sql = ACTIVE_CONTRACTS_SQL.replace("{department_id}", department_id);
    sql = sql.replace("{parts}", &parts).replace("{rest}", &rest);
    let mut values: Vec<Value> = vec![period.day.into(), period.ends.into()];
    let own = (!viewer.can_read_all()).then(|| viewer.own_departments().to_vec());
    let departments = department.map(|id| vec![id]).or_else(|| own.clone());
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
    sql.push_str(" GROUP BY term.organization_id, in_effect.id, term.currency");
    if by_department {
        sql.push_str(", term.department_id");
    }
    let rows = db.query_all_raw(Statement::from_sql_and_values(engine, sql, values)).await?;
    let held = rows.into_iter().map(|row| {
        Ok(ActiveContracts {
            organization: row.try_get("", "organization_id")?,
            department: row.try_get("", "department_id")?,
            disclosure: row.try_get("", "disclosure_id")?,
            currency: row.try_get("", "currency")?,
            contracts: row.try_get("", "contracts")?,
            cents: join_parts(row.try_get("", "parts")?, row.try_get("", "rest")?),
        })
    });
    held.collect()
}

/// `$1` is the day, `$2` the time at which it ends. The filing in effect then is found as by `FilingHistory::as_of`,
/// among the latest filings of each organization of the holder's group.
const ACTIVE_CONTRACTS_SQL: &str = "WITH latest AS (
        SELECT id, organization_id, filed_for, merged_at, filed_at, withdrawn_at FROM (
            SELECT id, organization_id, filed_for, merged_at, filed_at, withdrawn_at, ROW_NUMBER()
                OVER (PARTITION BY organization_id, filed_for ORDER BY version DESC) AS age
            FROM screening_filing WHERE filed_at < $2) AS filed
        WHERE age = 1),
    ended AS (
        SELECT DISTINCT earlier.id, earlier.organization_id
        FROM latest AS later JOIN latest AS earlier
            ON earlier.organization_id = later.organization_id
                AND earlier.filed_for <> later.filed_for
        WHERE later.withdrawn_at < $2
            AND (later.filed_at, later.id) > (earlier.filed_at, earlier.id)
            AND (later.merged_at IS NULL OR later.withdrawn_at >= later.merged_at)
            AND (earlier.merged_at IS NULL OR later.withdrawn_at >= earlier.merged_at)),
    in_effect AS (
        SELECT id, organization_id FROM (
            SELECT latest.id, latest.organization_id, ROW_NUMBER()
                OVER (PARTITION BY latest.organization_id
                    ORDER BY latest.filed_at DESC, latest.id DESC) AS age
            FROM latest LEFT JOIN ended ON ended.organization_id = latest.organization_id
                AND ended.id = latest.id
            WHERE ended.id IS NULL
                AND (latest.withdrawn_at IS NULL OR latest.withdrawn_at >= $2)) AS on_file
        WHERE age = 1)
    SELECT term.organization_id, {department_id} AS department_id, in_effect.id AS disclosure_id,
        term.currency, COUNT(*) AS contracts, {parts} AS parts, {rest} AS rest
    FROM screening_contract_term AS term
        LEFT JOIN in_effect ON in_effect.organization_id = term.organization_id
    WHERE term.from_date <= $1 AND term.until_date >= $1";
