//! What organizations, departments and their people are made of.
mod viewer;

pub use viewer::{Role, Viewer};

typed_id! {
    /// An organization that bids.
    OrganizationId, "org"
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
