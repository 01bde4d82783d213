//! Bids by what they and their disclosures are.
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
};

use crate::bidding::model::OrderDirection;
use crate::decision::index as finding;
use crate::disclosure::index::{agreement, arrangement, category, nature, summary, total};
use crate::fault::Result;
use crate::gate::DhsComponent;
use crate::organization::model::Viewer;
use crate::page::{Arguments, Key, Order, Sheet, count};
use crate::screening::entity::screened_bid::{Column, Entity, Model};
use crate::screening::model::{
    AgreementFilter, ArrangementFilter, BidFilter, ComponentsFilter, ScreenOrder, ScreenOrderField,
};
use crate::screening::rules::Checked;
use crate::search::{Index, beginning_with};

/// Bids that are open to the viewer: of every department to who reads all, of their own to contract
/// officers. Of a sealed solicitation's there is nothing before the instant after its due time.
fn visible(viewer: &Viewer) -> Select<Entity> {
    let select = Entity::find().filter(Column::OpensAt.lt(viewer.now));
    if viewer.reads_all() {
        return select;
    }
    select.filter(Column::DepartmentId.is_in(viewer.own_departments().to_vec()))
}

/// The bids that a filter leaves.
pub fn select(engine: DbBackend, viewer: &Viewer, checked: &Checked) -> Select<Entity> {
    let BidFilter {
        solicitation_id,
        department_id,
        organization_id,
        status,
        outcome,
        components,
        agreement,
        compensation,
        withheld,
        paper,
        arrangement,
        review,
        reviewer,
        taken,
        submitted_from,
        submitted_before,
        ..
    } = &checked.filter;
    let mut all = Condition::all()
        .add_option(solicitation_id.map(|id| Column::SolicitationId.eq(id)))
        .add_option(department_id.map(|id| Column::DepartmentId.eq(id)))
        .add_option(organization_id.map(|id| Column::OrganizationId.eq(id)))
        .add_option(any_of(Column::Status, status))
        .add_option(any_of(Column::Outcome, outcome))
        .add_option(any_of(Column::Review, review))
        .add_option(reviewer.as_ref().map(|reviewer| Column::Reviewer.eq(reviewer.as_str())))
        .add_option(submitted_from.map(|from: DateTime<Utc>| Column::SubmittedAt.gte(from)))
        .add_option(submitted_before.map(|before: DateTime<Utc>| Column::SubmittedAt.lt(before)));
    if let Some(taken) = taken {
        let reviewer = Column::Reviewer;
        all = all.add(if *taken { reviewer.is_not_null() } else { reviewer.is_null() });
    }
    if !checked.findings.is_empty() {
        let codes = checked.findings.iter().map(|code| code.as_str());
        let found = finding::Entity::find()
            .select_only()
            .column(finding::Column::DecisionId)
            .filter(finding::Column::Code.is_in(codes));
        all = all.add(Column::DecisionId.in_subquery(found.into_query()));
    }
    if let Some(components) = components {
        all = all.add(with_components(components));
    }
    if let Some(agreement) = agreement {
        all = all.add(Column::DisclosureId.in_subquery(with_agreement(agreement)));
    }
    if let Some(given) = compensation {
        all = all.add(worth(checked, given.unknown));
    }
    for (column, wanted) in [(summary::Column::Withheld, withheld), (summary::Column::Paper, paper)]
    {
        if let Some(wanted) = wanted {
            let like = summaries(column.eq(*wanted));
            all = all.add(Column::DisclosureId.in_subquery(like));
        }
    }
    if let Some(arrangement) = arrangement {
        all = all.add(Column::DisclosureId.in_subquery(with_arrangement(arrangement)));
    }
    if let Some(words) = &checked.words {
        // A text without a letter or digit is a search that finds nothing.
        let nothing = words.is_empty().then(|| Expr::val(1).eq(0));
        all = all.add_option(nothing);
        for word in words {
            let filed = beginning_with(engine, Index::Filing, word);
            let named = beginning_with(engine, Index::Organization, word);
            let either = Condition::any()
                .add(Column::DisclosureId.in_subquery(filed))
                .add(Column::OrganizationId.in_subquery(named));
            all = all.add(either);
        }
    }
    visible(viewer).filter(all)
}

/// A column is one of some words; no condition if there are none.
fn any_of<T: Clone + Into<sea_orm::Value>>(column: Column, words: &[T]) -> Option<Expr> {
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

fn with_components(ComponentsFilter { any, all, none }: &ComponentsFilter) -> Condition {
    let mut met = Condition::all();
    if !any.is_empty() {
        met = met.add(Column::DisclosureId.in_subquery(naming(any)));
    }
    for component in all {
        met = met.add(Column::DisclosureId.in_subquery(naming(&[*component])));
    }
    if !none.is_empty() {
        met = met
            .add(Column::DisclosureId.is_not_null())
            .add(Column::DisclosureId.not_in_subquery(naming(none)));
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
fn worth(checked: &Checked, unknown: Option<bool>) -> Condition {
    let (least, most) = (checked.at_least.as_ref(), checked.at_most.as_ref());
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
        Column::DisclosureId.in_subquery(sums.into_query())
    });
    let told = |condition: Expr| Column::DisclosureId.in_subquery(summaries(condition));
    let unknown_amounts = summary::Column::UnknownAmounts;
    match unknown {
        Some(true) => Condition::any().add_option(bounds).add(told(unknown_amounts.gt(0))),
        Some(false) => Condition::all().add_option(bounds).add(told(unknown_amounts.eq(0))),
        None => Condition::all().add_option(bounds),
    }
}

/// A page of the bids that a filter leaves, and their number if it is asked for.
pub async fn screen(
    db: &impl ConnectionTrait,
    viewer: &Viewer,
    checked: &Checked,
    order: ScreenOrder,
    arguments: &Arguments,
    counted: bool,
) -> Result<(Sheet<Model>, Option<u64>)> {
    let order = Order::<Entity> {
        name: format!("SCREEN {} {}", order.field.word(), order.direction.word()),
        column: match order.field {
            ScreenOrderField::SubmittedAt => Column::SubmittedAt,
            ScreenOrderField::DecidedAt => Column::DecidedAt,
            ScreenOrderField::Amount => Column::AmountCents,
        },
        id: Column::Id,
        descending: order.direction == OrderDirection::Desc,
        key: |row, column| {
            let key = match column {
                Column::AmountCents => Key::Whole(row.amount_cents),
                Column::DecidedAt => Key::Time(row.decided_at),
                _ => Key::Time(row.submitted_at),
            };
            (key, row.id.uuid())
        },
    };
    let select = select(db.get_database_backend(), viewer, checked);
    let sheet = order.page(db, select.clone(), arguments).await?;
    let total = if counted { Some(count(db, select).await?) } else { None };
    Ok((sheet, total))
}
