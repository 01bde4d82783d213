//! What names a policy.

typed_id! {
    /// One version of the policy.
    PolicyId, "pol"
}
