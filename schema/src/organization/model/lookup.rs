//! Look-up by an identifier or by the number that people use.
use super::DepartmentId;

/// The arguments of a look-up, as given.
#[derive(Clone, Debug)]
pub struct LookupArguments<I> {
    pub id: Option<I>,
    pub number: Option<String>,
    /// The code, the name or the identifier of the department whose number it is.
    pub department: Option<String>,
}

/// What a look-up names.
#[derive(Clone, Debug)]
pub enum Lookup<I> {
    Id(I),
    Number(NumberLookup),
}

/// A number, unique in each department; compared without regard to case.
#[derive(Clone, Debug)]
pub struct NumberLookup {
    pub number: String,
    /// The department; required only if several have the number.
    pub department: Option<DepartmentId>,
}

impl NumberLookup {
    /// The maximum number of rows read for a number.
    pub const MAX_ROWS: u64 = 50;
}
