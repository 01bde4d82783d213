//! Tables of policies, of their suspensions and withdrawals, and of proposed changes.
pub mod policy;
pub mod policy_use;
pub mod proposal;
pub mod suspension;
pub mod withdrawal;
