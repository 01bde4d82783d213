//! Decides whether two names belong to the same firm, with a score and reasons.
//!
//! A [`Record`] is parsed once into a [`Profile`]; [`compare`] scores two profiles, and an
//! [`Index`] finds the profiles worth comparing. Each agreeing word adds evidence and each missing
//! word subtracts some, in log-odds. The score is the logistic function of the sum, so the reasons
//! explain it completely. The module is pure: no database, clock, file or network.
mod align;
mod blocking;
mod compare;
mod evidence;
mod exact;
pub mod fold;
mod identity;
mod index;
mod legal_form;
mod lexicon;
mod name;
#[cfg(test)]
mod name_pair_tests;
mod parse;
#[cfg(test)]
mod property_tests;
mod reason;
mod record;
mod script;
mod spelling;
mod unmatched;
mod weights;
mod wordlists;

pub use compare::{Comparison, POSSIBLE_SCORE, PROBABLE_SCORE, Relation, band_of_score, compare};
pub use exact::ExactName;
pub use index::{Index, Match, RecordId};
pub use reason::{Reason, ReasonKind};
pub use record::{Profile, Record};
pub use weights::Weights;
