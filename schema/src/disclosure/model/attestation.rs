//! Who signed what, in which words.
use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Attachment, DisclosureId};

vocabulary! {
    /// How the signature was given.
    pub enum AttestationForm {
        /// Here, by the signatory's own sign-in.
        Electronic,
        /// On a paper form, which staff entered.
        Paper,
    }
}

/// What a signatory says of itself when it signs.
#[derive(Clone, Debug, InputObject)]
pub struct AttestationInput {
    /// That the signatory declares the policy's attestation, under penalty of perjury.
    pub agreed: bool,
    /// The signatory's name.
    pub name: String,
    /// The signatory's title, such as owner or president.
    pub title: String,
    /// What it is authorised by: ownership, a resolution, a power of attorney.
    pub authority: String,
    /// The signatory's address; the sign-in's own if it is left out.
    pub email: Option<String>,
    /// Where it signs: the city or town.
    pub city: String,
    /// Where it signs: the state, such as `CA`.
    pub state: String,
}

/// The filing of a draft.
#[derive(Clone, Debug, InputObject)]
pub struct FilingInput {
    /// The draft.
    pub id: DisclosureId,
    /// The revision that the signatory has read: nothing else is signed.
    pub revision: i64,
    /// The signature.
    pub attestation: AttestationInput,
}

/// An attestation as it is kept, as canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attestation {
    /// How the signature was given.
    pub form: AttestationForm,
    /// The words that were declared, with everything in its place.
    pub text: String,
    /// What the policy said of its words as long as they were a draft; null once adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The version of the policy's words.
    pub text_version: u32,
    /// The signatory's name.
    pub name: String,
    /// The signatory's title.
    pub title: String,
    /// What the signatory is authorised by.
    pub authority: String,
    /// The signatory's address. Never public.
    pub email: String,
    /// Where it was signed: the city or town.
    pub city: String,
    /// Where it was signed: the state.
    pub state: String,
    /// When it was signed (UTC); of a paper form, the local midnight that begins the day.
    pub signed_at: DateTime<Utc>,
    /// The issuer of the token that signed; of a paper form, of the token of the reviewer who entered
    /// it. Together with the subject it says who that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The subject of the token that signed; of a paper form, of the reviewer who entered it.
    pub subject: String,
    /// The SHA-256 of the canonical statement that was signed, or that a paper form was entered
    /// as.
    pub digest: String,
    /// The paper form that was signed; null if the signature was given here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Attachment>,
}
