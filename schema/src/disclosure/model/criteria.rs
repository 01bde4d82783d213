//! Conditions on what a disclosure contains, by which staff screen bids and contracts.
use std::collections::BTreeSet;

use async_graphql::InputObject;

use super::{AgreementKind, DataCategory, StartPrecision};
use crate::gate::{DhsComponent, NatureOfWork, OnwardToDhs, RecipientKind};
use crate::money::{Money, MoneyText};
use crate::scalar::Date;

/// A filter by the components in disclosed agreements. A withheld component matches none of them.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ComponentsFilter {
    /// Agreements with at least one of these components.
    #[graphql(default)]
    pub any: Vec<DhsComponent>,
    /// Agreements with every one of these components.
    #[graphql(default)]
    pub all: Vec<DhsComponent>,
    /// There is a disclosure, and no agreement in it is with any of these components.
    #[graphql(default)]
    pub none: Vec<DhsComponent>,
}

/// Conditions that a single agreement must meet together. A FEMA shelter grant and an ICE detention
/// contract do not together match a FEMA detention agreement.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AgreementFilter {
    /// The agreement is with one of these components.
    #[graphql(default)]
    pub components: Vec<DhsComponent>,
    /// The work has one of these natures.
    #[graphql(default)]
    pub nature_of_work: Vec<NatureOfWork>,
    /// The agreement is of one of these kinds.
    #[graphql(default)]
    pub kinds: Vec<AgreementKind>,
    /// The agreement ends on this day or later, or has no end date.
    pub runs_from: Option<Date>,
    /// The agreement begins on this day or earlier, or may: a month and a year begin on their first day,
    /// and an unknown start may be any day. A withheld start matches no day.
    pub runs_until: Option<Date>,
    /// The start is known as precisely as one of these says.
    #[graphql(default)]
    pub start_precision: Vec<StartPrecision>,
}

/// A filter by the total compensation of the disclosed agreements, in one currency.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CompensationFilter {
    /// The known amounts total this or more.
    pub at_least: Option<MoneyText>,
    /// The known amounts total this or less.
    pub at_most: Option<MoneyText>,
    /// True: also disclosures with an unknown or withheld amount, at any known total. False: only
    /// disclosures in which every amount is known.
    pub unknown: Option<bool>,
}

/// Conditions that a single data-sharing arrangement must meet together.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ArrangementFilter {
    /// The recipient is of one of these kinds.
    #[graphql(default)]
    pub recipient_kinds: Vec<RecipientKind>,
    /// The shared data includes one of these categories.
    #[graphql(default)]
    pub data_categories: Vec<DataCategory>,
    /// Whether the shared data includes City data.
    pub includes_city_data: Option<bool>,
    /// Whether the recipient passes the data on to the Department of Homeland Security.
    #[graphql(default)]
    pub onward_to_dhs: Vec<OnwardToDhs>,
}

/// Conditions on a disclosure and on the names of the organization that filed it.
#[derive(Clone, Debug, Default)]
pub struct DisclosureCriteria {
    pub components: Option<ComponentsFilter>,
    pub agreement: Option<AgreementFilter>,
    pub compensation: Option<CompensationRange>,
    pub withheld: Option<bool>,
    pub paper: Option<bool>,
    pub arrangement: Option<ArrangementFilter>,
    /// The folded search words; `None` if no text was given. A text without a letter or digit gives
    /// an empty set, which matches nothing.
    pub words: Option<BTreeSet<String>>,
}

/// A range of the total compensation of disclosed agreements, in one currency.
#[derive(Clone, Debug)]
pub struct CompensationRange {
    pub at_least: Option<Money>,
    pub at_most: Option<Money>,
    pub unknown: Option<bool>,
}
