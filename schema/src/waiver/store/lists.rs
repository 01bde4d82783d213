//! Pages of the waivers and exemptions that a viewer may see, newest first.
use std::collections::BTreeSet;

use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};

use super::{exemptions, waivers};
use crate::database::is_one_of;
use crate::fault::Result;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, Key, Order, PageArguments, count};
use crate::search::{Index, beginning_with, each_word};
use crate::waiver::entity::{contract_holder, exemption, waiver};
use crate::waiver::model::{ValidExemptionFilter, ValidWaiverFilter, Waiver};

/// The columns, common to both tables, by which a waiver or an exemption is searched.
struct SearchedColumns<C> {
    id: C,
    organization: C,
    solicitation: C,
    contract: C,
}

/// The condition that each word occurs in the contract number, in the number or title of the contract
/// or solicitation, or in the names of the bidder or the contract's holder.
fn has_words<C: ColumnTrait>(
    engine: DbBackend,
    columns: &SearchedColumns<C>,
    words: &BTreeSet<String>,
) -> Condition {
    let SearchedColumns { id, organization, solicitation, contract } = columns;
    each_word(words, |word| {
        let begins = |index: Index| beginning_with(engine, index, word);
        let held = contract_holder::Entity::find()
            .select_only()
            .column(contract_holder::Column::ContractId)
            .filter(
                contract_holder::Column::OrganizationId.in_subquery(begins(Index::Organization)),
            );
        Condition::any()
            .add(id.in_subquery(begins(Index::Relief)))
            .add(solicitation.in_subquery(begins(Index::Solicitation)))
            .add(contract.in_subquery(begins(Index::Contract)))
            .add(organization.in_subquery(begins(Index::Organization)))
            .add(contract.in_subquery(held.into_query()))
    })
}

/// Returns a page of the matching waivers that the viewer may see, newest request first, and their
/// number if `includes_total`.
pub async fn list_waivers(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidWaiverFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<Waiver>> {
    use waiver::Column;
    let ValidWaiverFilter { department, statuses, rules, expires, requested, words } = filter;
    let rules: Vec<&str> = rules.iter().map(|rule| rule.as_str()).collect();
    let columns = SearchedColumns {
        id: Column::Id,
        organization: Column::OrganizationId,
        solicitation: Column::SolicitationId,
        contract: Column::ContractId,
    };
    let engine = db.get_database_backend();
    let condition = Condition::all()
        .add_option(department.map(|id| Column::DepartmentId.eq(id)))
        .add_option(is_one_of(Column::Status, statuses))
        .add_option(is_one_of(Column::Rule, &rules))
        .add_option(expires.from.map(|day| Column::ExpiresOn.gte(day)))
        .add_option(expires.to.map(|day| Column::ExpiresOn.lte(day)))
        .add_option(requested.from.map(|at| Column::RequestedAt.gte(at)))
        .add_option(requested.before.map(|at| Column::RequestedAt.lt(at)))
        .add_option(words.as_ref().map(|words| has_words(engine, &columns, words)));
    let order = Order::<waiver::Entity> {
        name: "WAIVERS".into(),
        column: Column::RequestedAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.requested_at), row.id.uuid()),
    };
    let select = waivers::visible(viewer).filter(condition);
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page.try_map(Waiver::try_from)?, total))
}

/// Returns a page of the matching exemptions that the viewer may see, newest claim first, and their
/// number if `includes_total`.
pub async fn list_exemptions(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    filter: &ValidExemptionFilter,
    arguments: &PageArguments,
    includes_total: bool,
) -> Result<CountedPage<exemption::Model>> {
    use exemption::Column;
    let ValidExemptionFilter { department, kinds, claimed, words } = filter;
    let columns = SearchedColumns {
        id: Column::Id,
        organization: Column::OrganizationId,
        solicitation: Column::SolicitationId,
        contract: Column::ContractId,
    };
    let engine = db.get_database_backend();
    let condition = Condition::all()
        .add_option(department.map(|id| Column::DepartmentId.eq(id)))
        .add_option(is_one_of(Column::Kind, kinds))
        .add_option(claimed.from.map(|at| Column::ClaimedAt.gte(at)))
        .add_option(claimed.before.map(|at| Column::ClaimedAt.lt(at)))
        .add_option(words.as_ref().map(|words| has_words(engine, &columns, words)));
    let order = Order::<exemption::Entity> {
        name: "EXEMPTIONS".into(),
        column: Column::ClaimedAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.claimed_at), row.id.uuid()),
    };
    let select = exemptions::visible(viewer).filter(condition);
    let page = order.page(db, select.clone(), arguments).await?;
    let total = if includes_total { Some(count(db, select).await?) } else { None };
    Ok((page, total))
}
