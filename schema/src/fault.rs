//! Why a use case did not happen.
use std::borrow::Cow;
use std::fmt::Display;

use async_graphql::{Error, ErrorExtensionValues, SimpleObject};
use sea_orm::{DbErr, RuntimeErr, SqlErr};
use sqlx::error::ErrorKind;

/// Something the caller can mend in what it sent.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct UserError {
    /// The field, from the mutation's arguments inwards; list items by their index from 0.
    pub path: Vec<String>,
    /// Stable, for programs: `required`, `invalid`, `contradiction`.
    pub code: &'static str,
    /// For people: what was wrong, what to do.
    pub message: String,
}

/// What every use case and resolver returns.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Has no `Display`, on purpose: async-graphql sends the text of any error that has one to the
/// client, a database's too.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The caller can mend it; every error at once.
    Invalid(Vec<UserError>),
    /// Nobody knows who asks.
    Unauthenticated,
    /// There is none, or it is not the viewer's to see: the two look alike.
    NotFound,
    /// The viewer may see it and may not do this; who may.
    Forbidden(&'static str),
    /// Something else happened first; what.
    Conflict(Cow<'static, str>),
    /// Too much was asked at once; what to ask instead.
    LimitExceeded(Cow<'static, str>),
    /// The database is busy or away; the same request may succeed later.
    Unavailable,
    /// Our failure. The words are for the log alone.
    Internal(Cow<'static, str>),
}

impl Fault {
    /// One error at one path.
    #[must_use]
    pub fn invalid(path: &Path, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![path.error(code, message)])
    }

    /// A conflict, in words that say what to do.
    #[must_use]
    pub fn conflict(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict(what.into())
    }
}

/// Said when a constraint caught what the service's own checks could not see.
const RACE: &str = "something changed meanwhile; reload and try again";

impl From<DbErr> for Fault {
    /// A constraint that refuses has caught a race: services check first, to say it better.
    fn from(error: DbErr) -> Self {
        if let Some(
            SqlErr::UniqueConstraintViolation(_) | SqlErr::ForeignKeyConstraintViolation(_),
        ) = error.sql_err()
        {
            return Self::Conflict(RACE.into());
        }
        match &error {
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
                sqlx::Error::Database(refusal) => {
                    let code = refusal.code();
                    match (refusal.kind(), code.as_deref()) {
                        // PostgreSQL: restrict_violation (our triggers), deadlock. SQLite: trigger.
                        (ErrorKind::CheckViolation, _) | (_, Some("23001" | "40P01" | "1811")) => {
                            Self::Conflict(RACE.into())
                        }
                        // PostgreSQL: statement timeout, the server stops, crashed or starts, no
                        // connection is left. SQLite: interrupted, busy.
                        (
                            _,
                            Some(
                                "57014" | "57P01" | "57P02" | "57P03" | "53300" | "9" | "5" | "517",
                            ),
                        ) => Self::Unavailable,
                        _ => Self::Internal(error.to_string().into()),
                    }
                }
                sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => Self::Unavailable,
                _ => Self::Internal(error.to_string().into()),
            },
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable,
            _ => Self::Internal(error.to_string().into()),
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        let (code, message): (_, Cow<'static, str>) = match fault {
            Fault::Invalid(errors) => {
                let message = errors.iter().map(|error| error.message.as_str());
                let message = message.collect::<Vec<_>>().join(" ");
                let errors = errors.into_iter().map(|error| {
                    async_graphql::value!({
                        "path": error.path, "code": error.code, "message": error.message
                    })
                });
                extensions.set("userErrors", async_graphql::Value::List(errors.collect()));
                ("BAD_USER_INPUT", message.into())
            }
            Fault::Unauthenticated => ("UNAUTHENTICATED", "send a bearer token".into()),
            Fault::NotFound => ("NOT_FOUND", "there is none, or it is not yours to see".into()),
            Fault::Forbidden(why) => ("FORBIDDEN", why.into()),
            Fault::Conflict(why) => ("CONFLICT", why),
            Fault::LimitExceeded(why) => ("LIMIT_EXCEEDED", why),
            Fault::Unavailable => {
                ("UNAVAILABLE", "the service is busy; nothing was saved, try again shortly".into())
            }
            Fault::Internal(cause) => {
                tracing::error!(%cause, "a request failed");
                ("INTERNAL", "something failed on our side; nothing was saved".into())
            }
        };
        extensions.set("code", code);
        Self { message: message.into_owned(), source: None, extensions: Some(extensions) }
    }
}

/// Where in the caller's input something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Starts at one of the operation's arguments.
    #[must_use]
    pub fn argument(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// The place of a field, or of a list's item by its index, inside this one.
    #[must_use]
    pub fn at(&self, inner: impl Display) -> Self {
        let mut path = self.0.clone();
        path.push(inner.to_string());
        Self(path)
    }

    /// An error here.
    #[must_use]
    pub fn error(&self, code: &'static str, message: impl Into<String>) -> UserError {
        UserError { path: self.0.clone(), code, message: message.into() }
    }
}

/// Gathers what is wrong, so that all of it is told at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<UserError>);

impl Problems {
    /// Notes one more.
    pub fn add(&mut self, path: &Path, code: &'static str, message: impl Into<String>) {
        self.0.push(path.error(code, message));
    }

    /// What was noted, in order.
    #[must_use]
    pub fn into_errors(self) -> Vec<UserError> {
        self.0
    }

    /// # Errors
    /// `Invalid` if anything was noted.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Fault::Invalid(self.0)) }
    }
}
