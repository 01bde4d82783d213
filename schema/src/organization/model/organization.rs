//! Input and stored values of organizations, departments and invitations.
use async_graphql::{InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::{DepartmentId, MemberRole, OrganizationId};

string_enum! {
    /// The legal form of an organization.
    pub enum OrganizationKind {
        /// A corporation.
        Corporation,
        /// A limited liability company.
        LimitedCompany,
        /// A partnership of any form.
        Partnership,
        /// A business owned by one person.
        SoleProprietor,
        /// A nonprofit organization.
        Nonprofit,
        /// A government or a government agency.
        Government,
        /// Several organizations that bid together.
        JointVenture,
        /// Unknown: the City recorded the organization with a contract.
        Unknown,
    }

    /// The issuer of an identifier. Never a social security number.
    pub enum IdentifierScheme {
        /// The federal Unique Entity Identifier: 12 characters.
        Uei,
        /// The federal Commercial and Government Entity code: 5 characters.
        Cage,
        /// The City's vendor number.
        CityVendor,
        /// The City's tax registration certificate.
        CityTaxRegistration,
    }

    /// What a name of an organization is, in the order in which names are searched: a firm's legal name
    /// precedes another firm's trade name.
    pub enum NameKind {
        /// The present legal name.
        Legal,
        /// A name that it does business under.
        Trade,
        /// A legal name that it had.
        Former,
    }

    /// The state of an organization's claim to an identifier. At most one organization has an
    /// undisputed claim to an identifier, and only an undisputed claim is searched.
    pub enum IdentifierState {
        /// The first organization that claimed it; not checked.
        Claimed,
        /// The City has verified it.
        Verified,
        /// Another organization claimed it first; no search finds this claim.
        Disputed,
    }
}

impl IdentifierScheme {
    /// What people call an identifier of the issuer.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Uei => "UEI",
            Self::Cage => "CAGE code",
            Self::CityVendor => "City vendor number",
            Self::CityTaxRegistration => "City tax registration number",
        }
    }
}

/// An identifier that an issuer assigned to an organization.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    SimpleObject,
    InputObject,
)]
#[graphql(crate = "crate::budget")]
#[graphql(input_name = "IdentifierInput")]
pub struct Identifier {
    /// The issuer.
    pub scheme: IdentifierScheme,
    /// The identifier in upper case.
    pub id: String,
}

/// An organization's claim to an identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationIdentifier {
    /// The issuer.
    pub scheme: IdentifierScheme,
    /// The identifier in upper case.
    pub id: String,
    /// The state of the claim.
    pub state: IdentifierState,
    /// When the organization claimed it (UTC).
    pub claimed_at: DateTime<Utc>,
    /// When the City verified it (UTC); null unless it is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<DateTime<Utc>>,
}

impl OrganizationIdentifier {
    /// Returns the claimed identifier.
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        Identifier { scheme: self.scheme, id: self.id.clone() }
    }
}

/// A legal name that an organization no longer has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FormerName {
    /// The legal name.
    pub name: String,
    /// When the organization replaced it, or was merged with one of this name (UTC).
    pub until: DateTime<Utc>,
}

/// A postal address. In the United States it has a region and a postal code; elsewhere each may be missing.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    SimpleObject,
    InputObject,
    FromJsonQueryResult,
)]
#[graphql(crate = "crate::budget")]
#[graphql(input_name = "AddressInput")]
pub struct Address {
    /// Street, number and suite.
    pub street: String,
    /// City or town.
    pub city: String,
    /// State or province, such as `CA`. Required in the United States; elsewhere null if there is none.
    #[serde(default, with = "text_or_empty")]
    pub region: Option<String>,
    /// ZIP or other postal code. Required in the United States; elsewhere null if there is none.
    #[serde(default, with = "text_or_empty")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2 code, such as `US`.
    pub country: String,
}

/// A text that may be missing, stored as an empty text then: so are addresses that predate this.
mod text_or_empty {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands fields over by reference")]
    pub fn serialize<S: Serializer>(
        text: &Option<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text.as_deref().unwrap_or_default())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.filter(|text| !text.is_empty()))
    }
}

/// Whether a country, as it was typed, is the United States.
#[must_use]
pub fn is_united_states(country: &str) -> bool {
    let letters = country.chars().filter(char::is_ascii_alphabetic);
    let folded: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    matches!(&*folded, "US" | "USA" | "UNITEDSTATES" | "UNITEDSTATESOFAMERICA")
}

/// An owner or a predecessor of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(crate = "crate::budget")]
#[graphql(input_name = "OwnerInput")]
pub struct Owner {
    /// The legal name.
    pub name: String,
    /// An identifier, if known.
    pub identifier: Option<Identifier>,
}

/// The owners that federal award data reports (FAR 52.204-17), and the predecessors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Ownership {
    pub immediate_owner: Option<Owner>,
    pub highest_owner: Option<Owner>,
    pub predecessors: Vec<Owner>,
}

/// A named party that files its own disclosure: a joint-venture member or a subcontractor. Named by
/// its organization identifier, or by name and an identifier that one organization claims.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(crate = "crate::budget")]
#[graphql(input_name = "PartyInput")]
pub struct Party {
    /// The party's organization identifier, if it is registered and its identifier is known.
    pub organization_id: Option<OrganizationId>,
    /// The legal name.
    pub name: String,
    /// An identifier to find the party by, if `organizationId` is not given.
    pub identifier: Option<Identifier>,
}

/// An organization to register.
#[derive(Clone, Debug, InputObject)]
pub struct OrganizationInput {
    /// The legal form.
    pub kind: OrganizationKind,
    /// The name in the articles of incorporation, or a sole proprietor's own name.
    pub legal_name: String,
    /// Other names that it does business under.
    #[graphql(default)]
    pub doing_business_as: Vec<String>,
    /// Its identifiers; none is required. Never a social security number.
    #[graphql(default)]
    pub identifiers: Vec<Identifier>,
    /// Send true to accept a UEI whose check digit is wrong, after comparing it with SAM.gov.
    #[graphql(default)]
    pub identifiers_checked: bool,
    /// Send true to claim identifiers that another organization has claimed. The City decides the
    /// dispute; until then no search finds your organization by them.
    #[graphql(default)]
    pub disputed: bool,
    /// The postal address.
    pub address: Option<Address>,
    /// The immediate owner.
    pub immediate_owner: Option<Owner>,
    /// The highest-level owner.
    pub highest_owner: Option<Owner>,
    /// The organizations that it succeeded or acquired.
    #[graphql(default)]
    pub predecessors: Vec<Owner>,
    /// The members of a joint venture, at least two; empty for any other kind.
    #[graphql(default)]
    pub joint_venture_members: Vec<Party>,
}

/// The changes of an organization. A field that is not sent keeps its value; a list that is sent
/// replaces the whole list.
#[derive(Clone, Debug, InputObject)]
pub struct OrganizationUpdate {
    /// The legal form.
    pub kind: Option<OrganizationKind>,
    /// The legal name. The previous one is kept among the former names.
    pub legal_name: Option<String>,
    /// Other names that it does business under.
    pub doing_business_as: Option<Vec<String>>,
    /// Its identifiers. Never a social security number. One that the City has verified must stay.
    pub identifiers: Option<Vec<Identifier>>,
    /// Send true to accept a UEI whose check digit is wrong, after comparing it with SAM.gov.
    #[graphql(default)]
    pub identifiers_checked: bool,
    /// Send true to claim identifiers that another organization has claimed. The City decides the
    /// dispute; until then no search finds your organization by them.
    #[graphql(default)]
    pub disputed: bool,
    /// The postal address; null removes it.
    pub address: MaybeUndefined<Address>,
    /// The immediate owner; null removes it.
    pub immediate_owner: MaybeUndefined<Owner>,
    /// The highest-level owner; null removes it.
    pub highest_owner: MaybeUndefined<Owner>,
    /// The organizations that it succeeded or acquired.
    pub predecessors: Option<Vec<Owner>>,
    /// The members of a joint venture, at least two; empty for any other kind.
    pub joint_venture_members: Option<Vec<Party>>,
}

impl OrganizationUpdate {
    /// Returns the complete data after the update of `current`.
    #[must_use]
    pub fn apply_to(self, current: OrganizationInput) -> OrganizationInput {
        fn or_current<T>(sent: MaybeUndefined<T>, current: Option<T>) -> Option<T> {
            match sent {
                MaybeUndefined::Undefined => current,
                MaybeUndefined::Null => None,
                MaybeUndefined::Value(value) => Some(value),
            }
        }
        OrganizationInput {
            kind: self.kind.unwrap_or(current.kind),
            legal_name: self.legal_name.unwrap_or(current.legal_name),
            doing_business_as: self.doing_business_as.unwrap_or(current.doing_business_as),
            identifiers: self.identifiers.unwrap_or(current.identifiers),
            identifiers_checked: self.identifiers_checked,
            disputed: self.disputed,
            address: or_current(self.address, current.address),
            immediate_owner: or_current(self.immediate_owner, current.immediate_owner),
            highest_owner: or_current(self.highest_owner, current.highest_owner),
            predecessors: self.predecessors.unwrap_or(current.predecessors),
            joint_venture_members: self
                .joint_venture_members
                .unwrap_or(current.joint_venture_members),
        }
    }
}

/// A decision of the City about an organization's claim to an identifier.
#[derive(Clone, Debug, InputObject)]
pub struct IdentifierDecisionInput {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The identifier.
    pub identifier: Identifier,
    /// Send true to accept a UEI whose check digit is wrong, after comparing it with SAM.gov.
    #[graphql(default)]
    pub identifiers_checked: bool,
    /// The reason, such as the record that was compared.
    pub reason: String,
}

/// A search among organizations; every criterion that is given must fit.
#[derive(Clone, Debug, Default)]
pub struct OrganizationSearch {
    /// Words with which words of a name begin, or the beginning of a number.
    pub text: Option<String>,
    /// An identifier that the organization claims.
    pub identifier: Option<Identifier>,
}

/// A registered organization that may be a party: what everybody may learn of it.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(crate = "crate::budget")]
pub struct FoundParty {
    /// The organization's identifier, to name it in a bid or to identify a party.
    pub organization_id: OrganizationId,
    /// The legal name.
    pub name: String,
    /// The city of its address, if it gave one.
    pub city: Option<String>,
}

/// A department to register.
#[derive(Clone, Debug, InputObject)]
pub struct DepartmentInput {
    /// A short, unique code, such as `LIB`.
    pub code: String,
    /// The department's name.
    pub name: String,
    /// The contact for firms, printed in letters: an office, an address or a telephone number.
    pub contact: String,
}

/// An invitation to act for an organization.
#[derive(Clone, Debug, InputObject)]
pub struct InvitationInput {
    /// The organization to join.
    pub organization_id: OrganizationId,
    /// The e-mail address that the person signs in with.
    pub email: String,
    /// The person's role in the organization.
    pub role: MemberRole,
}

/// A contract officer to add to a department.
#[derive(Clone, Debug, InputObject)]
pub struct OfficerInput {
    /// The department.
    pub department_id: DepartmentId,
    /// The e-mail address that the officer signs in with.
    pub email: String,
}
