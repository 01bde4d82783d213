//! Table `award_recipient`: names with their identifiers, as published.
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::award::model::RecipientId;
use candor_matcher::Record;

/// Other names of one recipient, stored as a JSON array.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct OtherNames(pub Vec<String>);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_recipient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecipientId,
    pub name: String,
    /// The raw name and the names under which it does business.
    pub other_names: OtherNames,
    /// Empty if unknown, as are the next two: name, UEI, DUNS and CAGE are unique together.
    pub uei: String,
    pub duns: String,
    pub cage: String,
    pub parent: Option<String>,
    pub parent_uei: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    /// The import revision that last changed the row; see `award_revision`.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Converts the row to the matcher's input.
    pub fn record(&self) -> Record {
        let code = |code: &String| (!code.is_empty()).then(|| code.clone());
        Record {
            name: self.name.clone(),
            aliases: self.other_names.0.clone(),
            uei: code(&self.uei),
            duns: code(&self.duns),
            cage: code(&self.cage),
            city: self.city.clone(),
            state: self.state.clone(),
            address: self.address.clone(),
            parent: self.parent.clone(),
            parent_uei: self.parent_uei.clone(),
        }
    }
}
