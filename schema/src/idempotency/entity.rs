//! Table `idempotency_key`. The ledger does not record it: it is kept for a day, and nothing is decided
//! by it except whether a request runs.
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// The stored form of the principal that sent the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The SHA-256 of the request, in hexadecimal.
    pub request_sha256: String,
    /// Which execution holds the key: of two, the database lets only this one commit.
    pub attempt: Uuid,
    /// When the execution began: UTC.
    pub created_at: DateTimeUtc,
    /// When the first transaction of the execution committed; none if none did.
    pub changed_at: Option<DateTimeUtc>,
    /// What that transaction saved, as JSON.
    pub saved: Option<String>,
    /// The HTTP status of the stored answer.
    pub status: Option<i32>,
    pub content_type: Option<String>,
    pub body: Option<String>,
    /// The further headers of the stored answer, as a JSON object from names to values.
    pub headers: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
