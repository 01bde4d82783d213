//! The form in which an entry records the rows that were written with it.
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::canonical::{canonical, sha256};
use crate::database::{ColumnImage, Keeping, RowImage};
use crate::fault::Result;

/// The random salt of the digests of one entry's personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Salt(pub String);

impl Salt {
    /// 122 random bits (UUID version 4).
    pub fn generate() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }
}

/// Returns the recorded form of a row.
///
/// # Errors
/// `Internal` if a value has no canonical JSON.
pub(super) fn recorded_row(image: &RowImage, salt: &Salt) -> Result<Value> {
    let RowImage { subject: _, table, key, columns } = image;
    let Some(columns) = columns else {
        return Ok(json!({ "table": table, "key": key, "columns": null }));
    };
    let mut recorded = Map::new();
    for column in columns {
        recorded.insert(column.name.to_owned(), recorded_value(image, column, salt)?);
    }
    Ok(json!({ "table": table, "key": key, "columns": recorded }))
}

/// Returns the recorded form of a column with this salt; null stays null.
///
/// # Errors
/// Same as [`recorded_row`].
pub(super) fn recorded_value(image: &RowImage, column: &ColumnImage, salt: &Salt) -> Result<Value> {
    if column.value.is_null() {
        return Ok(Value::Null);
    }
    Ok(match column.keeping {
        Keeping::Value | Keeping::Derived => column.value.clone(),
        Keeping::Digest => format!("sha256:{}", canonical(&column.value)?.sha256).into(),
        Keeping::Personal => {
            let text =
                canonical(&json!([salt.0, image.table, image.key, column.name, column.value]))?;
            format!("salted:{}", sha256(&text.text)).into()
        }
    })
}
