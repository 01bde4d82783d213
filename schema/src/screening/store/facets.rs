//! Counts screened bids by facet value.
use std::collections::BTreeMap;

use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, Func, JoinType, Query, SelectStatement,
    SimpleExpr, UnionType, WithClause,
};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, IdenStatic, QueryResult, QuerySelect, QueryTrait, Select,
};

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

/// What bids are counted by.
#[derive(Clone, Copy, Debug)]
enum Facet {
    Outcome,
    Status,
    Department,
    Review,
    Reviewer,
    Finding,
    /// A disclosure's values count for every bid that was decided on it.
    Disclosed(DisclosedFacet),
}

/// The facets with one value for each bid.
const SINGLE_VALUED: [Facet; 5] =
    [Facet::Outcome, Facet::Status, Facet::Department, Facet::Review, Facet::Reviewer];

/// The selected bids, with the columns that facets are counted by.
const MATCHING_BIDS: &str = "matching_bids";
/// The numbers of selected bids that have the same values of [`SINGLE_VALUED`].
const BIDS_BY_VALUES: &str = "bids_by_values";
/// The numbers of selected bids that were decided on the same disclosure.
const BIDS_BY_DISCLOSURE: &str = "bids_by_disclosure";
/// One of these tables, where it is joined with the values of a facet.
const BIDS: &str = "bids";

/// Counts the selected bids by each requested facet, in two statements at most, each of which looks for the bids once:
/// one for the facets of disclosures and one for the others, because each statement may take ten seconds. Reviewers are
/// named as `reader` sees them.
pub async fn count_facets(
    db: &impl ConnectionTrait,
    select: Select<Entity>,
    requested: RequestedFacets,
    reader: &Principal,
) -> Result<BidFacetCounts, DbErr> {
    let facets = requested.list().into_iter();
    let (disclosed, others): (Vec<_>, Vec<_>) =
        facets.partition(|facet| matches!(facet, Facet::Disclosed(_)));
    let mut counts = BidFacetCounts::default();
    for facets in [others, disclosed] {
        let parts = facets.iter().zip(0..).map(|(facet, index)| facet.select_counts(index));
        let Some(parts) = parts.reduce(|mut all, part| all.union(UnionType::All, part).take())
        else {
            continue;
        };
        for row in db.query_all(&parts.with(select_common(select.clone(), &facets))).await? {
            let index: i64 = row.try_get("", "facet")?;
            let facet = usize::try_from(index).ok().and_then(|index| facets.get(index));
            let facet = facet.ok_or_else(|| DbErr::Type(format!("there is no facet {index}")))?;
            counts.add(*facet, &row, reader)?;
        }
    }
    Ok(counts)
}

/// Returns the common tables of [`Facet::select_counts`].
fn select_common(select: Select<Entity>, facets: &[Facet]) -> WithClause {
    let mut common = WithClause::new();
    // Both databases store such a table only if it is read more than once.
    let mut add = |name: &str, query: SelectStatement| {
        let mut table = CommonTableExpression::new();
        common.cte(table.table_name(Alias::new(name)).query(query).to_owned());
    };
    let (mut columns, mut groups) = (Vec::new(), Vec::new());
    if facets.iter().any(|facet| facet.column().is_some()) {
        let values: Vec<_> = SINGLE_VALUED.iter().filter_map(|facet| facet.column()).collect();
        columns.extend(values.clone());
        groups.push((BIDS_BY_VALUES, values));
    }
    if facets.iter().any(|facet| matches!(facet, Facet::Finding)) {
        columns.extend([Column::Id, Column::DecisionId]);
    }
    if facets.iter().any(|facet| matches!(facet, Facet::Disclosed(_))) {
        columns.push(Column::DisclosureId);
        groups.push((BIDS_BY_DISCLOSURE, vec![Column::DisclosureId]));
    }
    add(MATCHING_BIDS, select.select_only().columns(columns).into_query());
    for (name, columns) in groups {
        let mut numbers = Query::select();
        numbers
            .from(Alias::new(MATCHING_BIDS))
            .expr_as(Expr::cust("COUNT(*)"), Alias::new("number"));
        for column in columns {
            let column = Alias::new(column.as_str());
            numbers.column(column.clone()).group_by_col(column);
        }
        add(name, numbers);
    }
    common
}

impl RequestedFacets {
    fn list(self) -> Vec<Facet> {
        let Self {
            single_valued,
            finding,
            component,
            nature_of_work,
            kind,
            recipient_kind,
            data_category,
            onward_to_dhs,
        } = self;
        let single = SINGLE_VALUED.map(|facet| (single_valued, facet));
        let others = [
            (finding, Facet::Finding),
            (component, Facet::Disclosed(DisclosedFacet::Component)),
            (nature_of_work, Facet::Disclosed(DisclosedFacet::NatureOfWork)),
            (kind, Facet::Disclosed(DisclosedFacet::Kind)),
            (recipient_kind, Facet::Disclosed(DisclosedFacet::RecipientKind)),
            (data_category, Facet::Disclosed(DisclosedFacet::DataCategory)),
            (onward_to_dhs, Facet::Disclosed(DisclosedFacet::OnwardToDhs)),
        ];
        let all = single.into_iter().chain(others);
        all.filter_map(|(is_requested, facet)| is_requested.then_some(facet)).collect()
    }
}

impl Facet {
    /// Returns the column with a bid's only value.
    const fn column(self) -> Option<Column> {
        match self {
            Self::Outcome => Some(Column::Outcome),
            Self::Status => Some(Column::Status),
            Self::Department => Some(Column::DepartmentId),
            Self::Review => Some(Column::Review),
            Self::Reviewer => Some(Column::Reviewer),
            Self::Finding | Self::Disclosed(_) => None,
        }
    }

    /// Selects the number of bids by value: `facet`, which is its index among the facets of the statement, the value as
    /// text or as a department, and the number of bids.
    fn select_counts(self, facet: i64) -> SelectStatement {
        let each_value = match self {
            Self::Finding => {
                let (one, values) = (Expr::cust("1"), select_finding_codes());
                Some(select_each_value(MATCHING_BIDS, "id", one, "decision_id", values))
            }
            Self::Disclosed(disclosed) => {
                let (id, values) = ("disclosure_id", select_facet_values(disclosed));
                let number = Expr::col((Alias::new(BIDS), Alias::new("number")));
                Some(select_each_value(BIDS_BY_DISCLOSURE, id, number, id, values))
            }
            _ => None,
        };
        let mut counts = Query::select();
        match each_value {
            Some(each_value) => counts.from_subquery(each_value, Alias::new(BIDS)),
            None => counts.from(Alias::new(BIDS_BY_VALUES)),
        };
        let value = self.column().map_or("value", |column| column.as_str());
        let value = Expr::col(Alias::new(value));
        let (text, department) = match self {
            Self::Department => (Expr::cust("CAST(NULL AS text)"), value.clone()),
            _ => (value.clone(), Expr::cust("CAST(NULL AS uuid)")),
        };
        let number = Func::sum(Expr::col(Alias::new("number"))).cast_as(Alias::new("bigint"));
        counts
            .expr_as(Expr::val(facet), Alias::new("facet"))
            .expr_as(text, Alias::new("value"))
            .expr_as(department, Alias::new("department_id"))
            .expr_as(number, Alias::new("number"))
            .add_group_by([value]);
        counts
    }
}

/// Selects each distinct value of each row of `bids`, with the number of bids of that row. The column `id` identifies a
/// row, and the column `owner` has the decision or the disclosure whose values it has.
fn select_each_value(
    bids: &str,
    id: &str,
    number: SimpleExpr,
    owner: &str,
    values: SelectStatement,
) -> SelectStatement {
    let (table, facet_values) = (Alias::new(BIDS), Alias::new("facet_values"));
    let same = Expr::col((facet_values.clone(), Alias::new("owner")))
        .equals((table.clone(), Alias::new(owner)));
    let mut each = Query::select();
    each.distinct()
        .column((table.clone(), Alias::new(id)))
        .expr_as(number, Alias::new("number"))
        .column((facet_values.clone(), Alias::new("value")))
        .from_as(Alias::new(bids), table)
        .join_subquery(JoinType::InnerJoin, values, facet_values, same);
    each
}

impl BidFacetCounts {
    /// Adds a row of [`Facet::select_counts`].
    fn add(&mut self, facet: Facet, row: &QueryResult, reader: &Principal) -> Result<(), DbErr> {
        let number: i64 = row.try_get("", "number")?;
        let counts = match facet {
            Facet::Department => {
                self.department.insert(row.try_get("", "department_id")?, number);
                return Ok(());
            }
            Facet::Reviewer => {
                let reviewer: Option<Principal> = row.try_get("", "value")?;
                let name = reviewer.map(|it| it.name_for(reader).to_owned());
                *self.reviewer.entry(name).or_default() += number;
                return Ok(());
            }
            Facet::Outcome => &mut self.outcome,
            Facet::Status => &mut self.status,
            Facet::Review => &mut self.review,
            Facet::Finding => &mut self.finding,
            Facet::Disclosed(DisclosedFacet::Component) => &mut self.component,
            Facet::Disclosed(DisclosedFacet::NatureOfWork) => &mut self.nature_of_work,
            Facet::Disclosed(DisclosedFacet::Kind) => &mut self.kind,
            Facet::Disclosed(DisclosedFacet::RecipientKind) => &mut self.recipient_kind,
            Facet::Disclosed(DisclosedFacet::DataCategory) => &mut self.data_category,
            Facet::Disclosed(DisclosedFacet::OnwardToDhs) => &mut self.onward_to_dhs,
        };
        counts.insert(row.try_get("", "value")?, number);
        Ok(())
    }
}

/// Groups the selected rows by columns, and counts each group in a last column, `number`.
pub fn count_groups_of<E: EntityTrait>(select: Select<E>, columns: &[E::Column]) -> Select<E> {
    let grouped = columns
        .iter()
        .fold(select.select_only(), |select, column| select.column(*column).group_by(*column));
    grouped.column_as(Expr::cust("COUNT(*)"), "number")
}
