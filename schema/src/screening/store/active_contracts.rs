//! What ran on a day, by who held it and what that organization had on file.
use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use crate::disclosure::model::DisclosureId;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// Some current contracts of one organization with one department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveContracts {
    pub organization: OrganizationId,
    pub department: DepartmentId,
    /// What the organization had on file.
    pub disclosure: Option<DisclosureId>,
    pub currency: String,
    pub contracts: i64,
    pub cents: i64,
}

/// What ran on a day, and what its holders had on file when the day ended: of who held a contract
/// then, for what it came to then.
pub async fn active_contracts_on(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    department: Option<DepartmentId>,
    (day, ends): (NaiveDate, DateTime<Utc>),
) -> Result<Vec<ActiveContracts>, DbErr> {
    let engine = db.get_database_backend();
    let mut sql = HELD_ON.to_owned();
    let mut values: Vec<Value> = vec![day.into(), ends.into()];
    let own = (!viewer.reads_all()).then(|| viewer.own_departments().to_vec());
    let departments = department.map(|id| vec![id]).or_else(|| own.clone());
    if let Some(departments) = departments {
        let open =
            departments.into_iter().filter(|id| own.as_ref().is_none_or(|own| own.contains(id)));
        let mut places = Vec::new();
        for id in open {
            values.push(id.into());
            places.push(format!("${}", values.len()));
        }
        // None of them is the viewer's: nothing is open.
        let places = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
        let _ = write!(sql, " AND contract.department_id IN ({places})");
    }
    sql.push_str(BY_HOLDER);
    let rows = db.query_all_raw(Statement::from_sql_and_values(engine, sql, values)).await?;
    let held = rows.into_iter().map(|row| {
        Ok(ActiveContracts {
            organization: row.try_get("", "organization_id")?,
            department: row.try_get("", "department_id")?,
            disclosure: row.try_get("", "disclosure_id")?,
            currency: row.try_get("", "currency")?,
            contracts: row.try_get("", "contracts")?,
            cents: row.try_get("", "cents")?,
        })
    });
    held.collect()
}

/// `$1` is the day, `$2` the moment that ends it. A filing stood then if none had taken its place,
/// and it was not withdrawn.
const HELD_ON: &str = "WITH standing AS (
        SELECT filing.id, filing.organization_id
        FROM filing JOIN disclosure ON disclosure.id = filing.id
        WHERE filing.filed_at < $2
            AND (disclosure.withdrawn_at IS NULL OR disclosure.withdrawn_at >= $2)
            AND NOT EXISTS (SELECT 1 FROM filing later
                WHERE later.organization_id = filing.organization_id
                    AND later.version = filing.version + 1 AND later.filed_at < $2))
    SELECT contract_term.organization_id, contract.department_id,
        standing.id AS disclosure_id, contract_term.currency, COUNT(*) AS contracts,
        CAST(SUM(contract_term.value_cents) AS bigint) AS cents
    FROM contract_term JOIN contract ON contract.id = contract_term.contract_id
        LEFT JOIN standing ON standing.organization_id = contract_term.organization_id
    WHERE contract_term.from_date <= $1 AND contract_term.until_date >= $1";

const BY_HOLDER: &str = " GROUP BY contract_term.organization_id, contract.department_id,
        standing.id, contract_term.currency";
