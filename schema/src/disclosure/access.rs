//! SQL conditions on a disclosure's content, and its facets, for statements of screening. They read the
//! rows that are derived from each filed statement.
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QuerySelect, QueryTrait};

use super::entity::disclosed::{agreement, arrangement, category, nature, summary, total};
use super::model::{
    AgreementFilter, ArrangementFilter, CompensationRange, ComponentsFilter, DisclosureCriteria,
    StartPrecision,
};
use crate::database::{Lookup, is_one_of};
use crate::gate::DhsComponent;
use crate::organization::access;
use crate::search::{Index, each_word, has_words};

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
    lookup: Lookup,
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
        condition = condition.add(components_condition(lookup, disclosure, components));
    }
    if let Some(agreement) = agreement {
        condition = condition.add(has_agreement(lookup, disclosure, agreement));
    }
    if let Some(range) = range {
        condition = condition.add(compensation_condition(lookup, disclosure, range));
    }
    for (column, wanted) in [(summary::Column::Withheld, withheld), (summary::Column::Paper, paper)]
    {
        if let Some(wanted) = wanted {
            condition = condition.add(has_summary(lookup, disclosure, column.eq(*wanted)));
        }
    }
    if let Some(arrangement) = arrangement {
        condition = condition.add(has_arrangement(lookup, disclosure, arrangement));
    }
    if let Some(words) = words {
        condition = condition.add(each_word(words, |word| {
            [
                has_words(lookup, disclosure, Index::Filing, [word]),
                access::has_name_word(lookup, organization, word),
                has_words(lookup, subject, numbers, [word]),
            ]
        }));
    }
    condition
}

fn has_summary<C: ColumnTrait>(lookup: Lookup, disclosure: C, condition: Expr) -> SimpleExpr {
    let matching = summary::Entity::find().select_only().filter(condition).into_query();
    lookup.is_among([disclosure], matching, [summary::Column::DisclosureId])
}

fn has_component<C: ColumnTrait>(
    lookup: Lookup,
    disclosure: C,
    components: &[DhsComponent],
) -> SimpleExpr {
    let is_one = agreement::Column::Component.is_in(components.to_vec());
    let matching = agreement::Entity::find().select_only().filter(is_one).into_query();
    lookup.is_among([disclosure], matching, [agreement::Column::DisclosureId])
}

fn components_condition<C: ColumnTrait>(
    lookup: Lookup,
    disclosure: C,
    ComponentsFilter { any, all, none }: &ComponentsFilter,
) -> Condition {
    let mut condition = Condition::all();
    if !any.is_empty() {
        condition = condition.add(has_component(lookup, disclosure, any));
    }
    for component in all {
        condition = condition.add(has_component(lookup, disclosure, &[*component]));
    }
    if !none.is_empty() {
        condition = condition
            .add(disclosure.is_not_null())
            .add(has_component(lookup, disclosure, none).not());
    }
    condition
}

fn has_agreement<C: ColumnTrait>(
    lookup: Lookup,
    disclosure: C,
    filter: &AgreementFilter,
) -> SimpleExpr {
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
        let is_one = nature::Column::Nature.is_in(nature_of_work.clone());
        let of_nature = nature::Entity::find().select_only().filter(is_one).into_query();
        condition = condition.add(lookup.is_among(
            [Agreement::DisclosureId, Agreement::Position],
            of_nature,
            [nature::Column::DisclosureId, nature::Column::Position],
        ));
    }
    let matching = agreement::Entity::find().select_only().filter(condition).into_query();
    lookup.is_among([disclosure], matching, [Agreement::DisclosureId])
}

fn has_arrangement<C: ColumnTrait>(
    lookup: Lookup,
    disclosure: C,
    filter: &ArrangementFilter,
) -> SimpleExpr {
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
        let is_one = category::Column::Category.is_in(data_categories.clone());
        let of_category = category::Entity::find().select_only().filter(is_one).into_query();
        condition = condition.add(lookup.is_among(
            [Arrangement::DisclosureId, Arrangement::Position],
            of_category,
            [category::Column::DisclosureId, category::Column::Position],
        ));
    }
    let matching = arrangement::Entity::find().select_only().filter(condition).into_query();
    lookup.is_among([disclosure], matching, [Arrangement::DisclosureId])
}

/// The condition that the known compensation is within the range, or that amounts are unknown.
fn compensation_condition<C: ColumnTrait>(
    lookup: Lookup,
    disclosure: C,
    CompensationRange { at_least, at_most, unknown }: &CompensationRange,
) -> Condition {
    let (least, most) = (at_least.as_ref(), at_most.as_ref());
    let bounds = least.or(most).map(|bound| {
        let range = total::Entity::find()
            .select_only()
            .filter(total::Column::Currency.eq(bound.currency.as_str()))
            .filter(
                Condition::all()
                    .add_option(least.map(|least| total::Column::Cents.gte(least.cents)))
                    .add_option(most.map(|most| total::Column::Cents.lte(most.cents))),
            );
        lookup.is_among([disclosure], range.into_query(), [total::Column::DisclosureId])
    });
    let matching = |condition: Expr| has_summary(lookup, disclosure, condition);
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

/// Returns a subquery of each value of a facet, as `value`, with its disclosure, as `owner`. A disclosure may have a
/// value several times.
#[must_use]
pub fn select_facet_values(facet: DisclosedFacet) -> SelectStatement {
    macro_rules! values {
        ($table:ident, $column:ident) => {
            $table::Entity::find()
                .select_only()
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
