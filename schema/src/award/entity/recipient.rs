//! The table of who receives awards: a name with its identifiers.
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::award::matcher::Record;
use crate::award::model::RecipientId;

/// Names that the award data has for the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct OtherNames(pub Vec<String>);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "award_recipient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecipientId,
    pub name: String,
    /// The raw name, and those it does business under.
    pub other_names: OtherNames,
    /// Empty if none is told, as the next two: a part of what tells recipients apart.
    pub uei: String,
    pub duns: String,
    pub cage: String,
    pub parent: Option<String>,
    pub parent_uei: Option<String>,
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    /// When it was last changed, counted in imported batches.
    pub revision: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The same as the matcher reads it.
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
