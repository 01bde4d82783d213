//! Counts contracts by month, department and facets, with the outcomes of carrying them on.
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::database::Database;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::money::Money;
use crate::organization::model::{DepartmentId, Viewer};
use crate::screening::model::ValidContractFilter;
use crate::screening::store::{self, ContractFacetCounts, ContractGroup};

/// The number and the value of contracts with the same outcomes.
#[derive(Clone, Debug)]
pub struct ContractCount<K> {
    pub key: K,
    /// The outcome of carrying them on today.
    pub readiness: Outcome,
    /// The outcome of carrying them on at their end if nothing more is filed.
    pub readiness_at_end: Outcome,
    pub contracts: i64,
    /// Their total value, one sum for each currency.
    pub value: Vec<Money>,
}

/// Counts the matching contracts by the month in which they end, given by its first day.
///
/// # Errors
/// `Unavailable` if it takes too long.
#[tracing::instrument(skip_all)]
pub async fn count_contracts_by_month(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<Vec<ContractCount<NaiveDate>>> {
    let groups = store::count_by_end_date(&db.read, viewer, filter).await?;
    Ok(sum_groups(groups, |day| day.with_day(1).unwrap_or(day)))
}

/// Counts the matching contracts by department.
///
/// # Errors
/// `Unavailable` if it takes too long.
#[tracing::instrument(skip_all)]
pub async fn count_contracts_by_department(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<Vec<ContractCount<DepartmentId>>> {
    let groups = store::count_by_department(&db.read, viewer, filter).await?;
    Ok(sum_groups(groups, |department| department))
}

/// Counts the matching contracts by facet value.
///
/// # Errors
/// `Unavailable` if it takes too long.
#[tracing::instrument(skip_all)]
pub async fn count_contract_facets(
    db: &Database,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<ContractFacetCounts> {
    Ok(store::count_contract_facets(&db.read, viewer, filter).await?)
}

/// Sums groups whose values have the same key and the same outcomes, in the order of these.
fn sum_groups<T, K: Ord>(
    groups: Vec<ContractGroup<T>>,
    key_of: impl Fn(T) -> K,
) -> Vec<ContractCount<K>> {
    let mut sums = BTreeMap::<(K, Outcome, Outcome), (i64, Vec<Money>)>::new();
    for group in groups {
        let key = (key_of(group.key), group.readiness, group.readiness_at_end);
        let (contracts, values) = sums.entry(key).or_default();
        *contracts += group.contracts;
        values.push(group.value);
    }
    let counts =
        sums.into_iter().map(|((key, readiness, readiness_at_end), (contracts, values))| {
            let value = Money::sum_by_currency(values).collect();
            ContractCount { key, readiness, readiness_at_end, contracts, value }
        });
    counts.collect()
}
