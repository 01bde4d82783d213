//! The objects of an item that a selection requests.
use async_graphql::Lookahead;

use crate::award::graphql::match_include;
use crate::bidding::graphql::bid_include;
use crate::contracting::graphql::contract_include;
use crate::screening::service::ItemInclude;

/// The objects of an item of the review queue or of a firm's desk that a selection requests.
pub fn item_include(selection: &Lookahead<'_>) -> ItemInclude {
    let award_match = selection.field("match");
    let bid = selection.field("bid");
    let contract = selection.field("contract");
    ItemInclude {
        disclosure: selection.field("disclosure").exists(),
        clarification: selection.field("clarification").exists(),
        award_match: award_match.exists().then(|| match_include(&award_match)),
        bid: bid.exists().then(|| bid_include(&bid)),
        contract: contract.exists().then(|| contract_include(&contract)),
    }
}
