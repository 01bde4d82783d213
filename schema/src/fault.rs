//! Faults and user errors.
use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use async_graphql::{Error, ErrorExtensionValues, Object, SimpleObject, Value, value};

use crate::quota::whole_seconds;
use crate::user_message::{MessageValue, UserMessage};

/// A mistake in the input that the sender can correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    pub path: Vec<String>,
    pub message: UserMessage,
}

impl UserError {
    /// Returns the kind of error, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.message.code().into()
    }
}

/// What clients get of a user error besides its path: in a payload, and in the `userErrors` extension
/// of an error.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct ReportedMessage {
    /// The kind of error, stable, for programs: `required`, `invalid`, `contradiction`.
    pub code: &'static str,
    /// For people: what is wrong and what to do.
    pub message: String,
    /// The stable key of the message, such as `text_too_long`, for clients that translate it.
    pub message_key: &'static str,
    /// The values that the message shows.
    pub values: Vec<MessageValue>,
}

impl From<&UserMessage> for ReportedMessage {
    fn from(message: &UserMessage) -> Self {
        Self {
            code: message.code().into(),
            message: message.english(),
            message_key: message.key(),
            values: message.values(),
        }
    }
}

/// A mistake in the input that the sender can correct.
#[Object(crate = "crate::budget")]
impl UserError {
    /// The field, from the mutation's arguments inwards; list items by their index from 0.
    async fn path(&self) -> &[String] {
        &self.path
    }
    #[graphql(flatten)]
    async fn reported(&self) -> ReportedMessage {
        (&self.message).into()
    }
}

impl From<UserError> for Value {
    /// The same fields as in a payload.
    fn from(UserError { path, message }: UserError) -> Self {
        let ReportedMessage { code, message, message_key, values } = (&message).into();
        let values = values
            .into_iter()
            .map(|MessageValue { name, value }| value!({ "name": name, "value": value }));
        value!({
            "path": path,
            "code": code,
            "message": message,
            "messageKey": message_key,
            "values": values.collect::<Vec<Value>>(),
        })
    }
}

/// The result of every use case and resolver.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// Why a use case failed. Has no `Display` on purpose: async-graphql sends the text of any error
/// with one to the client, including a database's.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The input has errors that the sender can correct; all of them.
    Invalid(Vec<UserError>),
    /// The request has no valid token.
    Unauthenticated,
    /// The object does not exist, or the viewer may not see it.
    NotFound,
    /// The viewer may see the object but not do this; says who may.
    Forbidden(&'static str),
    /// The state changed first; says how.
    Conflict(Cow<'static, str>),
    /// The object is not in the version that the sender requires; says what to do. See
    /// [`Precondition`](crate::precondition::Precondition).
    PreconditionFailed(&'static str),
    /// The request asks for too much; says what to ask instead.
    LimitExceeded(Cow<'static, str>),
    /// Too much was asked within some time. The message says what, the bound, and when to try
    /// again; `retry_after` is how long to wait.
    RateLimited { message: Cow<'static, str>, retry_after: Duration },
    /// The database did not do it now; the same request may succeed later.
    Unavailable(Outage),
    /// Our failure. The words are for the log alone.
    Internal(Cow<'static, str>),
}

impl Fault {
    /// One user error at one path.
    #[must_use]
    pub fn invalid(path: &FieldPath, message: UserMessage) -> Self {
        Self::Invalid(vec![path.user_error(message)])
    }

    /// A conflict, in words that say what to do.
    #[must_use]
    pub fn conflict(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict(what.into())
    }
}

/// Why the database did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// It is busy, away, or took longer than a request may.
    Busy,
    /// Its disk is full.
    DiskFull,
    /// It could not read or write its files.
    StorageFailed,
    /// The connection was lost while a commit was under way: the change may be stored.
    CommitUnknown,
    /// The machine's clock is behind the last time that the database knows, so nothing is written.
    ClockWentBack,
}

impl Outage {
    /// What happened to the request, and what to do, in words for the person who sent it and for
    /// the operator.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Busy => "The service is busy. Nothing was saved; try again shortly.",
            Self::DiskFull => {
                "The disk of the database is full. Nothing was saved; try again later. Operator: \
                 free space on that disk or enlarge it; no restart is needed."
            }
            Self::StorageFailed => {
                "The database cannot read or write its files. Nothing was saved; try again later. \
                 Operator: see the log, and check the disk and the permissions of the database's \
                 files."
            }
            Self::CommitUnknown => {
                "The database failed while the change was being saved. It may have been saved; \
                 look before you send it again."
            }
            Self::ClockWentBack => {
                "The service's clock went back, so nothing is saved until that is resolved. \
                 Operator: correct the machine's clock; if its time is right, restart with \
                 `candor serve --accept-clock`."
            }
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        let (code, message): (_, Cow<'static, str>) = match fault {
            Fault::Invalid(errors) => {
                let message = errors.iter().map(|error| error.message.english());
                let message = message.collect::<Vec<_>>().join(" ");
                let errors = errors.into_iter().map(Value::from);
                extensions.set("userErrors", Value::List(errors.collect()));
                ("BAD_USER_INPUT", message.into())
            }
            Fault::Unauthenticated => ("UNAUTHENTICATED", "send a bearer token".into()),
            Fault::NotFound => ("NOT_FOUND", "there is none, or it is not yours to see".into()),
            Fault::Forbidden(why) => ("FORBIDDEN", why.into()),
            Fault::Conflict(why) => ("CONFLICT", why),
            Fault::PreconditionFailed(why) => ("CONFLICT", why.into()),
            Fault::LimitExceeded(why) => ("LIMIT_EXCEEDED", why),
            Fault::RateLimited { message, retry_after } => {
                extensions.set("retryAfterSeconds", whole_seconds(retry_after));
                ("LIMIT_EXCEEDED", message)
            }
            Fault::Unavailable(outage) => ("UNAVAILABLE", outage.words().into()),
            Fault::Internal(cause) => {
                tracing::error!(%cause, "a request failed");
                ("INTERNAL", "something failed on our side; nothing was saved".into())
            }
        };
        extensions.set("code", code);
        Self { message: message.into_owned(), source: None, extensions: Some(extensions) }
    }
}

/// A path in the input of an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// Starts at one of the operation's arguments.
    #[must_use]
    pub fn argument(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// Returns the path of a field, or of a list item by its index from 0.
    #[must_use]
    pub fn at(&self, inner: impl Display) -> Self {
        let mut path = self.0.clone();
        path.push(inner.to_string());
        Self(path)
    }

    /// Returns the user error with `message` at this path.
    #[must_use]
    pub fn user_error(&self, message: UserMessage) -> UserError {
        UserError { path: self.0.clone(), message }
    }
}

/// Collects the errors of an input, so that all are reported at once.
#[derive(Debug, Default)]
pub struct InputErrors(Vec<UserError>);

impl InputErrors {
    /// Adds a user error at `path`.
    pub fn add(&mut self, path: &FieldPath, message: UserMessage) {
        self.0.push(path.user_error(message));
    }

    /// Returns the errors in order.
    #[must_use]
    pub fn into_errors(self) -> Vec<UserError> {
        self.0
    }

    /// # Errors
    /// `Invalid` with all errors, if there are any.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Fault::Invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, Value, value};

    use super::{Fault, FieldPath, UserError};
    use crate::user_message::UserMessage;

    struct Query;

    fn user_error() -> UserError {
        let path = FieldPath::argument("input").at("title").at(0);
        path.user_error(UserMessage::TextTooLong { length: 12, max: 10 })
    }

    #[Object(crate = "crate::budget")]
    impl Query {
        async fn payload(&self) -> UserError {
            user_error()
        }
        async fn failure(&self) -> async_graphql::Result<bool> {
            Err(Fault::Invalid(vec![user_error()]).into())
        }
    }

    #[tokio::test]
    async fn a_fault_and_a_payload_report_a_user_error_alike() {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let fields = "{ path code message messageKey values { name value } }";
        let answer = schema.execute(format!("{{ payload {fields} }}")).await;
        assert_eq!(answer.errors, []);
        let expected = value!({
            "path": ["input", "title", "0"],
            "code": "too_long",
            "message": "The text has 12 characters. Shorten it to at most 10.",
            "messageKey": "text_too_long",
            "values": [{ "name": "length", "value": "12" }, { "name": "max", "value": "10" }],
        });
        assert_eq!(answer.data, value!({ "payload": expected.clone() }));

        let answer = schema.execute("{ failure }").await;
        let [error] = answer.errors.as_slice() else { panic!("{answer:?}") };
        let reported = error.extensions.as_ref().and_then(|it| it.get("userErrors"));
        assert_eq!(reported, Some(&Value::List(vec![expected])));

        // The query above asks for every field that a payload has.
        let sdl = schema.sdl();
        let (_, declared) = sdl.split_once("type UserError {").expect("the type");
        let (declared, _) = declared.split_once("\n}").expect("its end");
        let fields = declared.lines().filter(|line| {
            line.trim().split_once(": ").is_some_and(|(name, _)| !name.contains(' '))
        });
        assert_eq!(fields.count(), 5, "{declared}");
    }
}
