//! GraphQL types, queries and mutations of disclosures and reviews.
mod appeal;
mod disclosure;
mod loader;
mod operations;
mod review_operations;
mod reviews;

pub use appeal::{Appeal, AppealCourse};
pub use disclosure::Disclosure;
pub use loader::{
    DisclosureLoader, OrganizationLoader, has_unsigned_draft, load_draft, load_filings,
    load_paper_on_file,
};
pub use operations::{DisclosureMutation, DisclosurePayload, DisclosureQuery};
pub use review_operations::{AcceptDisclosuresPayload, AcceptanceFailure, ReviewMutation};
pub use reviews::{Clarification, Review, ReviewLoader};
