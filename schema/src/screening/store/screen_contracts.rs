//! Screened contracts, filtered by their own columns and by their holders' disclosures.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, TryGetable,
};

use super::facets::{ValueCounts, count_groups_of};
use super::large_sums::{join_parts, sums_of_parts};
use crate::bidding::model::OrderDirection;
use crate::contracting::model::ContractId;
use crate::database::{Lookup, is_one_of};
use crate::disclosure::access::{CriteriaColumns, disclosure_condition};
use crate::export::load_batch_with;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::money::Money;
use crate::organization::access;
use crate::organization::model::{DepartmentId, Viewer};
use crate::page::{CountedPage, Key, Order, PageArguments};
use crate::screening::entity::contract_export;
use crate::screening::entity::screened_contract::{Column, Entity, Model};
use crate::screening::entity::{exempted_contract, waived_contract};
use crate::screening::model::{ContractOrder, ContractOrderField, ValidContractFilter};
use crate::search::Index;

/// Selects the contracts that the viewer may see: a contract officer those of the officer's
/// departments, other staff all.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.can_read_all() {
        return select;
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
}

/// Selects the matching contracts that the viewer may see.
fn select(lookup: Lookup, viewer: &Viewer, filter: &ValidContractFilter) -> Select<Entity> {
    let ValidContractFilter {
        department,
        organization,
        ends_from,
        ends_until,
        readiness,
        readiness_at_end,
        disclosure_lapses_before,
        clause_missing,
        exempted,
        waived,
        out_of_compliance,
        noncompliant_by,
        noncompliance_codes,
        disclosure,
    } = filter;
    let codes: Vec<&str> = noncompliance_codes.iter().map(|code| code.as_str()).collect();
    let mut condition = Condition::all()
        .add_option(department.map(|id| Column::DepartmentId.eq(id)))
        .add_option(
            organization.map(|id| Column::OrganizationId.in_subquery(access::select_firm(id))),
        )
        .add_option(ends_from.map(|day| Column::EndDate.gte(day)))
        .add_option(ends_until.map(|day| Column::EndDate.lte(day)))
        .add_option(is_one_of(Column::Readiness, readiness))
        .add_option(is_one_of(Column::ReadinessAtEnd, readiness_at_end))
        .add_option(disclosure_lapses_before.map(|day| Column::DisclosureLapsesOn.lt(day)))
        .add_option(noncompliant_by.map(|day| Column::NoncompliantSince.lte(day)))
        .add_option(is_one_of(Column::NoncomplianceCode, &codes));
    if !codes.is_empty() {
        // Lets the planner use the partial index of noncompliant contracts.
        condition = condition.add(Column::NoncompliantSince.is_not_null());
    }
    let has_value = |column: Column, is_wanted: bool| {
        if is_wanted { column.is_not_null() } else { column.is_null() }
    };
    condition = condition
        .add_option(clause_missing.map(|missing| has_value(Column::ClauseVersion, !missing)))
        .add_option(out_of_compliance.map(|out| has_value(Column::NoncompliantSince, out)));
    if let Some(is_wanted) = exempted {
        let claimed = exempted_contract::Entity::find().select_only().into_query();
        let key = exempted_contract::Column::ContractId;
        let is_exempted = lookup.is_among([Column::Id], claimed, [key]);
        condition = condition.add(if *is_wanted { is_exempted } else { is_exempted.not() });
    }
    if let Some(is_wanted) = waived {
        let in_effect = waived_contract::Entity::find()
            .select_only()
            .filter(waived_contract::Column::ExpiresAt.gt(viewer.now))
            .into_query();
        let key = waived_contract::Column::ContractId;
        let is_waived = lookup.is_among([Column::Id], in_effect, [key]);
        condition = condition.add(if *is_wanted { is_waived } else { is_waived.not() });
    }
    let columns = CriteriaColumns {
        disclosure: Column::DisclosureId,
        organization: Column::OrganizationId,
        subject: (Column::Id, Index::Contract),
    };
    condition = condition.add(disclosure_condition(lookup, columns, disclosure));
    visible(viewer).filter(condition)
}

/// Returns a page of the matching contracts, and their number if `includes_total`.
pub async fn list_contracts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    order: ContractOrder,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Model>> {
    let order = Order::<Entity> {
        name: format!("CONTRACTS {} {}", order.field.as_str(), order.direction.as_str()).into(),
        column: match order.field {
            ContractOrderField::EndDate => Column::EndDate,
            ContractOrderField::Number => Column::Number,
            ContractOrderField::Value => Column::ValueCents,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::Number => Key::Text(row.number.clone()),
                Column::ValueCents => Key::Int(row.value_cents),
                _ => Key::Day(row.end_date),
            };
            (key, row.id.uuid())
        },
    };
    let matching = |lookup| select(lookup, viewer, filter);
    order.matching_page(db, Entity::find(), matching, arguments, includes_total).await
}

/// Returns up to `size` matching contracts after an id, in the order of their ids, with what an export
/// shows.
pub async fn export_contracts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    after: Option<ContractId>,
    size: u64,
) -> Result<Vec<(Model, contract_export::Model)>, DbErr> {
    let select = select(Lookup::matches_first(db), viewer, filter);
    let (view_id, after) = (contract_export::Column::ContractId, after.map(ContractId::uuid));
    load_batch_with::<Entity, contract_export::Entity>(db, select, Column::Id, view_id, after, size)
        .await
}

/// Contracts with one value of the column that they are grouped by, and with the same outcomes and
/// currency.
#[derive(Clone, Debug)]
pub struct ContractGroup<K> {
    pub key: K,
    pub readiness: Outcome,
    pub readiness_at_end: Outcome,
    /// The number of contracts.
    pub contracts: i64,
    /// Their total value; a sum out of range is the end of the range.
    pub value: Money,
}

/// Counts the matching contracts by a column, by the outcomes of carrying them on today and at their
/// end, and by currency. One statement, for any number of contracts.
async fn count_groups<K: TryGetable>(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    column: Column,
) -> Result<Vec<ContractGroup<K>>, DbErr> {
    let keys = [column, Column::Readiness, Column::ReadinessAtEnd, Column::Currency];
    let [parts, rest] = sums_of_parts("value_cents").map(Expr::cust);
    let matching = select(Lookup::matches_first(db), viewer, filter);
    let grouped =
        count_groups_of(matching, &keys).column_as(parts, "parts").column_as(rest, "rest");
    let rows = grouped.into_tuple::<(K, Outcome, Outcome, String, i64, i64, i64)>().all(db).await?;
    let groups = rows.into_iter().map(|row| {
        let (key, readiness, readiness_at_end, currency, contracts, parts, rest) = row;
        let value = Money { cents: join_parts(parts, rest), currency };
        ContractGroup { key, readiness, readiness_at_end, contracts, value }
    });
    Ok(groups.collect())
}

/// Counts the matching contracts by end date.
pub async fn count_by_end_date(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<Vec<ContractGroup<NaiveDate>>, DbErr> {
    count_groups(db, viewer, filter, Column::EndDate).await
}

/// Counts the matching contracts by department.
pub async fn count_by_department(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<Vec<ContractGroup<DepartmentId>>, DbErr> {
    count_groups(db, viewer, filter, Column::DepartmentId).await
}

/// The number of matching contracts by facet value.
#[derive(Clone, Debug, Default)]
pub struct ContractFacetCounts {
    pub department: BTreeMap<DepartmentId, i64>,
    pub readiness: ValueCounts,
    pub readiness_at_end: ValueCounts,
    pub noncompliance: ValueCounts,
}

/// Counts the matching contracts by the facets. One statement, for any number of contracts.
pub async fn count_contract_facets(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<ContractFacetCounts, DbErr> {
    type Row = (DepartmentId, String, String, Option<String>, i64);
    let keys = [
        Column::DepartmentId,
        Column::Readiness,
        Column::ReadinessAtEnd,
        Column::NoncomplianceCode,
    ];
    let grouped = count_groups_of(select(Lookup::matches_first(db), viewer, filter), &keys);
    let mut counts = ContractFacetCounts::default();
    for (department, readiness, at_end, noncompliance, number) in
        grouped.into_tuple::<Row>().all(db).await?
    {
        *counts.department.entry(department).or_default() += number;
        *counts.readiness.entry(Some(readiness)).or_default() += number;
        *counts.readiness_at_end.entry(Some(at_end)).or_default() += number;
        *counts.noncompliance.entry(noncompliance).or_default() += number;
    }
    Ok(counts)
}

/// Lists the ids of the matching contracts in order, at most `limit`.
pub async fn list_contract_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    limit: u64,
) -> Result<Vec<ContractId>, DbErr> {
    let select = select(Lookup::matches_first(db), viewer, filter).select_only();
    select.column(Column::Id).order_by_asc(Column::Id).limit(limit).into_tuple().all(db).await
}
