//! The tables of drafts, filings, disclosures and reviews, and the screening rows.
pub mod appeal;
pub mod clarification;
pub mod disclosed;
pub mod disclosure;
pub mod draft;
pub mod filing;
pub mod filing_export;
pub mod filing_history;
pub mod review;
