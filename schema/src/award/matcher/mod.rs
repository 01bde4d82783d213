//! Matches vendors with recipients of awards: which names are one firm's, how surely, and why.
//!
//! A [`Record`] becomes a [`Profile`] once; [`compare`] weighs two profiles, and an [`Index`]
//! finds those that are worth comparing. Each word that agrees adds what it tells and each that
//! is missing takes something away; the score is the logistic function of the sum, so the reasons
//! add up to it. Nothing here reads a clock, a file or a network.
mod align;
#[cfg(test)]
mod property_tests;
mod blocking;
mod compare;
mod evidence;
mod identity;
mod index;
mod unmatched;
mod legal_form;
mod lexicon;
mod name;
#[cfg(test)]
mod name_pair_tests;
mod parse;
mod reason;
mod record;
mod spelling;
mod weights;
mod wordlists;

pub use compare::{Comparison, POSSIBLE_SCORE, PROBABLE_SCORE, Relation, compare};
pub use index::{Index, Match, RecordId};
pub use reason::{Reason, ReasonKind};
pub use record::{Profile, Record};
pub use weights::Weights;
