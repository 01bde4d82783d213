//! How clients screen.
mod facets;
mod operations;
mod review_item;
mod screened_bid;

pub use facets::Facets;
pub use operations::ScreeningQuery;
pub use review_item::ReviewItem;
pub use screened_bid::ScreenedBid;
