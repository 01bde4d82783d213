//! Tables of policies and of their suspensions.
pub mod policy;
pub mod suspension;
