//! What is known of an organization, as it is typed and as it is kept.
use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::{DepartmentId, MemberRole, OrganizationId};

vocabulary! {
    /// What kind of organization it is.
    pub enum OrganizationKind {
        /// A corporation.
        Corporation,
        /// A limited liability company.
        LimitedCompany,
        /// A partnership of any form.
        Partnership,
        /// One person in business.
        SoleProprietor,
        /// A nonprofit organization.
        Nonprofit,
        /// A government, or a body of one.
        Government,
        /// Several organizations that bid as one.
        JointVenture,
        /// Not known: the City recorded it with a contract.
        Unknown,
    }

    /// Who gave an identifier. Never a social security number.
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

    /// How sure it is that an organization bears an identifier. One organization at the most bears
    /// an identifier that is not disputed, and is found by it.
    pub enum IdentifierState {
        /// The organization says so, and was the first.
        Claimed,
        /// The City has checked it.
        Verified,
        /// Another organization bore it before; nobody is found by this claim.
        Disputed,
    }
}

/// What somebody else calls an organization by.
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
    /// Who gave it.
    pub scheme: IdentifierScheme,
    /// As given, in capitals.
    pub id: String,
}

/// An identifier that an organization says it bears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, SimpleObject)]
#[graphql(crate = "crate::budget")]
#[serde(rename_all = "camelCase")]
pub struct OrganizationIdentifier {
    /// Who gave it.
    pub scheme: IdentifierScheme,
    /// As given, in capitals.
    pub id: String,
    /// How sure it is that the organization bears it.
    pub state: IdentifierState,
    /// Since when the organization says so (UTC).
    pub claimed_at: DateTime<Utc>,
}

impl OrganizationIdentifier {
    /// The identifier, whoever bears it.
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        Identifier { scheme: self.scheme, id: self.id.clone() }
    }
}

/// A postal address.
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
    /// Street and number, suite.
    pub street: String,
    /// City or town.
    pub city: String,
    /// State or province, such as `CA`.
    pub region: String,
    /// ZIP or other postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2, such as `US`.
    pub country: String,
}

/// Who owns an organization, or what it was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(crate = "crate::budget")]
#[graphql(input_name = "OwnerInput")]
pub struct Owner {
    /// Its legal name.
    pub name: String,
    /// An identifier, if one is known.
    pub identifier: Option<Identifier>,
}

/// The owners that federal award data knows (FAR 52.204-17), and predecessors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Ownership {
    pub immediate_owner: Option<Owner>,
    pub highest_owner: Option<Owner>,
    pub predecessors: Vec<Owner>,
}

/// Somebody named who should file a disclosure of its own: a joint-venture member, a
/// subcontractor. By its identifier here, or by name and an identifier that one organization bears.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, SimpleObject, InputObject)]
#[graphql(crate = "crate::budget")]
#[graphql(input_name = "PartyInput")]
pub struct Party {
    /// The organization here, if it is registered and known to whoever names it.
    pub organization_id: Option<OrganizationId>,
    /// Its legal name.
    pub name: String,
    /// An identifier by which it can be found, if it is not named by `organizationId`.
    pub identifier: Option<Identifier>,
}

/// An organization as it is registered or corrected: the whole of it each time.
#[derive(Clone, Debug, InputObject)]
pub struct OrganizationInput {
    /// What kind of organization it is.
    pub kind: OrganizationKind,
    /// The name in its articles, or the owner's own for a sole proprietor.
    pub legal_name: String,
    /// The names it does business under, if they differ.
    #[graphql(default)]
    pub doing_business_as: Vec<String>,
    /// What others call it by; none is required. Never a social security number.
    #[graphql(default)]
    pub identifiers: Vec<Identifier>,
    /// Send true to keep a UEI whose check digit does not hold, after comparing it with its source.
    #[graphql(default)]
    pub identifiers_checked: bool,
    /// Send true to claim identifiers that another organization bears already: the City looks into
    /// it, and until it has decided you are not found by them.
    #[graphql(default)]
    pub disputed: bool,
    /// Where it is.
    pub address: Option<Address>,
    /// Who owns most of it.
    pub immediate_owner: Option<Owner>,
    /// Who stands at the top of its owners.
    pub highest_owner: Option<Owner>,
    /// Whom it succeeded, or took over.
    #[graphql(default)]
    pub predecessors: Vec<Owner>,
    /// A joint venture's members, two at the least; empty for any other kind.
    #[graphql(default)]
    pub joint_venture_members: Vec<Party>,
}

/// A department as it is registered.
#[derive(Clone, Debug, InputObject)]
pub struct DepartmentInput {
    /// A short code, such as `LIB`; stands in front of nothing and names the department alone.
    pub code: String,
    /// The department's name.
    pub name: String,
    /// Whom a firm asks: shown in letters, so an office, an address or a telephone number.
    pub contact: String,
}

/// An invitation to act for an organization.
#[derive(Clone, Debug, InputObject)]
pub struct InvitationInput {
    /// The organization invited for.
    pub organization_id: OrganizationId,
    /// The address that the person's sign-in will prove.
    pub email: String,
    /// What the person may do.
    pub role: MemberRole,
}

/// A contract officer's place in a department.
#[derive(Clone, Debug, InputObject)]
pub struct OfficerInput {
    /// The department.
    pub department_id: DepartmentId,
    /// The address that the officer's sign-in will prove.
    pub email: String,
}
