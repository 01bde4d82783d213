//! Contracts by what they and their holders' disclosures are.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::disclosure_criteria::{is_one_of, disclosure_condition};
use crate::bidding::model::OrderDirection;
use crate::contracting::model::ContractId;
use crate::fault::Result;
use crate::gate::Outcome;
use crate::organization::model::Viewer;
use crate::page::{PageArguments, Key, Order, Page, count};
use crate::screening::entity::screened_contract::{Column, Entity, Model};
use crate::screening::model::{ContractFilter, ContractOrder, ContractOrderField};
use crate::screening::rules::ValidContractFilter;
use crate::waiver::index::{exemption, waiver};
use crate::waiver::model::WaiverStatus;

/// Contracts of every department to who reads all, of their own to contract officers.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find();
    if viewer.reads_all() {
        return select;
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
}

/// The contracts that a filter leaves.
fn select(engine: DbBackend, viewer: &Viewer, checked: &ValidContractFilter) -> Select<Entity> {
    let ContractFilter {
        department_id,
        organization_id,
        readiness,
        clause_missing,
        exempted,
        waived,
        out_of_compliance,
        ..
    } = &checked.filter;
    let codes: Vec<&str> = checked.noncompliance_codes.iter().map(|code| code.as_str()).collect();
    let mut all = Condition::all()
        .add_option(department_id.map(|id| Column::DepartmentId.eq(id)))
        .add_option(organization_id.map(|id| Column::OrganizationId.eq(id)))
        .add_option(checked.ends_from.map(|day| Column::EndDate.gte(day)))
        .add_option(checked.ends_until.map(|day| Column::EndDate.lte(day)))
        .add_option(is_one_of(Column::Readiness, readiness))
        .add_option(checked.noncompliant_by.map(|day| Column::NoncompliantSince.lte(day)))
        .add_option(is_one_of(Column::NoncomplianceCode, &codes));
    if !codes.is_empty() {
        // For the index, which holds those that are out of compliance alone.
        all = all.add(Column::NoncompliantSince.is_not_null());
    }
    let whether = |column: Column, wanted: bool| {
        if wanted { column.is_not_null() } else { column.is_null() }
    };
    all = all
        .add_option(clause_missing.map(|missing| whether(Column::ClauseVersion, !missing)))
        .add_option(out_of_compliance.map(|out| whether(Column::NoncompliantSince, out)));
    if let Some(wanted) = exempted {
        let claimed = exemption::Entity::find()
            .select_only()
            .column(exemption::Column::ContractId)
            .filter(exemption::Column::ContractId.is_not_null())
            .into_query();
        all = all.add(if *wanted {
            Column::Id.in_subquery(claimed)
        } else {
            Column::Id.not_in_subquery(claimed)
        });
    }
    if let Some(wanted) = waived {
        let in_effect = waiver::Entity::find()
            .select_only()
            .column(waiver::Column::ContractId)
            .filter(waiver::Column::Status.eq(WaiverStatus::Approved))
            .filter(waiver::Column::ExpiresAt.gt(viewer.now))
            .filter(waiver::Column::ContractId.is_not_null())
            .into_query();
        all = all.add(if *wanted {
            Column::Id.in_subquery(in_effect)
        } else {
            Column::Id.not_in_subquery(in_effect)
        });
    }
    let (disclosure, organization) = (Column::DisclosureId, Column::OrganizationId);
    all = all.add(disclosure_condition(engine, disclosure, organization, &checked.disclosing));
    visible(viewer).filter(all)
}

/// A page of the contracts that a filter leaves, and their number if it is asked for.
pub async fn list_contracts(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    checked: &ValidContractFilter,
    order: ContractOrder,
    arguments: &PageArguments,
    counted: bool,
) -> Result<(Page<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: format!("CONTRACTS {} {}", order.field.word(), order.direction.word()),
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
    let select = select(db.get_database_backend(), viewer, checked);
    let sheet = order.page(db, select.clone(), arguments).await?;
    let total = if counted { Some(count(db, select).await?) } else { None };
    Ok((sheet, total))
}

/// How many of the contracts that a filter leaves end on each day, by what the gate would say.
pub async fn count_by_end_date(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    checked: &ValidContractFilter,
) -> Result<BTreeMap<(NaiveDate, Outcome), i64>, DbErr> {
    let grouped = select(db.get_database_backend(), viewer, checked)
        .select_only()
        .column(Column::EndDate)
        .column(Column::Readiness)
        .column_as(Expr::cust("COUNT(*)"), "number")
        .group_by(Column::EndDate)
        .group_by(Column::Readiness);
    let rows = grouped.into_tuple::<(NaiveDate, Outcome, i64)>().all(db).await?;
    Ok(rows.into_iter().map(|(day, readiness, number)| ((day, readiness), number)).collect())
}

/// The contracts that a filter leaves, at most so many, in the order of their identifiers.
pub async fn list_contract_ids(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    checked: &ValidContractFilter,
    most: u64,
) -> Result<Vec<ContractId>, DbErr> {
    let select = select(db.get_database_backend(), viewer, checked).select_only();
    select.column(Column::Id).order_by_asc(Column::Id).limit(most).into_tuple().all(db).await
}
