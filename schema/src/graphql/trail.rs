//! The relation of a viewer to the subject of an audit trail.
use std::collections::BTreeSet;

use uuid::Uuid;

use crate::database::Database;
use crate::fault::Result;
use crate::ledger::model::{Readers, TrailViewer};
use crate::organization;
use crate::organization::model::{DepartmentId, OrganizationId, Viewer};

/// The subject of a trail with its owner.
#[derive(Clone, Copy, Debug)]
pub struct TrailSubject {
    /// The subject's UUID in the ledger.
    pub id: Uuid,
    pub owner: SubjectOwner,
}

/// The owner of the subject of a trail.
#[derive(Clone, Copy, Debug)]
pub enum SubjectOwner {
    /// No particular owner.
    Public,
    /// A department. An entry belongs to a firm only if it names the firm, because a contract can
    /// be assigned.
    Department(DepartmentId),
    /// An organization, permanently.
    Organization(OrganizationId),
    /// A match's organization: an entry is its own only if it names the organization, which it
    /// does once the organization was notified.
    Matched(OrganizationId),
}

impl SubjectOwner {
    const fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Public | Self::Department(_) => None,
            Self::Organization(id) | Self::Matched(id) => Some(id),
        }
    }

    /// Returns whether the viewer, who may see the subject, is a contract officer of its department. For an
    /// organization's subject every contract officer counts: officers see every organization, and of its
    /// other subjects only those that were submitted to their own departments. A member of the organization
    /// counts as a member only.
    fn includes_officer(self, viewer: &Viewer) -> bool {
        let own = viewer.own_departments();
        match self {
            Self::Public => false,
            Self::Department(id) => own.contains(&id),
            Self::Organization(id) | Self::Matched(id) => {
                !own.is_empty() && !viewer.own_organizations().contains(&id)
            }
        }
    }
}

/// Loads the relation of a viewer to a subject that it may see.
pub async fn load_trail_viewer(
    db: &Database,
    viewer: &Viewer,
    owner: SubjectOwner,
) -> Result<TrailViewer> {
    let reads_whole = viewer.can_audit();
    let mut readers = Readers::ANYONE;
    if viewer.can_read_all() {
        readers = readers.or(Readers::STAFF);
    }
    if owner.includes_officer(viewer) {
        readers = readers.or(Readers::OFFICER);
    }
    let own = viewer.own_organizations();
    let owns_subject = matches!(owner, SubjectOwner::Organization(id) if own.contains(&id));
    let organization_people = match owner.organization().filter(|_| !reads_whole) {
        Some(id) => organization::service::list_member_subjects(&db.read, id).await?,
        None => BTreeSet::new(),
    };
    let organizations = own.into_iter().map(OrganizationId::uuid).collect();
    Ok(TrailViewer { reads_whole, readers, organizations, owns_subject, organization_people })
}
