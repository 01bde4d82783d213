//! The tables of drafts, filings and disclosures.
pub mod disclosure;
pub mod draft;
pub mod filing;
