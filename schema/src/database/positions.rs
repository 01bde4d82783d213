//! Rows that are read by the positions of their columns.
//!
//! sea-orm reads each column of each row by its name, which it builds and looks up again and again. For a
//! statement with many wide rows the names are looked up here once, in the first row; a row that is selected
//! by its entity alone needs none.
use sea_orm::{DbErr, QueryResult};

/// A row of a table that can be read by the positions of its columns. Declared with `read_by_position!`.
pub trait ReadByPosition: Sized {
    /// The names of the columns, in the order of the positions that [`Self::read`] takes.
    const COLUMNS: &'static [&'static str];

    /// Reads a row, whose columns are at `positions`.
    ///
    /// # Errors
    /// If a value has another type, or a position is missing.
    fn read(row: &QueryResult, positions: &[usize]) -> Result<Self, DbErr>;
}

/// Declares how this module's `Model` is read by position, with its fields, whose names are those of the
/// columns. A missing field does not compile.
macro_rules! read_by_position {
    ($($field:ident),+ $(,)?) => {
        impl $crate::database::ReadByPosition for Model {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn read(row: &sea_orm::QueryResult, positions: &[usize]) -> Result<Self, DbErr> {
                let mut positions = positions.iter();
                let mut next = |field: &str| {
                    let missing = || DbErr::Type(format!("{field} has no position"));
                    positions.next().copied().ok_or_else(missing)
                };
                Ok(Self { $($field: row.try_get_by_index(next(stringify!($field))?)?,)+ })
            }
        }
    };
}

pub(crate) use read_by_position;

/// Reads the rows of one statement. `name_of` returns the name in it of a column of `T`.
///
/// # Errors
/// If a column is missing or a value has another type.
pub fn read_rows<T: ReadByPosition>(
    rows: &[QueryResult],
    name_of: impl Fn(&str) -> String,
) -> Result<Vec<T>, DbErr> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let names = first.column_names();
    let position_of = |column: &&str| {
        let name = name_of(column);
        let missing = || DbErr::Type(format!("the statement has no column {name}"));
        names.iter().position(|it| *it == name).ok_or_else(missing)
    };
    let positions = T::COLUMNS.iter().map(position_of).collect::<Result<Vec<_>, _>>()?;
    rows.iter().map(|row| T::read(row, &positions)).collect()
}

/// Reads the row of a statement that an entity's own `find` began, whose columns are those of `T`.
///
/// # Errors
/// If a column is missing or a value has another type.
pub fn read_entity_row<T: ReadByPosition>(row: &QueryResult) -> Result<T, DbErr> {
    debug_assert_eq!(row.column_names(), T::COLUMNS, "the columns of the entity");
    let positions = (0..T::COLUMNS.len()).collect::<Vec<_>>();
    T::read(row, &positions)
}
