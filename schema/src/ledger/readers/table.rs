//! The table of readers: one rule for each action.
use super::{ReadRule, Readers};
use crate::ledger::action::LedgerAction;

const NOBODY: Readers = Readers::NOBODY;
const ANYONE: Readers = Readers::ANYONE;
const OFFICER: Readers = Readers::OFFICER;
const STAFF: Readers = Readers::STAFF;
const FIRM_AND_STAFF: Readers = Readers::FIRM.or(STAFF);
const CITY: Readers = OFFICER.or(STAFF);
/// The firm, the department's officers and the staff.
const PARTIES: Readers = FIRM_AND_STAFF.or(OFFICER);

impl LedgerAction {
    /// Returns who may read the entries of this action. No entry shows a reader what the subject's fields
    /// hide from that reader, and none shows a firm which City employee acted.
    #[expect(clippy::too_many_lines, reason = "one row for each action")]
    pub(in crate::ledger) const fn read_rule(self) -> ReadRule {
        type Rule = ReadRule;
        match self {
            Self::OrganizationRegistered | Self::OrganizationUpdated => {
                const KEYS: &[&str] = &[
                    "kind",
                    "legalName",
                    "doingBusinessAs",
                    "identifiers",
                    "ownership",
                    "jointVentureMembers",
                ];
                Rule::new(PARTIES, &[(PARTIES, KEYS)])
            }
            Self::IdentifierVerified | Self::IdentifierContested | Self::IdentifierReleased => {
                const KEYS: &[&str] = &["scheme", "id", "state"];
                // The reason can name another firm.
                Rule::new(PARTIES, &[(PARTIES, KEYS), (STAFF, &["reason"])]).other_actor_to(STAFF)
            }
            // An officer may see one of the two organizations and not the other.
            Self::OrganizationMerged => {
                Rule::new(PARTIES, &[(FIRM_AND_STAFF, &["retired", "surviving", "reason"])])
                    .other_actor_to(STAFF)
            }
            // A dispute is not a node, so no trail shows it.
            Self::IdentifierDisputeOpened
            | Self::IdentifierDisputeDecided
            | Self::IdentifierDisputeClosed => Rule::new(STAFF, &[(STAFF, &["scheme", "id"])]),
            // Nor is a proposal to merge.
            Self::MergeProposed => Rule::new(STAFF, &[(STAFF, &["first", "second", "grounds"])]),
            Self::MergeProposalMerged | Self::MergeProposalDismissed => {
                Rule::new(STAFF, &[(STAFF, &["reason"])])
            }
            Self::BidPartiesResolved | Self::ContractPartiesResolved => {
                Rule::new(PARTIES, &[(PARTIES, &["organization", "members", "subcontractors"])])
            }
            // Which firm it is shows to the City alone, as at the party itself.
            Self::BidPartyIdentified | Self::ContractPartyIdentified => {
                const KEYS: &[&str] = &["organization", "members", "subcontractors"];
                Rule::new(PARTIES, &[(PARTIES, KEYS), (CITY, &["identifiedAs"])])
                    .other_actor_to(CITY)
            }
            // Like `Substitution`: the firm sees all but the officer.
            Self::BidSubcontractorSubstituted | Self::ContractSubcontractorSubstituted => {
                const KEYS: &[&str] = &[
                    "organization",
                    "subcontractors",
                    "replaced",
                    "replacement",
                    "ground",
                    "citation",
                    "policyVersion",
                ];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(CITY)
            }
            Self::MemberInvited | Self::MemberEnrolled => {
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, &["member", "role"])])
            }
            Self::MemberBound | Self::MemberRemoved => {
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, &["member"])])
            }

            Self::DepartmentRegistered => {
                Rule::new(ANYONE, &[(ANYONE, &["code", "name", "contact"])]).other_actor_to(OFFICER)
            }
            // Like `Department.officers`: only the department's own officers.
            Self::OfficerInvited
            | Self::OfficerEnrolled
            | Self::OfficerBound
            | Self::OfficerRemoved => {
                Rule::new(OFFICER, &[(OFFICER, &["member"])]).other_actor_to(OFFICER)
            }

            Self::PolicyEnacted => Rule::new(
                ANYONE,
                &[(ANYONE, &["version", "sha256", "draft"]), (STAFF, &["proposal"])],
            ),
            Self::PolicySuspended => Rule::new(
                ANYONE,
                &[(ANYONE, &["suspension", "rules", "citation"]), (STAFF, &["proposal"])],
            ),
            Self::PolicyReinstated => {
                Rule::new(ANYONE, &[(ANYONE, &["suspension", "citation"]), (STAFF, &["proposal"])])
            }
            Self::PolicyWithdrawn => Rule::new(ANYONE, &[(ANYONE, &["version", "reason"])]),
            // A proposed change is no node, so no trail shows it.
            Self::PolicyChangeProposed => {
                const KEYS: &[&str] =
                    &["kind", "version", "sha256", "rules", "suspension", "citation"];
                Rule::new(STAFF, &[(STAFF, KEYS)])
            }
            Self::PolicyChangeConfirmed | Self::PolicyChangeWithdrawn => Rule::new(STAFF, &[]),
            // Their subjects are not nodes, so no trail shows them.
            Self::RegisterAdded => Rule::new(NOBODY, &[(NOBODY, &["of", "added"])]),
            Self::ImportBegan => Rule::new(NOBODY, &[(NOBODY, &["file", "sha256"])]),
            Self::ImportFinished => {
                const KEYS: &[&str] = &["file", "sha256", "revision", "awardRows", "tablesSha256"];
                Rule::new(NOBODY, &[(NOBODY, KEYS)])
            }
            Self::ClockAccepted => Rule::new(NOBODY, &[(NOBODY, &["latest", "accepted"])]),
            Self::ApiKeyCreated => Rule::new(NOBODY, &[(NOBODY, &["name", "scopes", "expiresAt"])]),
            Self::ApiKeyRevoked => Rule::new(NOBODY, &[]),

            // `Disclosure.attestation` shows the signatory, who is the actor, to every reader of the
            // disclosure.
            Self::DisclosureFiled => Rule::new(
                PARTIES,
                &[(
                    PARTIES,
                    &["organization", "version", "kind", "policyVersion", "sha256", "form"],
                )],
            )
            .own_actor_to(PARTIES)
            .other_actor_to(CITY),
            // An officer who may see the filing of a bid may not see the one that replaced it.
            Self::DisclosureSuperseded => {
                Rule::new(PARTIES, &[(FIRM_AND_STAFF, &["by", "form"])]).other_actor_to(STAFF)
            }
            Self::DisclosureWithdrawn => Rule::new(PARTIES, &[(PARTIES, &["reason"])]),
            Self::DisclosureAccepted => {
                Rule::new(PARTIES, &[(PARTIES, &["review", "remark"])]).other_actor_to(CITY)
            }
            Self::DisclosureRejected => {
                const KEYS: &[&str] = &["review", "reasons", "paths", "explanation", "appealBy"];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(CITY)
            }
            // Like `Disclosure.reviewer`: not the firm.
            Self::ReviewTaken => Rule::new(CITY, &[(STAFF, &["from"])]).other_actor_to(CITY),
            Self::ReviewAssigned => {
                Rule::new(CITY, &[(STAFF, &["from", "to"])]).other_actor_to(CITY)
            }
            Self::ReviewReopened => {
                Rule::new(PARTIES, &[(PARTIES, &["reason"])]).other_actor_to(CITY)
            }
            Self::ClarificationRequested => {
                const KEYS: &[&str] = &["clarification", "path", "question", "dueAt"];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(CITY)
            }
            Self::ClarificationAnswered => {
                Rule::new(PARTIES, &[(PARTIES, &["clarification", "answer"])])
            }
            Self::ClarificationClosed => {
                Rule::new(PARTIES, &[(PARTIES, &["clarification", "why"])]).other_actor_to(STAFF)
            }
            Self::AppealFiled => Rule::new(PARTIES, &[(PARTIES, &["appeal", "review", "grounds"])]),
            Self::AppealDecided => {
                Rule::new(PARTIES, &[(PARTIES, &["appeal", "outcome", "explanation"])])
                    .other_actor_to(CITY)
            }

            // The firm reads nothing of a match before it received notice.
            Self::MatchFound | Self::MatchWeighed | Self::MatchLinked | Self::MatchReopened => {
                const KEYS: &[&str] = &[
                    "organization",
                    "notified",
                    "award",
                    "relation",
                    "band",
                    "status",
                    "coveredBy",
                    "coveredAgreement",
                    "coverage",
                    "reason",
                ];
                Rule::new(STAFF, &[(STAFF, KEYS)]).other_actor_to(STAFF)
            }
            // The firm reads these after it received notice: see `reading_organization`.
            Self::MatchCovered | Self::MatchUncovered => {
                const KEYS: &[&str] = &[
                    "organization",
                    "award",
                    "status",
                    "coveredBy",
                    "coveredAgreement",
                    "coverage",
                ];
                Rule::new(
                    FIRM_AND_STAFF,
                    &[(FIRM_AND_STAFF, KEYS), (STAFF, &["notified", "relation", "band"])],
                )
            }
            Self::MatchDismissed => {
                const OF_MATCHER: &[&str] = &[
                    "notified",
                    "award",
                    "relation",
                    "band",
                    "coveredBy",
                    "coveredAgreement",
                    "coverage",
                ];
                Rule::new(
                    FIRM_AND_STAFF,
                    &[(FIRM_AND_STAFF, &["organization", "status", "reason"]), (STAFF, OF_MATCHER)],
                )
                .other_actor_to(STAFF)
            }
            Self::MatchConfirmed => {
                const KEYS: &[&str] =
                    &["organization", "status", "notice", "respondBy", "appealBy"];
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, KEYS)]).other_actor_to(STAFF)
            }
            Self::MatchAnswered => {
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, &["organization", "answer"])])
            }
            Self::MatchUpheld => {
                const KEYS: &[&str] = &["organization", "status", "notice"];
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, KEYS)]).other_actor_to(STAFF)
            }
            Self::MatchAppealed => {
                const KEYS: &[&str] = &["organization", "appeal", "statement"];
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, KEYS)])
            }
            Self::MatchAppealDecided => {
                const KEYS: &[&str] =
                    &["organization", "appeal", "outcome", "explanation", "status"];
                Rule::new(FIRM_AND_STAFF, &[(FIRM_AND_STAFF, KEYS)]).other_actor_to(STAFF)
            }

            Self::WaiverRequested => {
                const KEYS: &[&str] = &[
                    "rule",
                    "department",
                    "organization",
                    "contractNumber",
                    "authority",
                    "expiresOn",
                ];
                Rule::new(CITY, &[(CITY, KEYS)]).other_actor_to(CITY)
            }
            Self::WaiverApproved | Self::ExemptionApproved => {
                Rule::new(CITY, &[]).other_actor_to(CITY)
            }
            Self::WaiverRevoked | Self::ExemptionDeclined => {
                Rule::new(CITY, &[(CITY, &["reason"])]).other_actor_to(CITY)
            }
            Self::WaiverAttached | Self::ExemptionAttached => {
                Rule::new(CITY, &[(CITY, &["contract"])]).other_actor_to(CITY)
            }
            Self::ExemptionClaimed => {
                const KEYS: &[&str] = &[
                    "kind",
                    "department",
                    "organization",
                    "contractNumber",
                    "reason",
                    "authority",
                ];
                Rule::new(CITY, &[(CITY, KEYS)]).other_actor_to(CITY)
            }

            // The actor who requested the decision is in the entry of the decision's subject.
            Self::DecisionMade => {
                const KEYS: &[&str] = &[
                    "organization",
                    "decision",
                    "outcome",
                    "policyVersion",
                    "factsSha256",
                    "decisionSha256",
                ];
                Rule::new(PARTIES, &[(PARTIES, KEYS)])
            }

            // Drafts are visible to the department and the staff; published solicitations to everyone.
            Self::SolicitationDrafted => {
                const KEYS: &[&str] =
                    &["department", "number", "title", "method", "publicWorks", "dueAt"];
                Rule::new(CITY, &[(CITY, KEYS)]).other_actor_to(OFFICER)
            }
            Self::SolicitationAmended => {
                Rule::new(CITY, &[(CITY, &["title", "dueAt"])]).other_actor_to(OFFICER)
            }
            Self::SolicitationPublished => {
                Rule::new(ANYONE, &[(ANYONE, &["policyVersion", "dueAt"])]).other_actor_to(OFFICER)
            }
            Self::SolicitationAddendumIssued => {
                const KEYS: &[&str] = &["number", "text", "dueAt", "previousDueAt"];
                Rule::new(ANYONE, &[(ANYONE, KEYS)]).other_actor_to(OFFICER)
            }
            Self::SolicitationCanceled => {
                Rule::new(ANYONE, &[(ANYONE, &["reason"])]).other_actor_to(OFFICER)
            }

            Self::BidSubmitted => {
                const KEYS: &[&str] = &[
                    "solicitation",
                    "organization",
                    "status",
                    "amount",
                    "disclosure",
                    "decision",
                    "replaces",
                ];
                Rule::new(PARTIES, &[(PARTIES, KEYS)])
            }
            Self::BidWithdrawn => Rule::new(PARTIES, &[(PARTIES, &["replacedBy"])]),
            Self::BidRedecided => {
                Rule::new(PARTIES, &[(PARTIES, &["status", "disclosure", "decision", "before"])])
            }
            Self::BidAwarded => {
                Rule::new(PARTIES, &[(PARTIES, &["contract"])]).other_actor_to(OFFICER)
            }
            Self::BidClosed => {
                Rule::new(PARTIES, &[(PARTIES, &["reason"])]).other_actor_to(OFFICER)
            }

            Self::ContractRecorded => {
                const KEYS: &[&str] = &[
                    "department",
                    "number",
                    "organization",
                    "value",
                    "signedOn",
                    "basis",
                    "clauseVersion",
                    "recordedFrom",
                ];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(OFFICER)
            }
            Self::ContractAwarded => {
                const KEYS: &[&str] = &[
                    "department",
                    "number",
                    "organization",
                    "value",
                    "signedOn",
                    "basis",
                    "bid",
                    "decision",
                    "disclosure",
                    "clauseVersion",
                ];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(OFFICER)
            }
            Self::ContractClauseInserted => {
                const KEYS: &[&str] = &["organization", "version", "insertedOn"];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(OFFICER)
            }
            // After an assignment, `before` names the previous holder.
            Self::ContractModified => {
                const KEYS: &[&str] =
                    &["renewal", "action", "organization", "endDate", "value", "optionsLeft"];
                Rule::new(PARTIES, &[(PARTIES, KEYS), (CITY, &["before"])]).other_actor_to(OFFICER)
            }
            Self::AwardNotAdmitted => {
                const KEYS: &[&str] =
                    &["department", "number", "organization", "outcome", "decision"];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(OFFICER)
            }
            Self::RenewalProposed => {
                const KEYS: &[&str] =
                    &["contract", "action", "organization", "startDate", "endDate", "value"];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(CITY)
            }
            Self::RenewalSuperseded => {
                Rule::new(PARTIES, &[(PARTIES, &["organization"])]).other_actor_to(CITY)
            }
            Self::RenewalExecuted => {
                const KEYS: &[&str] = &["organization", "basis", "decision", "disclosure"];
                Rule::new(PARTIES, &[(PARTIES, KEYS)]).other_actor_to(CITY)
            }
        }
    }
}
