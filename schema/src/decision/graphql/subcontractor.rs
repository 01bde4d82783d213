//! The GraphQL type of a subcontractor.
use async_graphql::Object;

use crate::decision::model;
use crate::money::MoneyText;
use crate::organization::model::Party;

/// A subcontractor that a bid or a contract names.
#[derive(Clone, Debug)]
pub struct Subcontractor(model::Subcontractor);

impl From<model::Subcontractor> for Subcontractor {
    fn from(subcontractor: model::Subcontractor) -> Self {
        Self(subcontractor)
    }
}

/// A subcontractor that a bid or a contract names.
#[Object(crate = "crate::budget")]
impl Subcontractor {
    /// The party, as the bid or the contract names it.
    async fn party(&self) -> &Party {
        &self.0.party.party
    }
    /// The amount of its part of the work.
    async fn amount(&self) -> MoneyText {
        self.0.amount.clone().into()
    }
}
