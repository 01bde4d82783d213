//! Counts screened bids by facet value.
use std::collections::BTreeMap;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect, QueryTrait, Select, TryGetable};

use crate::decision::access::select_finding_codes;
use crate::disclosure::access::{DisclosedFacet, select_facet_values};
use crate::organization::model::DepartmentId;
use crate::principal::Principal;
use crate::screening::entity::screened_bid::{Column, Entity};

/// The number of bids by value; those without a value under `None`.
pub type ValueCounts = BTreeMap<Option<String>, i64>;

/// The requested facets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each facet of the schema")]
pub struct RequestedFacets {
    /// The facets with one value for each bid: outcome, status, department, review and reviewer.
    /// One statement counts all of them.
    pub single_valued: bool,
    pub finding: bool,
    pub component: bool,
    pub nature_of_work: bool,
    pub kind: bool,
    pub recipient_kind: bool,
    pub data_category: bool,
    pub onward_to_dhs: bool,
}

/// The counts of each requested facet; empty for the others.
#[derive(Clone, Debug, Default)]
pub struct BidFacetCounts {
    pub outcome: ValueCounts,
    pub status: ValueCounts,
    pub department: BTreeMap<DepartmentId, i64>,
    pub review: ValueCounts,
    pub reviewer: ValueCounts,
    pub finding: ValueCounts,
    pub component: ValueCounts,
    pub nature_of_work: ValueCounts,
    pub kind: ValueCounts,
    pub recipient_kind: ValueCounts,
    pub data_category: ValueCounts,
    pub onward_to_dhs: ValueCounts,
}

/// Counts the selected bids by each requested facet. Reviewers are named as `reader` sees them.
pub async fn count_facets(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    requested: RequestedFacets,
    reader: &Principal,
) -> Result<BidFacetCounts, DbErr> {
    let RequestedFacets {
        single_valued,
        finding,
        component,
        nature_of_work,
        kind,
        recipient_kind,
        data_category,
        onward_to_dhs,
    } = requested;
    // A disclosure's values count for every bid that was decided on it.
    macro_rules! count_disclosed {
        ($is_requested:ident, $facet:ident) => {
            if $is_requested {
                let values = select_facet_values(DisclosedFacet::$facet);
                count_multi(db, select.clone(), Column::DisclosureId, values).await?
            } else {
                ValueCounts::new()
            }
        };
    }
    let single = if single_valued {
        count_single(db, select.clone(), reader).await?
    } else {
        SingleValueCounts::default()
    };
    let SingleValueCounts { outcome, status, department, review, reviewer } = single;
    Ok(BidFacetCounts {
        outcome,
        status,
        department,
        review,
        reviewer,
        finding: if finding {
            count_multi(db, select.clone(), Column::DecisionId, select_finding_codes()).await?
        } else {
            ValueCounts::new()
        },
        component: count_disclosed!(component, Component),
        nature_of_work: count_disclosed!(nature_of_work, NatureOfWork),
        kind: count_disclosed!(kind, Kind),
        recipient_kind: count_disclosed!(recipient_kind, RecipientKind),
        data_category: count_disclosed!(data_category, DataCategory),
        onward_to_dhs: count_disclosed!(onward_to_dhs, OnwardToDhs),
    })
}

/// The counts of the facets with one value for each bid.
#[derive(Debug, Default)]
struct SingleValueCounts {
    outcome: ValueCounts,
    status: ValueCounts,
    department: BTreeMap<DepartmentId, i64>,
    review: ValueCounts,
    reviewer: ValueCounts,
}

/// Outcome, status, department, review, reviewer, and the number of bids with these five values.
type SingleValueRow = (String, String, DepartmentId, Option<String>, Option<Principal>, i64);

/// Groups the selected rows by columns, and counts each group in a last column, `number`.
pub fn count_groups_of<E: EntityTrait>(select: Select<E>, columns: &[E::Column]) -> Select<E> {
    let grouped = columns
        .iter()
        .fold(select.select_only(), |select, column| select.column(*column).group_by(*column));
    grouped.column_as(Expr::cust("COUNT(*)"), "number")
}

/// Counts the single-valued facets. One GROUP BY over all columns, summed here, was measured as
/// faster than one statement for each column.
async fn count_single(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    reader: &Principal,
) -> Result<SingleValueCounts, DbErr> {
    let columns =
        [Column::Outcome, Column::Status, Column::DepartmentId, Column::Review, Column::Reviewer];
    let grouped = count_groups_of(select, &columns);
    let mut counts = SingleValueCounts::default();
    for (outcome, status, department, review, reviewer, number) in
        grouped.into_tuple::<SingleValueRow>().all(db).await?
    {
        *counts.outcome.entry(Some(outcome)).or_default() += number;
        *counts.status.entry(Some(status)).or_default() += number;
        *counts.department.entry(department).or_default() += number;
        *counts.review.entry(review).or_default() += number;
        *counts.reviewer.entry(reviewer.map(|it| it.name_for(reader).to_owned())).or_default() +=
            number;
    }
    Ok(counts)
}

/// Counts the bids by the values of their decision or disclosure, given by the column `owner`.
/// `values` selects each distinct value of each owner.
async fn count_multi(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    owner: Column,
    values: SelectStatement,
) -> Result<ValueCounts, DbErr> {
    let [bids, facet_values] = ["bids", "facet_values"].map(Alias::new);
    let number = || Expr::col((bids.clone(), Alias::new("number")));
    let by_owner = select
        .select_only()
        .column_as(owner, "owner")
        .column_as(Expr::cust("COUNT(*)"), "number")
        .group_by(owner)
        .into_query();
    let value = Expr::col((facet_values.clone(), Alias::new("value")));
    let same = Expr::col((facet_values.clone(), Alias::new("owner")))
        .equals((bids.clone(), Alias::new("owner")));
    let mut query = Query::select();
    query
        .expr_as(value.clone(), Alias::new("value"))
        .expr_as(Func::sum(number()).cast_as(Alias::new("bigint")), Alias::new("number"))
        .from_subquery(by_owner, bids.clone())
        .join_subquery(JoinType::InnerJoin, values, facet_values.clone(), same)
        .add_group_by([value]);
    let mut counts = ValueCounts::new();
    for row in db.query_all(&query).await? {
        let value = Option::<String>::try_get_by(&row, "value").map_err(DbErr::from)?;
        let number = i64::try_get_by(&row, "number").map_err(DbErr::from)?;
        counts.insert(value, number);
    }
    Ok(counts)
}
