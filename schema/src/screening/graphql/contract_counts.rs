//! GraphQL types of counts of screened contracts.
use std::collections::BTreeMap;

use async_graphql::{Context, Object, SimpleObject};

use super::facets::{FacetCount, facet_counts};
use crate::fault::Result;
use crate::gate::Outcome;
use crate::graphql::context::request_context;
use crate::money::MoneyText;
use crate::organization;
use crate::organization::model::DepartmentId;
use crate::screening::model::ValidContractFilter;
use crate::screening::service;

/// The counts of screened contracts. They are counted only if requested.
#[derive(Clone, Debug)]
pub struct ContractCounts(pub(super) ValidContractFilter);

#[Object(crate = "crate::budget", visible = false)]
impl ContractCounts {
    /// The number and the value of contracts by the month in which they end and by the outcomes of
    /// carrying them on today and at their end, over all pages.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Vec<ContractsByMonth>> {
        let (db, viewer) = request_context(ctx)?;
        let counts = service::count_contracts_by_month(db, viewer, &self.0).await?;
        let counts = counts.into_iter().map(|it| ContractsByMonth {
            month: it.key.format("%Y-%m").to_string(),
            readiness: it.readiness,
            readiness_at_end: it.readiness_at_end,
            count: it.contracts,
            value: it.value.into_iter().map(MoneyText::from).collect(),
        });
        Ok(counts.collect())
    }
    /// The number and the value of contracts by department and by the outcomes of carrying them on
    /// today and at their end, over all pages, by the name of the department.
    async fn counts_by_department(&self, ctx: &Context<'_>) -> Result<Vec<ContractsByDepartment>> {
        let (db, viewer) = request_context(ctx)?;
        let counts = service::count_contracts_by_department(db, viewer, &self.0).await?;
        let ids = counts.iter().map(|it| it.key.uuid()).collect();
        let departments = organization::service::load_departments(&db.read, ids).await?;
        let mut counts: Vec<_> = counts
            .into_iter()
            .map(|it| ContractsByDepartment {
                department_id: it.key,
                department: departments.get(&it.key).map(|row| row.name.clone()),
                readiness: it.readiness,
                readiness_at_end: it.readiness_at_end,
                count: it.contracts,
                value: it.value.into_iter().map(MoneyText::from).collect(),
            })
            .collect();
        counts.sort_by(|left, right| left.department.cmp(&right.department));
        Ok(counts)
    }
    /// The number of contracts by facet value, over all pages.
    async fn facets(&self, ctx: &Context<'_>) -> Result<ContractFacets> {
        let (db, viewer) = request_context(ctx)?;
        let counts = service::count_contract_facets(db, viewer, &self.0).await?;
        let names = if ctx.look_ahead().field("department").exists() {
            let ids = counts.department.keys().map(|id| id.uuid()).collect();
            let departments = organization::service::load_departments(&db.read, ids).await?;
            departments.into_iter().map(|(id, row)| (id.to_string(), row.name)).collect()
        } else {
            BTreeMap::new()
        };
        let department = counts.department.into_iter();
        let department = department.map(|(id, count)| (Some(id.to_string()), count)).collect();
        Ok(ContractFacets {
            department: facet_counts(department, |id| names.get(id).cloned()),
            readiness: facet_counts(counts.readiness, |_| None),
            readiness_at_end: facet_counts(counts.readiness_at_end, |_| None),
            out_of_compliance_for: facet_counts(counts.noncompliance, |_| None),
        })
    }
}

/// The contracts that end in one month with the same outcomes.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ContractsByMonth {
    /// The month, such as `2026-11`.
    month: String,
    /// The outcome of carrying them on today.
    readiness: Outcome,
    /// The outcome of carrying them on at their end if nothing more is filed.
    readiness_at_end: Outcome,
    /// The number of contracts.
    count: i64,
    /// Their total value, one sum for each currency.
    value: Vec<MoneyText>,
}

/// The contracts of one department with the same outcomes.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ContractsByDepartment {
    /// The identifier of the department.
    department_id: DepartmentId,
    /// The name of the department.
    department: Option<String>,
    /// The outcome of carrying them on today.
    readiness: Outcome,
    /// The outcome of carrying them on at their end if nothing more is filed.
    readiness_at_end: Outcome,
    /// The number of contracts.
    count: i64,
    /// Their total value, one sum for each currency.
    value: Vec<MoneyText>,
}

/// The number of matching contracts by value, for each facet, the most frequent value first. The counts
/// of each facet add up to `totalCount`.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ContractFacets {
    /// The department, by its identifier.
    department: Vec<FacetCount>,
    /// The outcome of carrying the contract on today.
    readiness: Vec<FacetCount>,
    /// The outcome of carrying the contract on at its end if nothing more is filed.
    readiness_at_end: Vec<FacetCount>,
    /// The rule under which the contract is out of compliance; null for contracts in compliance.
    out_of_compliance_for: Vec<FacetCount>,
}
