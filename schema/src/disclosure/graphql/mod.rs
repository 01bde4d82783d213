//! GraphQL types, queries and mutations of disclosures and reviews.
mod disclosure;
mod loader;
mod operations;
mod review_operations;
mod reviews;

pub use disclosure::Disclosure;
pub use loader::{
    DisclosureLoader, OrganizationLoader, load_draft, load_filings, load_paper_on_file,
};
pub use operations::{DisclosureMutation, DisclosurePayload, DisclosureQuery};
pub use review_operations::ReviewMutation;
pub use reviews::{Appeal, Clarification, Review, ReviewLoader};
