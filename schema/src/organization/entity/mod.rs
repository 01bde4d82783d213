//! Tables of organizations, departments and members.
pub mod department;
pub mod identifier;
pub mod identifier_dispute;
pub mod joint_venture_member;
pub mod member;
pub mod merge_proposal;
pub mod name;
pub mod organization;
pub mod organization_group;
pub mod person;
pub mod subject_access;
