//! The cursors of rows: positions in the order of a list, as clients send them back.
use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::fault::{Fault, FieldPath, Result};
use crate::user_message::UserMessage;

/// The value of the column that a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    Text(String),
    Int(i64),
    Day(NaiveDate),
    Time(DateTime<Utc>),
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Text(text) => text.into(),
            Key::Int(whole) => whole.into(),
            Key::Day(day) => day.into(),
            Key::Time(time) => time.into(),
        }
    }
}

/// A position in an order: that of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    pub(super) order: Cow<'static, str>,
    pub(super) key: Key,
    pub(super) id: Uuid,
}

impl Cursor {
    /// Returns the cursor as clients see it.
    ///
    /// # Errors
    /// `Internal` if it cannot be serialized.
    pub(super) fn write(&self) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(|e| Fault::Internal(e.to_string().into()))?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }
}

/// The cursor of a row in a page. It is written only if a client asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowCursor {
    /// The row's position in the order of its list.
    Position(Cursor),
    /// The row's identifier, for a list whose order is not shown.
    Identifier(String),
}

impl RowCursor {
    /// Returns the cursor as clients see it.
    ///
    /// # Errors
    /// `Internal` if it cannot be serialized.
    pub fn write(&self) -> Result<String> {
        match self {
            Self::Position(cursor) => cursor.write(),
            Self::Identifier(id) => Ok(id.clone()),
        }
    }
}

/// Returns the error for a malformed cursor in `argument`.
#[must_use]
pub fn not_a_cursor(argument: &str) -> Fault {
    Fault::invalid(&FieldPath::argument(argument), UserMessage::CursorInvalid)
}
