//! The attestation of a filing: who signed which statement, with which words.
use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Attachment, DisclosureId};

string_enum! {
    /// The form of a signature.
    pub enum AttestationForm {
        /// Given here, by the signatory's own sign-in.
        Electronic,
        /// Given on a paper form that City staff entered.
        Paper,
    }
}

/// What a signatory enters to sign a statement.
#[derive(Clone, Debug, InputObject)]
pub struct AttestationInput {
    /// Whether the signatory declares the policy's attestation, in its words.
    pub agreed: bool,
    /// The signatory's name.
    pub name: String,
    /// The signatory's title, such as owner or president.
    pub title: String,
    /// The authority to sign: ownership, a resolution, a power of attorney.
    pub authority: String,
    /// The signatory's e-mail address; defaults to that of the sign-in.
    pub email: Option<String>,
    /// The city or town of signing.
    pub city: String,
    /// The state or province of signing, such as `CA`. Required in the United States.
    pub state: Option<String>,
    /// The country of signing (ISO 3166-1 alpha-2 code), such as `MX`; the United States if omitted.
    pub country: Option<String>,
}

/// The filing of a draft.
#[derive(Clone, Debug, InputObject)]
pub struct FilingInput {
    /// The draft.
    pub id: DisclosureId,
    /// The revision that the signatory read; another one is not filed.
    pub revision: i64,
    /// The signature.
    pub attestation: AttestationInput,
}

/// An attestation, stored as canonical JSON with its filing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attestation {
    /// The form of the signature.
    pub form: AttestationForm,
    /// The declared text, with its blanks filled.
    pub text: String,
    /// The name of the firm's business when it was signed; null in attestations that predate this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<String>,
    /// The policy's remark that its attestation text was a draft; null once adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<String>,
    /// The version of the policy's attestation text.
    pub text_version: u32,
    /// The signatory's name.
    pub name: String,
    /// The signatory's title.
    pub title: String,
    /// The signatory's authority to sign.
    pub authority: String,
    /// The signatory's e-mail address. Never public.
    pub email: String,
    /// The city or town of signing.
    pub city: String,
    /// The state or province of signing; null if a place outside the United States has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The country of signing; null for the United States.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// When it was signed (UTC); for a paper form, the local midnight that begins the day.
    pub signed_at: DateTime<Utc>,
    /// The issuer of the signatory's token; for a paper form, of the token of the reviewer who
    /// entered it. Issuer and subject together identify the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The subject of the signatory's token; for a paper form, of the reviewer who entered it.
    pub subject: String,
    /// The SHA-256 of the canonical statement that was signed, or entered from a paper form.
    pub digest: String,
    /// The signed paper form; null if the signature was given here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<Attachment>,
}
