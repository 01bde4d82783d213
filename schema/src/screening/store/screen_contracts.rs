//! Screened contracts, filtered by their own columns and by their holders' disclosures.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use crate::bidding::model::OrderDirection;
use crate::contracting::model::ContractId;
use crate::database::is_one_of;
use crate::disclosure::access::{CriteriaColumns, disclosure_condition};
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::access;
use crate::organization::model::Viewer;
use crate::page::{Key, Order, Page, PageArguments, count};
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
fn select(engine: DbBackend, viewer: &Viewer, filter: &ValidContractFilter) -> Select<Entity> {
    let ValidContractFilter {
        department,
        organization,
        ends_from,
        ends_until,
        readiness,
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
        let claimed = exempted_contract::Entity::find()
            .select_only()
            .column(exempted_contract::Column::ContractId)
            .into_query();
        condition = condition.add(if *is_wanted {
            Column::Id.in_subquery(claimed)
        } else {
            Column::Id.not_in_subquery(claimed)
        });
    }
    if let Some(is_wanted) = waived {
        let in_effect = waived_contract::Entity::find()
            .select_only()
            .column(waived_contract::Column::ContractId)
            .filter(waived_contract::Column::ExpiresAt.gt(viewer.now))
            .into_query();
        condition = condition.add(if *is_wanted {
            Column::Id.in_subquery(in_effect)
        } else {
            Column::Id.not_in_subquery(in_effect)
        });
    }
    let columns = CriteriaColumns {
        disclosure: Column::DisclosureId,
        organization: Column::OrganizationId,
        subject: (Column::Id, Index::Contract),
    };
    condition = condition.add(disclosure_condition(engine, columns, disclosure));
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
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: format!("CONTRACTS {} {}", order.field.as_str(), order.direction.as_str()),
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
    let matching = select(db.get_database_backend(), viewer, filter);
    let page = order.page(db, matching.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, matching).await?) } else { None };
    Ok((page, total))
}

/// Counts the matching contracts by end date and by the outcome of renewing them now.
pub async fn count_by_end_date(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
) -> Result<BTreeMap<(NaiveDate, Outcome), i64>, DbErr> {
    let grouped = select(db.get_database_backend(), viewer, filter)
        .select_only()
        .column(Column::EndDate)
        .column(Column::Readiness)
        .column_as(Expr::cust("COUNT(*)"), "number")
        .group_by(Column::EndDate)
        .group_by(Column::Readiness);
    let rows = grouped.into_tuple::<(NaiveDate, Outcome, i64)>().all(db).await?;
    Ok(rows.into_iter().map(|(day, readiness, number)| ((day, readiness), number)).collect())
}

/// Lists the ids of the matching contracts in order, at most `limit`.
pub async fn list_contract_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidContractFilter,
    limit: u64,
) -> Result<Vec<ContractId>, DbErr> {
    let select = select(db.get_database_backend(), viewer, filter).select_only();
    select.column(Column::Id).order_by_asc(Column::Id).limit(limit).into_tuple().all(db).await
}
