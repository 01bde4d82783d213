//! Requests that run once (draft-ietf-httpapi-idempotency-key-header): a request with an
//! `Idempotency-Key` that is sent again gets the answer of the first execution.
//!
//! A key belongs to whoever sent it. An execution first claims it, in a transaction of its own, so that
//! duplicates wait without a connection. The first transaction of the execution then records in the same
//! row that the request made its change, and commits only if the execution still holds the key. So the
//! change and its record are one, whatever happens to the process: an execution that died before is
//! replaced after [`LEASE`], one that died after is never run again. An execution that changed nothing
//! frees its key.
mod entity;

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, QueryTrait, Select,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::database::{Database, SavedChange};
use crate::fault::{Fault, Result};
use crate::principal::Principal;
use entity::{Column, Entity, Model};

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 128;
/// How long a key is kept after its execution began.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long an execution holds its key. No request runs this long: it begins its last transaction
/// within 20 s and holds it for 10 s.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);
/// The largest answer that is stored, in bytes.
pub const MAX_STORED_BYTES: usize = 4 * 1024 * 1024;
/// The number of expired keys that one transaction deletes.
const DELETED_AT_ONCE: u64 = 500;
/// The number of transactions of one clean-up, so that it ends.
const MAX_DELETIONS: usize = 200;

/// An idempotency key: 1 to [`MAX_KEY_BYTES`] visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses the value of the header: a string of structured fields (RFC 9651, section 3.3.3) or the
    /// same text without quotes. None if it is empty, too long, or has another character.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let text = header.trim_matches([' ', '\t']);
        let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = quoted.unwrap_or(text);
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        let is_valid = (1..=MAX_KEY_BYTES).contains(&text.len()) && text.bytes().all(is_allowed);
        is_valid.then(|| Self(text.to_owned()))
    }
}

/// A request with a key, by the principal that sent it.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    principal: String,
    key: String,
    sha256: String,
}

impl KeyedRequest {
    /// Creates the request that `principal` sent with `key`. `parts` are the method, the address and the
    /// body: a request with other parts is another request.
    #[must_use]
    pub fn new(principal: &Principal, key: IdempotencyKey, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        let principal = principal.as_str().to_owned();
        Self { principal, key: key.0, sha256: hex::encode(hash.finalize()) }
    }

    fn select(&self) -> Select<Entity> {
        Entity::find_by_id((self.principal.clone(), self.key.clone()))
    }
}

/// The right of one execution to make the change of its request.
#[derive(Debug)]
pub struct Claim {
    principal: String,
    key: String,
    attempt: Uuid,
    /// Whether a transaction of the execution has committed.
    has_changed: AtomicBool,
    /// Whether the answer has a secret, which is shown once.
    has_secret: AtomicBool,
    /// What that transaction saved.
    saved: OnceLock<Vec<SavedChange>>,
    claimed_at: DateTime<Utc>,
}

impl Claim {
    fn new(request: &KeyedRequest, attempt: Uuid, claimed_at: DateTime<Utc>) -> Self {
        let (principal, key) = (request.principal.clone(), request.key.clone());
        let [has_changed, has_secret] = [(); 2].map(|()| AtomicBool::new(false));
        let saved = OnceLock::new();
        Self { principal, key, attempt, has_changed, has_secret, saved, claimed_at }
    }

    /// Notes that the answer has a secret, so that it is not stored.
    pub(crate) fn withhold_answer(&self) {
        self.has_secret.store(true, Ordering::Release);
    }

    /// Returns whether the answer has a secret and must not be stored.
    #[must_use]
    pub fn has_secret(&self) -> bool {
        self.has_secret.load(Ordering::Acquire)
    }

    /// Returns what the change of the execution saved; nothing if no transaction has committed.
    #[must_use]
    pub fn saved(&self) -> Vec<SavedChange> {
        self.saved.get().cloned().unwrap_or_default()
    }

    /// Records in the transaction of the request's change that it is made. Later transactions of the
    /// execution, such as re-evaluations, record nothing.
    ///
    /// # Errors
    /// `Conflict` if another execution has taken the key; the transaction must not commit then.
    pub(crate) async fn record_change(
        &self,
        tx: &impl ConnectionTrait,
        now: Option<DateTime<Utc>>,
        saved: &[SavedChange],
    ) -> Result<()> {
        if self.has_changed.load(Ordering::Acquire) {
            return Ok(());
        }
        let saved = serde_json::to_string(saved).map_err(internal)?;
        let recorded = Entity::update_many()
            .col_expr(Column::ChangedAt, Expr::value(now.unwrap_or(self.claimed_at)))
            .col_expr(Column::Saved, Expr::value(saved))
            .filter(self.held())
            .filter(Column::ChangedAt.is_null())
            .exec(tx)
            .await?;
        if recorded.rows_affected == 1 {
            return Ok(());
        }
        Err(Fault::conflict(
            "another request with the same Idempotency-Key has been started meanwhile, so this one \
             saved nothing; send it again to get the answer",
        ))
    }

    /// Notes that a transaction of the execution has committed, with what it saved.
    pub(crate) fn set_changed(&self, saved: &[SavedChange]) {
        // Only the first transaction counts.
        let _ = self.saved.set(saved.to_vec());
        self.has_changed.store(true, Ordering::Release);
    }

    fn held(&self) -> Expr {
        Column::Principal
            .eq(&*self.principal)
            .and(Column::Key.eq(&*self.key))
            .and(Column::Attempt.eq(self.attempt))
    }
}

/// A stored answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    pub content_type: Option<String>,
    pub body: String,
    /// The headers that name what the answer is about, such as `etag`, by their names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// What to do with a request that has a key.
#[derive(Debug)]
pub enum Reservation {
    /// The request holds its key: run it, then call [`finish`].
    Claimed(Claim),
    /// It ran before, with this answer.
    Answered(StoredAnswer),
    /// The key belongs to another request.
    Mismatch,
    /// Another execution holds the key; ask again after a pause.
    Running,
    /// It ran before and saved these changes, and its answer is lost.
    AnswerLost(Vec<SavedChange>),
}

/// Claims the key of a request, or returns what became of its earlier execution. Waits for nobody.
///
/// # Errors
/// `Unavailable` if the database does not answer.
pub async fn reserve(
    db: &Database,
    request: &KeyedRequest,
    now: DateTime<Utc>,
) -> Result<Reservation> {
    // Reading first: a duplicate then waits for no lock and holds no connection between two readings.
    match request.select().one(&db.read).await? {
        Some(row) => resolve(db, request, row, now).await,
        None => insert(db, request, now).await,
    }
}

async fn insert(db: &Database, request: &KeyedRequest, now: DateTime<Utc>) -> Result<Reservation> {
    let attempt = Uuid::now_v7();
    let row = Model {
        principal: request.principal.clone(),
        key: request.key.clone(),
        request_sha256: request.sha256.clone(),
        attempt,
        created_at: now,
        changed_at: None,
        saved: None,
        status: None,
        content_type: None,
        body: None,
        headers: None,
    };
    let tx = db.begin().await?;
    let taken = OnConflict::columns([Column::Principal, Column::Key]).do_nothing().to_owned();
    let inserted = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(taken)
        .exec_without_returning(&*tx)
        .await?;
    tx.commit().await?;
    Ok(if inserted == 1 {
        Reservation::Claimed(Claim::new(request, attempt, now))
    } else {
        Reservation::Running
    })
}

/// Returns what to do with a request whose key has a row.
async fn resolve(
    db: &Database,
    request: &KeyedRequest,
    row: Model,
    now: DateTime<Utc>,
) -> Result<Reservation> {
    let age = now - row.created_at;
    let is_expired = age >= KEPT_FOR;
    let is_abandoned = age >= LEASE && row.changed_at.is_none();
    if is_expired || is_abandoned {
        return take_over(db, request, &row, now).await;
    }
    if row.request_sha256 != request.sha256 {
        return Ok(Reservation::Mismatch);
    }
    Ok(match (row.status, row.body) {
        (Some(status), Some(body)) => Reservation::Answered(StoredAnswer {
            status: u16::try_from(status).map_err(internal)?,
            content_type: row.content_type,
            body,
            headers: match row.headers {
                Some(headers) => serde_json::from_str(&headers).map_err(internal)?,
                None => BTreeMap::new(),
            },
        }),
        _ if age < LEASE => Reservation::Running,
        _ => {
            let saved = row.saved.as_deref().map(serde_json::from_str).transpose();
            Reservation::AnswerLost(saved.map_err(internal)?.unwrap_or_default())
        }
    })
}

/// Claims a key whose execution died before it changed anything, or whose time is over.
async fn take_over(
    db: &Database,
    request: &KeyedRequest,
    row: &Model,
    now: DateTime<Utc>,
) -> Result<Reservation> {
    let attempt = Uuid::now_v7();
    let none = || Expr::value(None::<String>);
    // The old execution may commit meanwhile: of a key in time, only one without a change is taken.
    let mut same = Column::Principal
        .eq(&*row.principal)
        .and(Column::Key.eq(&*row.key))
        .and(Column::Attempt.eq(row.attempt));
    if now - row.created_at < KEPT_FOR {
        same = same.and(Column::ChangedAt.is_null());
    }
    let tx = db.begin().await?;
    let taken = Entity::update_many()
        .col_expr(Column::RequestSha256, Expr::value(request.sha256.clone()))
        .col_expr(Column::Attempt, Expr::value(attempt))
        .col_expr(Column::CreatedAt, Expr::value(now))
        .col_expr(Column::ChangedAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(Column::Saved, none())
        .col_expr(Column::Status, Expr::value(None::<i32>))
        .col_expr(Column::ContentType, none())
        .col_expr(Column::Body, none())
        .col_expr(Column::Headers, none())
        .filter(same)
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(if taken.rows_affected == 1 {
        Reservation::Claimed(Claim::new(request, attempt, now))
    } else {
        Reservation::Running
    })
}

/// Ends an execution: stores its answer, or frees its key if no transaction of it committed. If it is
/// unknown whether one did, the row says so, and the key is not freed.
///
/// # Errors
/// `Unavailable` if the database does not answer. Duplicates then learn that the answer is lost.
pub async fn finish(db: &Database, claim: &Claim, answer: StoredAnswer) -> Result<()> {
    let headers = Some(answer.headers).filter(|headers| !headers.is_empty());
    let headers = headers.map(|headers| serde_json::to_string(&headers)).transpose();
    let headers = headers.map_err(internal)?;
    let tx = db.begin().await?;
    if claim.has_changed.load(Ordering::Acquire) {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(i32::from(answer.status)))
            .col_expr(Column::ContentType, Expr::value(answer.content_type))
            .col_expr(Column::Body, Expr::value(answer.body))
            .col_expr(Column::Headers, Expr::value(headers))
            .filter(claim.held())
            .filter(Column::ChangedAt.is_not_null())
            .exec(&*tx)
            .await?;
    } else {
        let unchanged = Column::ChangedAt.is_null();
        Entity::delete_many().filter(claim.held()).filter(unchanged).exec(&*tx).await?;
    }
    tx.commit().await
}

/// Deletes keys older than [`KEPT_FOR`], some in each transaction. Returns their number.
///
/// # Errors
/// `Unavailable` if the database does not answer.
pub async fn delete_expired(db: &Database, now: DateTime<Utc>) -> Result<u64> {
    let mut deleted = 0;
    for _ in 0..MAX_DELETIONS {
        let oldest = Entity::find()
            .select_only()
            .columns([Column::Principal, Column::Key])
            .filter(Column::CreatedAt.lt(now - KEPT_FOR))
            .limit(DELETED_AT_ONCE);
        let columns = [Column::Principal, Column::Key].map(|it| Expr::col(it.as_column_ref()));
        let mut expired = Query::delete();
        expired.from_table(Entity);
        expired.and_where(Expr::tuple(columns).in_subquery(oldest.into_query()));
        let tx = db.begin().await?;
        let batch = tx.execute(&expired).await?.rows_affected();
        tx.commit().await?;
        deleted += batch;
        if batch < DELETED_AT_ONCE {
            break;
        }
    }
    Ok(deleted)
}

fn internal(error: impl std::fmt::Display) -> Fault {
    Fault::Internal(error.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::{IdempotencyKey, KeyedRequest, MAX_KEY_BYTES};
    use crate::principal::Principal;

    #[test]
    fn a_key_is_visible_ascii_with_or_without_quotes() {
        let longest = "k".repeat(MAX_KEY_BYTES);
        for (header, key) in [
            ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ("\"8e03978e\"", "8e03978e"),
            (" a ", "a"),
            ("!#$%&'()*+,-./:;<=>?@[]^_`{|}~", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"),
            (&*longest, &*longest),
        ] {
            let parsed = IdempotencyKey::parse(header);
            assert_eq!(parsed, Some(IdempotencyKey(key.to_owned())), "{header}");
        }
        let too_long = "k".repeat(MAX_KEY_BYTES + 1);
        for header in ["", " ", "\"\"", "\"", "a b", "a\tb", "\"a", "a\"", "a\\b", "é", "a\u{7f}"]
        {
            assert_eq!(IdempotencyKey::parse(header), None, "{header}");
        }
        assert_eq!(IdempotencyKey::parse(&too_long), None);
    }

    #[test]
    fn each_part_of_a_request_counts() {
        let principal = Principal::person("https://tokens.city.example", "p").expect("a person");
        let digest = |parts: &[&[u8]]| {
            let key = IdempotencyKey::parse("k").expect("a key");
            KeyedRequest::new(&principal, key, parts).sha256
        };
        assert_eq!(digest(&[b"POST", b"{}"]), digest(&[b"POST", b"{}"]));
        for other in
            [&[&b"POST"[..], b"{ }"][..], &[b"PUT", b"{}"], &[b"POST{}"], &[b"POS", b"T{}"]]
        {
            assert_ne!(digest(other), digest(&[b"POST", b"{}"]));
        }
    }
}
