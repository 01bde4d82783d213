//! The actions that the ledger records.
use std::fmt;

/// Declares [`LedgerAction`] with the text of each variant, which the ledger stores, hashes and shows.
macro_rules! actions {
    ($($name:ident = $text:literal,)+) => {
        /// A recorded action. The ledger stores and hashes its text.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
        )]
        pub enum LedgerAction {
            $(#[doc = concat!("`", $text, "`.")] #[strum(serialize = $text)] $name,)+
        }

        impl LedgerAction {
            /// Every action, in the order of its declaration.
            pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

            /// Returns the text, such as `disclosure.filed`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                self.into()
            }
        }
    };
}

actions![
    OrganizationRegistered = "organization.registered",
    OrganizationUpdated = "organization.updated",
    IdentifierVerified = "identifier.verified",
    IdentifierContested = "identifier.contested",
    IdentifierReleased = "identifier.released",
    IdentifierDisputeOpened = "identifier_dispute.opened",
    IdentifierDisputeDecided = "identifier_dispute.decided",
    IdentifierDisputeClosed = "identifier_dispute.closed",
    OrganizationMerged = "organization.merged",
    MergeProposed = "merge_proposal.opened",
    MergeProposalMerged = "merge_proposal.merged",
    MergeProposalDismissed = "merge_proposal.dismissed",
    MemberInvited = "member.invited",
    MemberEnrolled = "member.enrolled",
    MemberBound = "member.bound",
    MemberRemoved = "member.removed",
    DepartmentRegistered = "department.registered",
    OfficerInvited = "officer.invited",
    OfficerEnrolled = "officer.enrolled",
    OfficerBound = "officer.bound",
    OfficerRemoved = "officer.removed",
    PolicyEnacted = "policy.enacted",
    PolicySuspended = "policy.suspended",
    PolicyReinstated = "policy.reinstated",
    PolicyWithdrawn = "policy.withdrawn",
    PolicyChangeProposed = "policy_proposal.opened",
    PolicyChangeConfirmed = "policy_proposal.confirmed",
    PolicyChangeWithdrawn = "policy_proposal.withdrawn",
    ClockAccepted = "clock.accepted",
    ApiKeyCreated = "api_key.created",
    ApiKeyRevoked = "api_key.revoked",
    DisclosureFiled = "disclosure.filed",
    DisclosureSuperseded = "disclosure.superseded",
    DisclosureWithdrawn = "disclosure.withdrawn",
    DisclosureAccepted = "disclosure.accepted",
    DisclosureRejected = "disclosure.rejected",
    ReviewTaken = "review.taken",
    ReviewAssigned = "review.assigned",
    ReviewReopened = "review.reopened",
    ClarificationRequested = "clarification.requested",
    ClarificationAnswered = "clarification.answered",
    ClarificationClosed = "clarification.closed",
    AppealFiled = "appeal.filed",
    AppealDecided = "appeal.decided",
    MatchFound = "match.found",
    MatchWeighed = "match.weighed",
    MatchLinked = "match.linked",
    MatchCovered = "match.covered",
    MatchUncovered = "match.uncovered",
    MatchConfirmed = "match.confirmed",
    MatchAnswered = "match.answered",
    MatchUpheld = "match.upheld",
    MatchDismissed = "match.dismissed",
    MatchReopened = "match.reopened",
    MatchAppealed = "match.appealed",
    MatchAppealDecided = "match.appeal_decided",
    WaiverRequested = "waiver.requested",
    WaiverApproved = "waiver.approved",
    WaiverRevoked = "waiver.revoked",
    WaiverAttached = "waiver.attached",
    ExemptionClaimed = "exemption.claimed",
    ExemptionApproved = "exemption.approved",
    ExemptionDeclined = "exemption.declined",
    ExemptionAttached = "exemption.attached",
    DecisionMade = "decision.made",
    SolicitationDrafted = "solicitation.drafted",
    SolicitationAmended = "solicitation.amended",
    SolicitationPublished = "solicitation.published",
    SolicitationAddendumIssued = "solicitation.addendum_issued",
    SolicitationCanceled = "solicitation.canceled",
    BidSubmitted = "bid.submitted",
    BidPartiesResolved = "bid.parties_resolved",
    BidPartyIdentified = "bid.party_identified",
    BidSubcontractorSubstituted = "bid.subcontractor_substituted",
    BidWithdrawn = "bid.withdrawn",
    BidRedecided = "bid.redecided",
    BidAwarded = "bid.awarded",
    BidClosed = "bid.closed",
    ContractRecorded = "contract.recorded",
    ContractAwarded = "contract.awarded",
    ContractClauseInserted = "contract.clause_inserted",
    ContractPartiesResolved = "contract.parties_resolved",
    ContractPartyIdentified = "contract.party_identified",
    ContractSubcontractorSubstituted = "contract.subcontractor_substituted",
    ContractModified = "contract.modified",
    AwardNotAdmitted = "award.not_admitted",
    RenewalProposed = "renewal.proposed",
    RenewalSuperseded = "renewal.superseded",
    RenewalExecuted = "renewal.executed",
    ImportBegan = "import.began",
    ImportFinished = "import.finished",
    RegisterAdded = "register.added",
];

impl fmt::Display for LedgerAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
