//! What each filing discloses, in rows that are screened: drawn from the frozen statement, in the
//! transaction that files it.
pub mod agreement;
pub mod arrangement;
pub mod category;
pub mod nature;
pub mod summary;
pub mod total;
