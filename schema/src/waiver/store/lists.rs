//! Pages of the waivers and exemptions that a viewer may see, newest first.
use std::collections::BTreeSet;

use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{exemptions, waivers};
use crate::database::{Lookup, is_one_of};
use crate::fault::Result;
use crate::organization::access;
use crate::organization::model::Viewer;
use crate::page::{CountedPage, Key, Order, PageArguments};
use crate::search::{Index, each_word, has_words};
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
fn fits_words<C: ColumnTrait>(
    lookup: Lookup,
    columns: &SearchedColumns<C>,
    words: &BTreeSet<String>,
) -> Condition {
    let SearchedColumns { id, organization, solicitation, contract } = *columns;
    each_word(words, |word| {
        let holder = contract_holder::Column::OrganizationId;
        let named = access::has_name_word(lookup, holder, word);
        let held = contract_holder::Entity::find().select_only().filter(named).into_query();
        [
            has_words(lookup, id, Index::Relief, [word]),
            has_words(lookup, solicitation, Index::Solicitation, [word]),
            has_words(lookup, contract, Index::Contract, [word]),
            access::has_name_word(lookup, organization, word),
            lookup.for_words().is_among([contract], held, [contract_holder::Column::ContractId]),
        ]
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
    let condition = |lookup| {
        Condition::all()
            .add_option(department.map(|id| Column::DepartmentId.eq(id)))
            .add_option(is_one_of(Column::Status, statuses))
            .add_option(is_one_of(Column::Rule, &rules))
            .add_option(expires.from.map(|day| Column::ExpiresOn.gte(day)))
            .add_option(expires.to.map(|day| Column::ExpiresOn.lte(day)))
            .add_option(requested.from.map(|at| Column::RequestedAt.gte(at)))
            .add_option(requested.before.map(|at| Column::RequestedAt.lt(at)))
            .add_option(words.as_ref().map(|words| fits_words(lookup, &columns, words)))
    };
    let order = Order::<waiver::Entity> {
        name: "WAIVERS".into(),
        column: Column::RequestedAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.requested_at), row.id.uuid()),
    };
    let rows = waiver::Entity::find();
    let select = |lookup| waivers::visible(viewer).filter(condition(lookup));
    let (page, total) = order.matching_page(db, rows, select, arguments, includes_total).await?;
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
    let condition = |lookup| {
        Condition::all()
            .add_option(department.map(|id| Column::DepartmentId.eq(id)))
            .add_option(is_one_of(Column::Kind, kinds))
            .add_option(claimed.from.map(|at| Column::ClaimedAt.gte(at)))
            .add_option(claimed.before.map(|at| Column::ClaimedAt.lt(at)))
            .add_option(words.as_ref().map(|words| fits_words(lookup, &columns, words)))
    };
    let order = Order::<exemption::Entity> {
        name: "EXEMPTIONS".into(),
        column: Column::ClaimedAt,
        id: Column::Id,
        descending: true,
        key: |row, _| (Key::Time(row.claimed_at), row.id.uuid()),
    };
    let rows = exemption::Entity::find();
    let select = |lookup| exemptions::visible(viewer).filter(condition(lookup));
    order.matching_page(db, rows, select, arguments, includes_total).await
}
