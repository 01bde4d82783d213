//! Every statement of screening; each carries the viewer's row filter.
mod disclosed;
mod disclosing;
mod facets;
mod held_on;
mod review_queue;
mod screen_bids;
mod screen_contracts;

pub use disclosed::{Agreements, agreements};
pub use facets::{Asked, Counted, Counts, counts};
pub use held_on::{Held, held_on};
pub use review_queue::review_queue;
pub use screen_bids::{bids_within, screen, select};
pub use screen_contracts::{contracts_within, ending, screen_contracts};
