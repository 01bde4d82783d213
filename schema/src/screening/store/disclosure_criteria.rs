//! Conditions on what a disclosure says, for whatever rests on it.
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SelectStatement};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::disclosure::index::{agreement, arrangement, category, nature, summary, total};
use crate::gate::DhsComponent;
use crate::screening::model::{AgreementFilter, ArrangementFilter, ComponentsFilter};
use crate::screening::rules::{DisclosureCriteria, CompensationRange};
use crate::search::{Index, beginning_with};

/// What must be so of the disclosure in one column, and of the names of the organization in the
/// other.
pub fn disclosure_condition<C: ColumnTrait>(
    engine: DbBackend,
    disclosure: C,
    organization: C,
    asked: &DisclosureCriteria,
) -> Condition {
    let DisclosureCriteria { components, agreement, compensation: sums, withheld, paper, arrangement, words } = asked;
    let mut all = Condition::all();
    if let Some(components) = components {
        all = all.add(with_components(disclosure, components));
    }
    if let Some(agreement) = agreement {
        all = all.add(disclosure.in_subquery(with_agreement(agreement)));
    }
    if let Some(sums) = sums {
        all = all.add(worth(disclosure, sums));
    }
    for (column, wanted) in [(summary::Column::Withheld, withheld), (summary::Column::Paper, paper)]
    {
        if let Some(wanted) = wanted {
            let like = summaries(column.eq(*wanted));
            all = all.add(disclosure.in_subquery(like));
        }
    }
    if let Some(arrangement) = arrangement {
        all = all.add(disclosure.in_subquery(with_arrangement(arrangement)));
    }
    if let Some(words) = words {
        // A text without a letter or digit is a search that finds nothing.
        let nothing = words.is_empty().then(|| Expr::val(1).eq(0));
        all = all.add_option(nothing);
        for word in words {
            let filed = beginning_with(engine, Index::Filing, word);
            let named = beginning_with(engine, Index::Organization, word);
            let either = Condition::any()
                .add(disclosure.in_subquery(filed))
                .add(organization.in_subquery(named));
            all = all.add(either);
        }
    }
    all
}

/// A column is one of some words; no condition if there are none.
pub fn is_one_of<C: ColumnTrait, T: Clone + Into<sea_orm::Value>>(
    column: C,
    words: &[T],
) -> Option<Expr> {
    (!words.is_empty()).then(|| column.is_in(words.to_vec()))
}

fn summaries(condition: Expr) -> SelectStatement {
    let select = summary::Entity::find().select_only().column(summary::Column::DisclosureId);
    select.filter(condition).into_query()
}

fn naming(components: &[DhsComponent]) -> SelectStatement {
    agreement::Entity::find()
        .select_only()
        .column(agreement::Column::DisclosureId)
        .filter(agreement::Column::Component.is_in(components.to_vec()))
        .into_query()
}

fn with_components<C: ColumnTrait>(
    disclosure: C,
    ComponentsFilter { any, all, none }: &ComponentsFilter,
) -> Condition {
    let mut met = Condition::all();
    if !any.is_empty() {
        met = met.add(disclosure.in_subquery(naming(any)));
    }
    for component in all {
        met = met.add(disclosure.in_subquery(naming(&[*component])));
    }
    if !none.is_empty() {
        met = met.add(disclosure.is_not_null()).add(disclosure.not_in_subquery(naming(none)));
    }
    met
}

fn with_agreement(filter: &AgreementFilter) -> SelectStatement {
    use agreement::Column as Agreement;
    let AgreementFilter { components, nature_of_work, kinds, runs_from, runs_until } = filter;
    let mut met = Condition::all();
    if !components.is_empty() {
        met = met.add(Agreement::Component.is_in(components.clone()));
    }
    if !kinds.is_empty() {
        met = met.add(Agreement::Kind.is_in(kinds.clone()));
    }
    if let Some(until) = runs_until {
        met = met.add(Agreement::StartDate.lte(until.as_str()));
    }
    if let Some(from) = runs_from {
        let goes_on = Agreement::EndDate.is_null().or(Agreement::EndDate.gte(from.as_str()));
        met = met.add(goes_on);
    }
    if !nature_of_work.is_empty() {
        let of_nature = nature::Entity::find()
            .select_only()
            .column(nature::Column::DisclosureId)
            .column(nature::Column::Position)
            .filter(nature::Column::Nature.is_in(nature_of_work.clone()));
        let here = [Agreement::DisclosureId, Agreement::Position];
        let here = Expr::tuple(here.map(|column| Expr::col(column.as_column_ref())));
        met = met.add(here.in_subquery(of_nature.into_query()));
    }
    let select = agreement::Entity::find().select_only().column(Agreement::DisclosureId);
    select.filter(met).into_query()
}

fn with_arrangement(filter: &ArrangementFilter) -> SelectStatement {
    use arrangement::Column as Arrangement;
    let ArrangementFilter { recipient_kinds, data_categories, includes_city_data, onward_to_dhs } =
        filter;
    let mut met = Condition::all()
        .add_option(includes_city_data.map(|includes| Arrangement::CityData.eq(includes)));
    if !recipient_kinds.is_empty() {
        met = met.add(Arrangement::RecipientKind.is_in(recipient_kinds.clone()));
    }
    if !onward_to_dhs.is_empty() {
        met = met.add(Arrangement::OnwardToDhs.is_in(onward_to_dhs.clone()));
    }
    if !data_categories.is_empty() {
        let of_category = category::Entity::find()
            .select_only()
            .column(category::Column::DisclosureId)
            .column(category::Column::Position)
            .filter(category::Column::Category.is_in(data_categories.clone()));
        let here = [Arrangement::DisclosureId, Arrangement::Position];
        let here = Expr::tuple(here.map(|column| Expr::col(column.as_column_ref())));
        met = met.add(here.in_subquery(of_category.into_query()));
    }
    let select = arrangement::Entity::find().select_only().column(Arrangement::DisclosureId);
    select.filter(met).into_query()
}

/// Known sums within the bounds; with an unknown amount besides, or without any.
fn worth<C: ColumnTrait>(disclosure: C, CompensationRange { at_least, at_most, unknown }: &CompensationRange) -> Condition {
    let (least, most) = (at_least.as_ref(), at_most.as_ref());
    let bounds = least.or(most).map(|bound| {
        let sums = total::Entity::find()
            .select_only()
            .column(total::Column::DisclosureId)
            .filter(total::Column::Currency.eq(bound.currency.as_str()))
            .filter(
                Condition::all()
                    .add_option(least.map(|least| total::Column::Cents.gte(least.cents)))
                    .add_option(most.map(|most| total::Column::Cents.lte(most.cents))),
            );
        disclosure.in_subquery(sums.into_query())
    });
    let told = |condition: Expr| disclosure.in_subquery(summaries(condition));
    let unknown_amounts = summary::Column::UnknownAmounts;
    match unknown {
        Some(true) => Condition::any().add_option(bounds).add(told(unknown_amounts.gt(0))),
        Some(false) => Condition::all().add_option(bounds).add(told(unknown_amounts.eq(0))),
        None => Condition::all().add_option(bounds),
    }
}
