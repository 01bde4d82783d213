//! The tables of drafts, filings, disclosures, and what reviewers make of them.
pub mod appeal;
pub mod clarification;
pub mod disclosed;
pub mod disclosure;
pub mod draft;
pub mod filing;
pub mod review;
