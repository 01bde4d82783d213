//! GraphQL types, queries and mutations of disclosures and reviews.
mod appeal;
mod disclosure;
mod loader;
mod operations;
mod review_operations;
mod reviews;
mod stored_statement;

pub use appeal::{Appeal, AppealCourse};
pub use disclosure::Disclosure;
pub use loader::{
    DisclosureLoader, OrganizationLoader, PreloadedFilings, has_unsigned_draft, load_draft,
    load_filings, load_paper_on_file, preload_filings,
};
pub use operations::{DisclosureMutation, DisclosurePayload, DisclosureQuery};
pub use review_operations::{AcceptDisclosuresPayload, AcceptanceFailure, ReviewMutation};
pub use reviews::{Clarification, Review, ReviewLoader};
pub use stored_statement::CompiledSelections;
