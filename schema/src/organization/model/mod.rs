//! Values, identifiers and inputs of organizations, departments and their members.
mod email;
mod group;
mod lookup;
mod organization;
mod person_name;
mod resolution;
mod uei;
mod vendor_list;
mod viewer;

pub use email::{EmailAddress, InvalidEmail};
pub use group::{
    GroupMember, Groups, MergeInput, MergeOutcome, MergeProposalId, PossibleMerge, ProposedMerge,
};
pub use lookup::{Lookup, LookupArguments, NumberLookup};
pub use organization::{
    Address, DepartmentInput, FormerName, FoundParty, Identifier, IdentifierDecisionInput,
    IdentifierScheme, IdentifierState, InvitationInput, NameKind, OfficerInput,
    OrganizationIdentifier, OrganizationInput, OrganizationKind, OrganizationSearch,
    OrganizationUpdate, Owner, Ownership, Party, is_united_states,
};
pub use person_name::PersonName;
pub use resolution::{PartyColumns, Resolution, ResolvedParty};
pub use uei::has_valid_check_digit;
pub use vendor_list::{VendorChange, VendorFileRow, VendorImport, VendorOutcome};
pub use viewer::{Role, SignIn, Viewer};

typed_id! {
    /// An organization that bids.
    OrganizationId, "org"
}
typed_id! {
    /// A dispute about an identifier that several organizations claim; City staff decide it.
    IdentifierDisputeId, "idd"
}
typed_id! {
    /// A department of the City.
    DepartmentId, "dep"
}
typed_id! {
    /// A person's membership in an organization or a department.
    MemberId, "mbr"
}

string_enum! {
    /// What a member may do for its organization.
    pub enum MemberRole {
        /// Writes drafts and bids, and signs nothing.
        Preparer,
        /// May also attest and file disclosures, and invite members.
        Signatory,
    }
}
