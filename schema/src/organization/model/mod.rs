//! What organizations, departments and their people are made of.
mod email;
mod organization;
mod resolution;
mod uei;
mod viewer;

pub use email::{EmailAddress, InvalidEmail};
pub use organization::{
    Address, DepartmentInput, Identifier, IdentifierScheme, IdentifierState, InvitationInput,
    OfficerInput, OrganizationIdentifier, OrganizationInput, OrganizationKind, Owner, Ownership,
    Party,
};
pub use resolution::{PartyColumns, Resolution, ResolvedParty};
pub use uei::check_digit_holds;
pub use viewer::{Role, SignIn, Viewer};

typed_id! {
    /// An organization that bids.
    OrganizationId, "org"
}
typed_id! {
    /// An identifier that several organizations claim, for staff to decide.
    IdentifierDisputeId, "idd"
}
typed_id! {
    /// A department of the City.
    DepartmentId, "dep"
}
typed_id! {
    /// A person's place in an organization or a department.
    MemberId, "mbr"
}

vocabulary! {
    /// What a member may do for its organization.
    pub enum MemberRole {
        /// Writes drafts and bids; signs nothing.
        Preparer,
        /// Also attests and files, and invites others.
        Signatory,
    }
}
