//! The screening tables: rows derived from each filed statement, inserted in the same transaction.
pub mod agreement;
pub mod arrangement;
pub mod category;
pub mod nature;
pub mod summary;
pub mod total;
