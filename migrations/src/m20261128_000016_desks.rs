//! The desks: people's names, every matter of the review queue once, what waits for contract officers
//! and for a firm's own people.
use sea_orm_migration::prelude::*;

use crate::engine;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The live bids that rest on a disclosure. `awaits_verdict` is TRUE if a verdict on the disclosure can free a
/// held bid.
pub const RESTING_BID: &str = "CREATE VIEW resting_bid AS
    SELECT bid.id, bid.disclosure_id,
        CASE WHEN solicitation.sealed THEN solicitation.due_at
            ELSE solicitation.created_at END AS opens_at,
        (bid.status = 'HELD' AND EXISTS (SELECT 1 FROM decision_finding
            WHERE decision_finding.decision_id = bid.decision_id
                AND decision_finding.severity = 'REVIEW'
                AND decision_finding.code IN ('disclosure.partly_withheld',
                    'clarification.open', 'clarification.overdue'))) AS awaits_verdict
    FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
    WHERE bid.status IN ('ADMITTED', 'HELD', 'AWARDED') AND bid.disclosure_id IS NOT NULL";

const UP: &[&str] = &[
    // `principal` is `<issuer> <subject>`. Outside the ledger, so that a name can be deleted.
    "CREATE TABLE person (
        principal text PRIMARY KEY,
        name text NOT NULL CHECK (name <> ''),
        updated_at {time} NOT NULL)",
    // The end of the time for the disclosure that an exemption put off, by the policy at its claim.
    "ALTER TABLE exemption ADD COLUMN follow_up_by {time}",
    "CREATE INDEX exemption_by_follow_up ON exemption (follow_up_by, id)
        WHERE follow_up_by IS NOT NULL",
    "CREATE INDEX organization_identifier_verified ON organization_identifier (scheme, value)
        WHERE state = 'VERIFIED'",
    "CREATE INDEX contract_by_record ON contract (organization_id, recorded_at, id)",
    "CREATE INDEX award_match_to_answer ON award_match (organization_id, respond_by, id)
        WHERE status = 'CONFIRMED' AND answered_at IS NULL",
    RESTING_BID,
    // The bids and contracts with a party whose given identifier the City has since verified as another
    // organization's, however the party was resolved; a person's choice counts if it came later.
    "CREATE VIEW contradicted_party AS
        SELECT contradicted.owner_id, MIN(contradicted.verified_at) AS verified_at,
            MIN(contradicted.name || ', ' || contradicted.scheme || ' ' || contradicted.value)
                AS detail
        FROM (
            SELECT bid_subcontractor.bid_id AS owner_id, bid_subcontractor.resolved_to, bid_subcontractor.name,
                bid_subcontractor.scheme, bid_subcontractor.value,
                identifier.organization_id AS bearer_id, identifier.verified_at
            FROM organization_identifier identifier JOIN bid_subcontractor
                ON bid_subcontractor.scheme = identifier.scheme
                    AND bid_subcontractor.value = identifier.value
            WHERE identifier.state = 'VERIFIED' AND (bid_subcontractor.resolved_by <> 'CHOSEN'
                OR identifier.verified_at > bid_subcontractor.resolved_at)
            UNION ALL
            SELECT bid_member.bid_id, bid_member.resolved_to, bid_member.name,
                bid_member.scheme, bid_member.value,
                identifier.organization_id, identifier.verified_at
            FROM organization_identifier identifier JOIN bid_member
                ON bid_member.scheme = identifier.scheme AND bid_member.value = identifier.value
            WHERE identifier.state = 'VERIFIED' AND (bid_member.resolved_by <> 'CHOSEN'
                OR identifier.verified_at > bid_member.resolved_at)
            UNION ALL
            SELECT contract_subcontractor.contract_id, contract_subcontractor.resolved_to, contract_subcontractor.name,
                contract_subcontractor.scheme, contract_subcontractor.value,
                identifier.organization_id, identifier.verified_at
            FROM organization_identifier identifier JOIN contract_subcontractor
                ON contract_subcontractor.scheme = identifier.scheme
                    AND contract_subcontractor.value = identifier.value
            WHERE identifier.state = 'VERIFIED' AND (contract_subcontractor.resolved_by <> 'CHOSEN'
                OR identifier.verified_at > contract_subcontractor.resolved_at)
            UNION ALL
            SELECT contract_member.contract_id, contract_member.resolved_to, contract_member.name,
                contract_member.scheme, contract_member.value,
                identifier.organization_id, identifier.verified_at
            FROM organization_identifier identifier JOIN contract_member
                ON contract_member.scheme = identifier.scheme
                    AND contract_member.value = identifier.value
            WHERE identifier.state = 'VERIFIED' AND (contract_member.resolved_by <> 'CHOSEN'
                OR identifier.verified_at > contract_member.resolved_at)
        ) contradicted
        WHERE contradicted.resolved_to <> contradicted.bearer_id
            AND NOT EXISTS (SELECT 1 FROM organization
                WHERE organization.id = contradicted.resolved_to
                    AND organization.merged_into = contradicted.bearer_id)
        GROUP BY contradicted.owner_id",
    "DROP VIEW review_item",
];

/// The columns of the view `review_item`, each with the value of an item that has none.
pub const REVIEW_COLUMNS: &[(&str, &str)] = &[
    ("id", NO_ID),
    ("kind", NO_TEXT),
    ("bid_id", NO_ID),
    ("disclosure_id", NO_ID),
    ("clarification_id", NO_ID),
    ("appeal_id", NO_ID),
    ("match_id", NO_ID),
    ("dispute_id", NO_ID),
    ("waiver_id", NO_ID),
    ("exemption_id", NO_ID),
    ("contract_id", NO_ID),
    ("renewal_id", NO_ID),
    ("proposal_id", NO_ID),
    ("organization_id", NO_ID),
    ("other_id", NO_ID),
    ("department_id", NO_ID),
    ("detail", NO_TEXT),
    ("due_at", NEVER),
    ("cure_deadline", NEVER),
    ("opens_at", ALWAYS),
    ("closes_at", NEVER),
    ("ends_on", "CAST(NULL AS {date})"),
    ("question_due_at", NEVER),
    ("reviewer", NO_TEXT),
];

const NO_ID: &str = "CAST(NULL AS {uuid})";
const NO_TEXT: &str = "CAST(NULL AS text)";
/// Before every deadline.
const ALWAYS: &str = "CAST('1970-01-01T00:00:00+00:00' AS {time})";
/// After every deadline; sorts last.
pub const NEVER: &str = "CAST('9999-12-31T00:00:00+00:00' AS {time})";

const SEALED_UNTIL: &str = "CASE WHEN solicitation.sealed THEN solicitation.due_at
    ELSE solicitation.created_at END";
/// Whether the firm has filed since an exemption was claimed. Before the award, an exemption that
/// names a contract's number names no firm.
const NOT_FOLLOWED: &str = "NOT EXISTS (SELECT 1 FROM filing_history followed
        JOIN disclosure ON disclosure.id = followed.id
    WHERE followed.organization_id = COALESCE(exemption.organization_id, contract.organization_id)
        AND followed.filed_at >= exemption.claimed_at AND disclosure.status <> 'WITHDRAWN')";

/// Returns the statement that creates `review_item`. An item is in the queue from `opens_at` (once
/// that has settled) until `closes_at`, and until the day `ends_on`.
#[expect(clippy::too_many_lines, reason = "one SELECT for each kind of item")]
pub fn review_item() -> String {
    let exemption = |kind: &str, from: &str, until: &str, is_overdue: &str| {
        arm(
            &[
                ("id", "exemption.id"),
                ("kind", kind),
                ("exemption_id", "exemption.id"),
                ("contract_id", "exemption.contract_id"),
                (
                    "organization_id",
                    "COALESCE(exemption.organization_id, contract.organization_id)",
                ),
                ("department_id", "exemption.department_id"),
                ("due_at", "exemption.follow_up_by"),
                ("opens_at", from),
                ("closes_at", until),
            ],
            &format!(
                "exemption LEFT JOIN contract ON contract.id = exemption.contract_id
                WHERE exemption.follow_up_by IS NOT NULL AND {NOT_FOLLOWED}{is_overdue}"
            ),
        )
    };
    let arms = [
        // With the question about its disclosure that is open, or answered and not decided.
        arm(
            &[
                ("id", "bid.id"),
                ("kind", "'BID_HELD'"),
                ("bid_id", "bid.id"),
                ("disclosure_id", "bid.disclosure_id"),
                ("clarification_id", "clarification.id"),
                ("department_id", "solicitation.department_id"),
                ("due_at", "COALESCE(bid.cure_by, solicitation.due_at)"),
                ("cure_deadline", format!("COALESCE(bid.cure_by, {NEVER})").as_str()),
                ("opens_at", SEALED_UNTIL),
                (
                    "question_due_at",
                    format!(
                        "CASE clarification.status WHEN 'OPEN' THEN clarification.due_at
                        ELSE {NEVER} END"
                    )
                    .as_str(),
                ),
                ("reviewer", "disclosure.reviewer"),
            ],
            "bid JOIN solicitation ON solicitation.id = bid.solicitation_id
                LEFT JOIN disclosure ON disclosure.id = bid.disclosure_id
                LEFT JOIN clarification ON clarification.disclosure_id = bid.disclosure_id
                    AND (clarification.status = 'OPEN' OR (clarification.status = 'ANSWERED'
                        AND disclosure.review = 'UNREVIEWED' AND disclosure.status = 'FILED'))
                    AND NOT EXISTS (SELECT 1 FROM clarification later
                        WHERE later.disclosure_id = clarification.disclosure_id
                            AND (later.asked_at, later.id)
                                > (clarification.asked_at, clarification.id))
            WHERE bid.status = 'HELD'",
        ),
        // The last question only: one that was asked again has left the queue.
        arm(
            &[
                ("id", "clarification.id"),
                (
                    "kind",
                    "CASE clarification.status WHEN 'OPEN' THEN 'QUESTION_OVERDUE'
                    ELSE 'ANSWER_RECEIVED' END",
                ),
                ("disclosure_id", "clarification.disclosure_id"),
                ("clarification_id", "clarification.id"),
                (
                    "due_at",
                    "CASE clarification.status WHEN 'OPEN' THEN clarification.due_at
                    ELSE clarification.answered_at END",
                ),
                (
                    "opens_at",
                    format!(
                        "CASE clarification.status WHEN 'OPEN'
                    THEN clarification.due_at ELSE {ALWAYS} END"
                    )
                    .as_str(),
                ),
                ("reviewer", "disclosure.reviewer"),
            ],
            "clarification JOIN disclosure ON disclosure.id = clarification.disclosure_id
            WHERE clarification.status = 'OPEN' OR (clarification.status = 'ANSWERED'
                AND disclosure.review = 'UNREVIEWED' AND disclosure.status = 'FILED'
                AND NOT EXISTS (SELECT 1 FROM clarification later
                    WHERE later.disclosure_id = clarification.disclosure_id
                        AND (later.asked_at, later.id)
                            > (clarification.asked_at, clarification.id)))",
        ),
        arm(
            &[
                ("id", "appeal.id"),
                ("kind", "'APPEAL'"),
                ("disclosure_id", "appeal.disclosure_id"),
                ("appeal_id", "appeal.id"),
                ("due_at", "appeal.filed_at"),
                ("reviewer", "disclosure.reviewer"),
            ],
            "appeal JOIN disclosure ON disclosure.id = appeal.disclosure_id
            WHERE appeal.outcome IS NULL AND disclosure.status <> 'WITHDRAWN'",
        ),
        // A match whose confirmation is under appeal is an item of the appeal only.
        arm(
            &[
                ("id", "award_match.id"),
                (
                    "kind",
                    "CASE WHEN award_match.status = 'OPEN' THEN 'MATCH_FOUND'
                    ELSE 'MATCH_ANSWERED' END",
                ),
                ("match_id", "award_match.id"),
                (
                    "due_at",
                    "CASE WHEN award_match.status = 'OPEN' THEN award_match.found_at
                    ELSE award_match.answered_at END",
                ),
            ],
            "award_match
            WHERE (award_match.status = 'OPEN' AND award_match.band <> 'POSSIBLE')
                OR (award_match.status = 'CONFIRMED' AND award_match.answered_at IS NOT NULL
                    AND award_match.considered_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM match_appeal
                        WHERE match_appeal.match_id = award_match.id
                            AND match_appeal.filed_at >= award_match.confirmed_at))",
        ),
        arm(
            &[
                ("id", "match_appeal.id"),
                ("kind", "'MATCH_APPEAL'"),
                ("match_id", "match_appeal.match_id"),
                ("due_at", "match_appeal.filed_at"),
            ],
            "match_appeal WHERE match_appeal.outcome IS NULL",
        ),
        arm(
            &[
                ("id", "identifier_dispute.id"),
                ("kind", "'IDENTIFIER_DISPUTED'"),
                ("dispute_id", "identifier_dispute.id"),
                ("due_at", "identifier_dispute.opened_at"),
            ],
            "identifier_dispute WHERE identifier_dispute.decided_at IS NULL",
        ),
        arm(
            &[
                ("id", "waiver.id"),
                ("kind", "'WAIVER_REQUESTED'"),
                ("waiver_id", "waiver.id"),
                ("contract_id", "waiver.contract_id"),
                ("organization_id", "waiver.organization_id"),
                ("department_id", "waiver.department_id"),
                ("due_at", "waiver.requested_at"),
                ("closes_at", "waiver.expires_at"),
            ],
            "waiver WHERE waiver.status = 'REQUESTED'",
        ),
        exemption("'EXEMPTION_CLAIMED'", ALWAYS, "exemption.follow_up_by", ""),
        // A contract whose holder has a filing lacks none, unless that filing does not count. A federal
        // award that contradicts it is another matter.
        exemption(
            "'FOLLOW_UP_OVERDUE'",
            "exemption.follow_up_by",
            NEVER,
            " AND NOT (contract.id IS NOT NULL AND (contract.noncompliant_since IS NULL
                    OR contract.noncompliance_code LIKE 'award.%')
                AND EXISTS (SELECT 1 FROM filing_history latest
                    JOIN disclosure ON disclosure.id = latest.id
                    WHERE latest.organization_id = contract.organization_id
                        AND disclosure.status = 'FILED'))",
        ),
        arm(
            &[
                // Not the bid's: the bid may be another item of the same page.
                ("id", "bid.decision_id"),
                ("kind", "'PARTY_IDENTIFIER_VERIFIED'"),
                ("bid_id", "bid.id"),
                ("department_id", "solicitation.department_id"),
                ("detail", "contradicted_party.detail"),
                ("due_at", "contradicted_party.verified_at"),
                ("opens_at", SEALED_UNTIL),
            ],
            "contradicted_party JOIN bid ON bid.id = contradicted_party.owner_id
                JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE bid.status IN ('ADMITTED', 'HELD')",
        ),
        arm(
            &[
                ("id", "contract.id"),
                ("kind", "'PARTY_IDENTIFIER_VERIFIED'"),
                ("contract_id", "contract.id"),
                ("organization_id", "contract.organization_id"),
                ("department_id", "contract.department_id"),
                ("detail", "contradicted_party.detail"),
                ("due_at", "contradicted_party.verified_at"),
                ("ends_on", "contract.end_date"),
            ],
            "contradicted_party JOIN contract ON contract.id = contradicted_party.owner_id",
        ),
        arm(
            &[
                ("id", "merge_proposal.id"),
                ("kind", "'MERGE_PROPOSED'"),
                ("proposal_id", "merge_proposal.id"),
                ("organization_id", "merge_proposal.organization_id"),
                ("other_id", "merge_proposal.other_id"),
                ("detail", "merge_proposal.grounds"),
                ("due_at", "merge_proposal.proposed_at"),
            ],
            "merge_proposal WHERE merge_proposal.outcome IS NULL",
        ),
        // Without those whose answered question is an item of its own.
        arm(
            &[
                ("id", "disclosure.id"),
                ("kind", "'FILING_UNREVIEWED'"),
                ("disclosure_id", "disclosure.id"),
                ("organization_id", "disclosure.organization_id"),
                ("due_at", "filing.filed_at"),
                ("reviewer", "disclosure.reviewer"),
            ],
            "disclosure JOIN filing ON filing.id = disclosure.id
            WHERE disclosure.review = 'UNREVIEWED' AND disclosure.status = 'FILED'
                AND NOT EXISTS (SELECT 1 FROM clarification
                    WHERE clarification.disclosure_id = disclosure.id
                        AND clarification.status = 'ANSWERED')",
        ),
        arm(
            &[
                ("id", "bid.id"),
                ("kind", "'BID_FREED'"),
                ("bid_id", "bid.id"),
                ("disclosure_id", "bid.disclosure_id"),
                ("department_id", "solicitation.department_id"),
                ("due_at", "bid.decided_at"),
                // Nothing can be awarded before bids are due.
                ("opens_at", "solicitation.due_at"),
            ],
            "bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            WHERE bid.status = 'ADMITTED'
                AND EXISTS (SELECT 1 FROM decision
                    WHERE decision.subject_id = bid.id AND decision.outcome = 'REVIEW')
                AND NOT EXISTS (SELECT 1 FROM bid winner
                    WHERE winner.solicitation_id = bid.solicitation_id
                        AND winner.status = 'AWARDED')",
        ),
        arm(
            &[
                ("id", "renewal.id"),
                ("kind", "'RENEWAL_WAITING'"),
                ("contract_id", "renewal.contract_id"),
                ("renewal_id", "renewal.id"),
                ("organization_id", "renewal.organization_id"),
                ("department_id", "contract.department_id"),
                ("due_at", "renewal.proposed_at"),
            ],
            "renewal JOIN contract ON contract.id = renewal.contract_id
            WHERE renewal.status = 'PROPOSED'",
        ),
    ];
    format!("CREATE VIEW review_item AS {}", arms.join(" UNION ALL "))
}

/// Returns one SELECT of `review_item`: the given columns, and the defaults of the others.
pub fn arm(given: &[(&str, &str)], from: &str) -> String {
    let columns = REVIEW_COLUMNS.iter().map(|(name, default)| {
        let value = given.iter().find(|(it, _)| it == name).map_or(*default, |(_, value)| *value);
        format!("{value} AS {name}")
    });
    format!("SELECT {} FROM {from}", columns.collect::<Vec<_>>().join(", "))
}

/// What waits for a firm's people. `due_at` or `due_on` (a local day) is set; for a filing, `due_at` is
/// when it was filed.
pub const WAITING_ITEM: &str = "CREATE VIEW waiting_item AS
    SELECT clarification.id, 'QUESTION' AS kind, disclosure.organization_id,
        clarification.due_at, CAST(NULL AS {date}) AS due_on, CAST(NULL AS {date}) AS ends_on,
        CAST(NULL AS text) AS label, CAST(NULL AS text) AS code,
        clarification.disclosure_id, clarification.id AS clarification_id,
        CAST(NULL AS {uuid}) AS match_id, CAST(NULL AS {uuid}) AS bid_id,
        CAST(NULL AS {uuid}) AS contract_id
    FROM clarification JOIN disclosure ON disclosure.id = clarification.disclosure_id
    WHERE clarification.status = 'OPEN'
    UNION ALL
    SELECT award_match.id, 'MATCH', award_match.organization_id, award_match.respond_by,
        CAST(NULL AS {date}), CAST(NULL AS {date}), federal_award.award_id, CAST(NULL AS text),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), award_match.id, CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid})
    FROM award_match JOIN federal_award ON federal_award.id = award_match.award_id
    WHERE award_match.status = 'CONFIRMED' AND award_match.answered_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM match_appeal WHERE match_appeal.match_id = award_match.id
            AND match_appeal.filed_at >= award_match.confirmed_at)
    UNION ALL
    SELECT bid.id, CASE WHEN bid.cure_by IS NULL THEN 'BID_UNDER_REVIEW' ELSE 'BID_TO_CURE' END,
        bid.organization_id, COALESCE(bid.cure_by, solicitation.due_at), CAST(NULL AS {date}),
        CAST(NULL AS {date}), solicitation.number, CAST(NULL AS text), bid.disclosure_id,
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), bid.id, CAST(NULL AS {uuid})
    FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
    WHERE bid.status = 'HELD'
    UNION ALL
    SELECT contract.id, 'CONTRACT_ENDING', contract.organization_id, CAST(NULL AS {time}),
        contract.end_date, contract.end_date, contract.number, contract.readiness,
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        contract.id
    FROM contract
    UNION ALL
    SELECT contract.id, 'CONTRACT_NONCOMPLIANT', contract.organization_id, CAST(NULL AS {time}),
        contract.noncompliant_since, contract.end_date, contract.number,
        contract.noncompliance_code, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), contract.id
    FROM contract WHERE contract.noncompliant_since IS NOT NULL
    UNION ALL
    SELECT disclosure.id, 'FILING_STALE', disclosure.organization_id, filing.filed_at,
        CAST(NULL AS {date}), CAST(NULL AS {date}), CAST(NULL AS text), CAST(NULL AS text),
        disclosure.id, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid})
    FROM disclosure JOIN filing ON filing.id = disclosure.id
    WHERE disclosure.status = 'FILED'";

const DOWN: &[&str] = &[
    "DROP VIEW waiting_item",
    "DROP VIEW review_item",
    "DROP VIEW contradicted_party",
    "DROP VIEW resting_bid",
    "DROP INDEX award_match_to_answer",
    "DROP INDEX contract_by_record",
    "DROP INDEX organization_identifier_verified",
    "DROP INDEX exemption_by_follow_up",
    "ALTER TABLE exemption DROP COLUMN follow_up_by",
    "DROP TABLE person",
    // As `m20261126_000011_awards` created it.
    "CREATE VIEW review_item AS
        SELECT bid.id, 'BID_HELD' AS kind, bid.id AS bid_id, bid.disclosure_id,
            CAST(NULL AS {uuid}) AS clarification_id, CAST(NULL AS {uuid}) AS appeal_id,
            CAST(NULL AS {uuid}) AS match_id, CAST(NULL AS {uuid}) AS dispute_id,
            COALESCE(bid.cure_by, solicitation.due_at) AS due_at,
            CASE WHEN solicitation.sealed THEN solicitation.due_at
                ELSE solicitation.created_at END AS opens_at,
            disclosure.reviewer
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
            LEFT JOIN disclosure ON disclosure.id = bid.disclosure_id
        WHERE bid.status = 'HELD'
        UNION ALL
        SELECT clarification.id,
            CASE clarification.status WHEN 'OPEN' THEN 'QUESTION_OVERDUE'
                ELSE 'ANSWER_RECEIVED' END,
            CAST(NULL AS {uuid}), clarification.disclosure_id, clarification.id,
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CASE clarification.status WHEN 'OPEN' THEN clarification.due_at
                ELSE clarification.answered_at END,
            CASE clarification.status WHEN 'OPEN' THEN clarification.due_at
                ELSE CAST('1970-01-01T00:00:00+00:00' AS {time}) END,
            disclosure.reviewer
        FROM clarification JOIN disclosure ON disclosure.id = clarification.disclosure_id
        WHERE clarification.status = 'OPEN'
            OR (clarification.status = 'ANSWERED' AND disclosure.review = 'UNREVIEWED'
                AND disclosure.status = 'FILED' AND NOT EXISTS (SELECT 1 FROM clarification later
                    WHERE later.disclosure_id = clarification.disclosure_id
                        AND later.asked_at > clarification.asked_at))
        UNION ALL
        SELECT appeal.id, 'APPEAL', CAST(NULL AS {uuid}), appeal.disclosure_id,
            CAST(NULL AS {uuid}), appeal.id, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            appeal.filed_at,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), disclosure.reviewer
        FROM appeal JOIN disclosure ON disclosure.id = appeal.disclosure_id
        WHERE appeal.outcome IS NULL AND disclosure.status <> 'WITHDRAWN'
        UNION ALL
        SELECT award_match.id,
            CASE WHEN award_match.status = 'OPEN' THEN 'MATCH_FOUND' ELSE 'MATCH_ANSWERED' END,
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), award_match.id, CAST(NULL AS {uuid}),
            CASE WHEN award_match.status = 'OPEN' THEN award_match.found_at
                ELSE award_match.answered_at END,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), CAST(NULL AS text)
        FROM award_match
        WHERE (award_match.status = 'OPEN' AND award_match.band <> 'POSSIBLE')
            OR (award_match.status = 'CONFIRMED' AND award_match.answered_at IS NOT NULL
                AND award_match.considered_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM match_appeal
                    WHERE match_appeal.match_id = award_match.id
                        AND match_appeal.filed_at >= award_match.confirmed_at))
        UNION ALL
        SELECT match_appeal.id, 'MATCH_APPEAL', CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), match_appeal.match_id,
            CAST(NULL AS {uuid}), match_appeal.filed_at, CAST('1970-01-01T00:00:00+00:00' AS {time}),
            CAST(NULL AS text)
        FROM match_appeal WHERE match_appeal.outcome IS NULL
        UNION ALL
        SELECT identifier_dispute.id, 'IDENTIFIER_DISPUTED', CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
            CAST(NULL AS {uuid}), identifier_dispute.id, identifier_dispute.opened_at,
            CAST('1970-01-01T00:00:00+00:00' AS {time}), CAST(NULL AS text)
        FROM identifier_dispute",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::run(manager, &[&review_item(), WAITING_ITEM]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await
    }
}
