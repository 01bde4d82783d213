//! One item of the review queue for a contract vehicle and its orders, what a firm's desk says of held
//! bids, notices and filings, and what has become of a bid since it was decided.
use sea_orm_migration::prelude::*;

use crate::{engine, m20261128_000016_desks as desks, m20261128_000018_relief as relief};

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &[&str] = &[
    "DROP VIEW waiting_item",
    "DROP VIEW review_item",
    "CREATE INDEX federal_award_by_parent ON federal_award (parent_award_id)
        WHERE kind = 'ORDER' AND parent_award_id IS NOT NULL",
    // The matches of vehicles of which an order counts for the same firm: decisions list the order alone.
    // A key names a vehicle by number and agency, and an order's key ends with them; keys of another form
    // are compared by the number alone.
    "CREATE VIEW vehicle_with_order AS
        SELECT vehicle_match.id AS match_id, order_match.id AS order_match_id
        FROM award_match vehicle_match
            JOIN federal_award vehicle ON vehicle.id = vehicle_match.award_id
            JOIN federal_award ordered ON ordered.parent_award_id = vehicle.award_id
            JOIN organization_group holder
                ON holder.organization_id = vehicle_match.organization_id
            JOIN organization_group peer ON peer.survivor_id = holder.survivor_id
            JOIN award_match order_match ON order_match.award_id = ordered.id
                AND order_match.organization_id = peer.organization_id
        WHERE vehicle.kind = 'VEHICLE' AND ordered.kind = 'ORDER'
            AND (substr(vehicle.key, 1, 9) <> 'CONT_IDV_' OR substr(ordered.key, 1, 9) <> 'CONT_AWD_'
                OR substr(ordered.key, length(ordered.key) - length(vehicle.key) + 9)
                    = '_' || substr(vehicle.key, 10))
            AND order_match.status <> 'DISMISSED'
            AND (order_match.band <> 'POSSIBLE' OR order_match.confirmed_at IS NOT NULL)",
    WAITING_ITEM,
    // A refused bid is not decided again when its due time moves, and no bid is when it ends.
    "CREATE VIEW bid_standing AS
        SELECT bid.id AS bid_id, solicitation.due_at,
            CASE WHEN bid.status = 'WITHDRAWN' THEN 'WITHDRAWN'
                WHEN solicitation.status = 'CANCELED' THEN 'CANCELED' END AS ended,
            (SELECT COUNT(*) FROM review JOIN appeal ON appeal.review_id = review.id
                WHERE review.disclosure_id = bid.disclosure_id AND review.reopened_at IS NULL)
                AS appeals
        FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id",
];

const DOWN: &[&str] = &[
    "DROP VIEW bid_standing",
    "DROP VIEW waiting_item",
    "DROP VIEW review_item",
    "DROP VIEW vehicle_with_order",
    "DROP INDEX federal_award_by_parent",
    desks::WAITING_ITEM,
];

/// Returns the statement that creates `review_item`: as before, without the open match of a vehicle of
/// which an order counts.
pub fn review_item() -> Result<String, DbErr> {
    let open = "(award_match.status = 'OPEN' AND award_match.band <> 'POSSIBLE')";
    let alone = "(award_match.status = 'OPEN' AND award_match.band <> 'POSSIBLE'
        AND NOT EXISTS (SELECT 1 FROM vehicle_with_order
            WHERE vehicle_with_order.match_id = award_match.id))";
    let before = relief::review_item();
    if before.matches(open).count() != 1 {
        return Err(DbErr::Migration("review_item has no open matches".to_owned()));
    }
    Ok(before.replace(open, alone))
}

/// What waits for a firm's people. `due_at` or `due_on` (a local day) is set; for a filing, `due_at` is
/// when it was filed, and `code` its review. A match and a rejection have the time until which the firm may
/// appeal, if it has not; a match that a reviewer or an appeal upheld has the code `UPHELD`. A held bid has
/// its decision.
pub const WAITING_ITEM: &str = "CREATE VIEW waiting_item AS
    SELECT clarification.id, 'QUESTION' AS kind, disclosure.organization_id,
        clarification.due_at, CAST(NULL AS {date}) AS due_on, CAST(NULL AS {date}) AS ends_on,
        CAST(NULL AS {time}) AS appeal_by, CAST(NULL AS text) AS label, CAST(NULL AS text) AS code,
        clarification.disclosure_id, clarification.id AS clarification_id,
        CAST(NULL AS {uuid}) AS match_id, CAST(NULL AS {uuid}) AS bid_id,
        CAST(NULL AS {uuid}) AS decision_id, CAST(NULL AS {uuid}) AS contract_id
    FROM clarification JOIN disclosure ON disclosure.id = clarification.disclosure_id
    WHERE clarification.status = 'OPEN'
    UNION ALL
    SELECT award_match.id, 'MATCH', award_match.organization_id, award_match.respond_by,
        CAST(NULL AS {date}), CAST(NULL AS {date}),
        CASE WHEN match_appeal.id IS NULL THEN award_match.appeal_by END, federal_award.award_id,
        CASE WHEN award_match.considered_at IS NOT NULL OR match_appeal.id IS NOT NULL
            THEN 'UPHELD' END,
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), award_match.id, CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid})
    FROM award_match JOIN federal_award ON federal_award.id = award_match.award_id
        LEFT JOIN match_appeal ON match_appeal.match_id = award_match.id
            AND match_appeal.filed_at >= award_match.confirmed_at
    WHERE award_match.status = 'CONFIRMED'
        AND (match_appeal.outcome = 'UPHELD' OR (match_appeal.id IS NULL
            AND (award_match.answered_at IS NULL OR award_match.considered_at IS NOT NULL)))
    UNION ALL
    SELECT bid.id, CASE WHEN bid.cure_by IS NULL THEN 'BID_UNDER_REVIEW' ELSE 'BID_TO_CURE' END,
        bid.organization_id, COALESCE(bid.cure_by, solicitation.due_at), CAST(NULL AS {date}),
        CAST(NULL AS {date}), CAST(NULL AS {time}), solicitation.number, CAST(NULL AS text),
        bid.disclosure_id, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), bid.id, bid.decision_id,
        CAST(NULL AS {uuid})
    FROM bid JOIN solicitation ON solicitation.id = bid.solicitation_id
    WHERE bid.status = 'HELD'
    UNION ALL
    SELECT contract.id, 'CONTRACT_ENDING', contract.organization_id, CAST(NULL AS {time}),
        contract.end_date, contract.end_date, CAST(NULL AS {time}), contract.number,
        contract.readiness, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), contract.id
    FROM contract
    UNION ALL
    SELECT contract.id, 'CONTRACT_NONCOMPLIANT', contract.organization_id, CAST(NULL AS {time}),
        contract.noncompliant_since, contract.end_date, CAST(NULL AS {time}), contract.number,
        contract.noncompliance_code, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), contract.id
    FROM contract WHERE contract.noncompliant_since IS NOT NULL
    UNION ALL
    SELECT disclosure.id, 'FILING_STALE', disclosure.organization_id, filing.filed_at,
        CAST(NULL AS {date}), CAST(NULL AS {date}), CAST(NULL AS {time}), CAST(NULL AS text),
        disclosure.review, disclosure.id, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid})
    FROM disclosure JOIN filing ON filing.id = disclosure.id
    WHERE disclosure.status = 'FILED'
    UNION ALL
    SELECT disclosure.id, 'DISCLOSURE_REJECTED', disclosure.organization_id,
        COALESCE(review.appeal_by, review.decided_at), CAST(NULL AS {date}), CAST(NULL AS {date}),
        CASE WHEN appeal.id IS NULL THEN review.appeal_by END, CAST(NULL AS text),
        CAST(NULL AS text), disclosure.id, CAST(NULL AS {uuid}), CAST(NULL AS {uuid}),
        CAST(NULL AS {uuid}), CAST(NULL AS {uuid}), CAST(NULL AS {uuid})
    FROM disclosure
        JOIN review ON review.disclosure_id = disclosure.id AND review.reopened_at IS NULL
        LEFT JOIN appeal ON appeal.review_id = review.id
    WHERE disclosure.status = 'FILED' AND disclosure.review = 'REJECTED'
        AND (appeal.id IS NULL OR appeal.outcome = 'UPHELD')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// All or nothing on SQLite too, where the default is no transaction.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, UP).await?;
        engine::run(manager, &[&review_item()?]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        engine::run(manager, DOWN).await?;
        engine::run(manager, &[&relief::review_item()]).await
    }
}
