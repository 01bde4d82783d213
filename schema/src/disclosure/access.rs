//! SQL conditions on a disclosure's content, and its facets, for statements of screening. They read the
//! rows that are derived from each filed statement.
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, Iterable, QueryFilter, QuerySelect, QueryTrait,
};

use super::entity::disclosed::{agreement, arrangement, category, nature, summary, total};
use super::model::{
    AgreementFilter, ArrangementFilter, CompensationRange, ComponentsFilter, DisclosureCriteria,
    StartPrecision,
};
use crate::database::is_one_of;
use crate::gate::DhsComponent;
use crate::search::{Index, beginning_with, each_word};

/// The columns of a statement that the criteria are about.
#[derive(Clone, Copy, Debug)]
pub struct CriteriaColumns<C> {
    /// The disclosure.
    pub disclosure: C,
    /// The organization whose names are searched.
    pub organization: C,
    /// The solicitation or contract whose number and title are searched, and their index.
    pub subject: (C, Index),
}

/// Returns the SQL condition for the criteria.
#[must_use]
pub fn disclosure_condition<C: ColumnTrait>(
    engine: DbBackend,
    columns: CriteriaColumns<C>,
    criteria: &DisclosureCriteria,
) -> Condition {
    let CriteriaColumns { disclosure, organization, subject: (subject, numbers) } = columns;
    let DisclosureCriteria {
        components,
        agreement,
        compensation: range,
        withheld,
        paper,
        arrangement,
        words,
    } = criteria;
    let mut condition = Condition::all();
    if let Some(components) = components {
        condition = condition.add(components_condition(disclosure, components));
    }
    if let Some(agreement) = agreement {
        condition = condition.add(disclosure.in_subquery(disclosures_with_agreement(agreement)));
    }
    if let Some(range) = range {
        condition = condition.add(compensation_condition(disclosure, range));
    }
    for (column, wanted) in [(summary::Column::Withheld, withheld), (summary::Column::Paper, paper)]
    {
        if let Some(wanted) = wanted {
            let matching = disclosures_with_summary(column.eq(*wanted));
            condition = condition.add(disclosure.in_subquery(matching));
        }
    }
    if let Some(arrangement) = arrangement {
        condition =
            condition.add(disclosure.in_subquery(disclosures_with_arrangement(arrangement)));
    }
    if let Some(words) = words {
        let matches = |word: &str| {
            Condition::any()
                .add(disclosure.in_subquery(beginning_with(engine, Index::Filing, word)))
                .add(organization.in_subquery(beginning_with(engine, Index::Organization, word)))
                .add(subject.in_subquery(beginning_with(engine, numbers, word)))
        };
        condition = condition.add(each_word(words, matches));
    }
    condition
}

fn disclosures_with_summary(condition: Expr) -> SelectStatement {
    let select = summary::Entity::find().select_only().column(summary::Column::DisclosureId);
    select.filter(condition).into_query()
}

fn disclosures_with_components(components: &[DhsComponent]) -> SelectStatement {
    agreement::Entity::find()
        .select_only()
        .column(agreement::Column::DisclosureId)
        .filter(agreement::Column::Component.is_in(components.to_vec()))
        .into_query()
}

fn components_condition<C: ColumnTrait>(
    disclosure: C,
    ComponentsFilter { any, all, none }: &ComponentsFilter,
) -> Condition {
    let mut condition = Condition::all();
    if !any.is_empty() {
        condition = condition.add(disclosure.in_subquery(disclosures_with_components(any)));
    }
    for component in all {
        condition =
            condition.add(disclosure.in_subquery(disclosures_with_components(&[*component])));
    }
    if !none.is_empty() {
        condition = condition
            .add(disclosure.is_not_null())
            .add(disclosure.not_in_subquery(disclosures_with_components(none)));
    }
    condition
}

fn disclosures_with_agreement(filter: &AgreementFilter) -> SelectStatement {
    use agreement::Column as Agreement;
    let AgreementFilter {
        components,
        nature_of_work,
        kinds,
        runs_from,
        runs_until,
        start_precision,
    } = filter;
    // Names every column, so that a new one is filtered or left out on purpose.
    let column_condition = |column: Agreement| match column {
        Agreement::Component => is_one_of(column, components),
        Agreement::Kind => is_one_of(column, kinds),
        Agreement::StartDate => runs_until.as_ref().map(|until| {
            let is_unknown = Agreement::StartPrecision.eq(StartPrecision::Unknown);
            column.lte(until.as_str()).or(is_unknown)
        }),
        Agreement::StartPrecision => is_one_of(column, start_precision),
        Agreement::EndDate => {
            runs_from.as_ref().map(|from| column.is_null().or(column.gte(from.as_str())))
        }
        Agreement::DisclosureId
        | Agreement::Position
        | Agreement::ComponentName
        | Agreement::Cents
        | Agreement::Currency
        | Agreement::ShortForm => None,
    };
    let mut condition = Agreement::iter()
        .fold(Condition::all(), |all, column| all.add_option(column_condition(column)));
    if !nature_of_work.is_empty() {
        let of_nature = nature::Entity::find()
            .select_only()
            .column(nature::Column::DisclosureId)
            .column(nature::Column::Position)
            .filter(nature::Column::Nature.is_in(nature_of_work.clone()));
        let row_key = [Agreement::DisclosureId, Agreement::Position];
        let row_key = Expr::tuple(row_key.map(|column| Expr::col(column.as_column_ref())));
        condition = condition.add(row_key.in_subquery(of_nature.into_query()));
    }
    let select = agreement::Entity::find().select_only().column(Agreement::DisclosureId);
    select.filter(condition).into_query()
}

fn disclosures_with_arrangement(filter: &ArrangementFilter) -> SelectStatement {
    use arrangement::Column as Arrangement;
    let ArrangementFilter { recipient_kinds, data_categories, includes_city_data, onward_to_dhs } =
        filter;
    // Names every column, so that a new one is filtered or left out on purpose.
    let column_condition = |column: Arrangement| match column {
        Arrangement::RecipientKind => is_one_of(column, recipient_kinds),
        Arrangement::CityData => includes_city_data.map(|includes| column.eq(includes)),
        Arrangement::OnwardToDhs => is_one_of(column, onward_to_dhs),
        Arrangement::DisclosureId | Arrangement::Position | Arrangement::RecipientComponent => None,
    };
    let mut condition = Arrangement::iter()
        .fold(Condition::all(), |all, column| all.add_option(column_condition(column)));
    if !data_categories.is_empty() {
        let of_category = category::Entity::find()
            .select_only()
            .column(category::Column::DisclosureId)
            .column(category::Column::Position)
            .filter(category::Column::Category.is_in(data_categories.clone()));
        let row_key = [Arrangement::DisclosureId, Arrangement::Position];
        let row_key = Expr::tuple(row_key.map(|column| Expr::col(column.as_column_ref())));
        condition = condition.add(row_key.in_subquery(of_category.into_query()));
    }
    let select = arrangement::Entity::find().select_only().column(Arrangement::DisclosureId);
    select.filter(condition).into_query()
}

/// The condition that the known compensation is within the range, or that amounts are unknown.
fn compensation_condition<C: ColumnTrait>(
    disclosure: C,
    CompensationRange { at_least, at_most, unknown }: &CompensationRange,
) -> Condition {
    let (least, most) = (at_least.as_ref(), at_most.as_ref());
    let bounds = least.or(most).map(|bound| {
        let range = total::Entity::find()
            .select_only()
            .column(total::Column::DisclosureId)
            .filter(total::Column::Currency.eq(bound.currency.as_str()))
            .filter(
                Condition::all()
                    .add_option(least.map(|least| total::Column::Cents.gte(least.cents)))
                    .add_option(most.map(|most| total::Column::Cents.lte(most.cents))),
            );
        disclosure.in_subquery(range.into_query())
    });
    let matching = |condition: Expr| disclosure.in_subquery(disclosures_with_summary(condition));
    let unknown_amounts = summary::Column::UnknownAmounts;
    match unknown {
        Some(true) => Condition::any().add_option(bounds).add(matching(unknown_amounts.gt(0))),
        Some(false) => Condition::all().add_option(bounds).add(matching(unknown_amounts.eq(0))),
        None => Condition::all().add_option(bounds),
    }
}

/// What staff count screened bids by, of what their disclosures contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisclosedFacet {
    Component,
    NatureOfWork,
    Kind,
    RecipientKind,
    DataCategory,
    OnwardToDhs,
}

/// Returns a subquery of each distinct value of a facet, as `value`, with its disclosure, as `owner`.
#[must_use]
pub fn select_facet_values(facet: DisclosedFacet) -> SelectStatement {
    macro_rules! values {
        ($table:ident, $column:ident) => {
            $table::Entity::find()
                .select_only()
                .distinct()
                .column_as($table::Column::DisclosureId, "owner")
                .column_as($table::Column::$column, "value")
                .into_query()
        };
    }
    match facet {
        DisclosedFacet::Component => values!(agreement, Component),
        DisclosedFacet::Kind => values!(agreement, Kind),
        DisclosedFacet::NatureOfWork => values!(nature, Nature),
        DisclosedFacet::RecipientKind => values!(arrangement, RecipientKind),
        DisclosedFacet::OnwardToDhs => values!(arrangement, OnwardToDhs),
        DisclosedFacet::DataCategory => values!(category, Category),
    }
}
