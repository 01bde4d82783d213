//! Table `api_key_use`: when each key was last used. The ledger does not record it, because it changes
//! every minute and nothing depends on it.
use sea_orm::entity::prelude::*;

use crate::service_account::model::ApiKeyId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key_use")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub api_key_id: ApiKeyId,
    pub last_used_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
