//! Every statement of screening; each carries the viewer's row filter.
mod disclosed;
mod facets;
mod review_queue;
mod screen_bids;

pub use disclosed::{Agreements, agreements};
pub use facets::{Asked, Counted, Counts, counts};
pub use review_queue::review_queue;
pub use screen_bids::{screen, select};
