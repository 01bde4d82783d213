//! Queued re-evaluations are processed once, by their lease holder, and never lost.
use std::collections::BTreeSet;
use std::time::Duration;

use candor_schema::clock::Clock;
use candor_schema::contracting::service::{ReevaluationBudget, process_queue, process_queued_by};
use candor_schema::database::Database;
use candor_schema::gate::RuleCode;
use candor_schema::reevaluation::model::{Change, ChangeSource, LiftedRules};
use candor_schema::reevaluation::service::{claim, complete, enqueue, extend_lease};
use candor_tests::{TestApp, stories};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

stories![
    items_of_one_subject_are_merged,
    an_item_is_leased_to_one_worker_and_claimed_again_after_expiry,
    a_request_processes_its_own_items_within_its_budget,
    each_worker_claims_a_different_item
];

const QUEUED: &str = "SELECT COUNT(*) FROM reevaluation";
const HELD: &str = "SELECT COUNT(*) FROM reevaluation WHERE lease_id IS NOT NULL";

async fn queue(db: &Database, subject: Uuid, lifted: &[RuleCode], not_before: DateTime<Utc>) {
    let lifted = LiftedRules(lifted.iter().copied().collect::<BTreeSet<_>>());
    let tx = db.begin().await.expect("a transaction");
    let change = Change {
        source: ChangeSource::Organization,
        subject_id: subject,
        lifted_rules: lifted,
        not_before,
    };
    enqueue(&tx, change).await.expect("an item");
    tx.commit().await.expect("a commit");
}

async fn items_of_one_subject_are_merged(app: TestApp) {
    let (db, now) = (&app.database, app.now());
    let (subject, other) = (Uuid::now_v7(), Uuid::now_v7());
    let deadline = now + TimeDelta::days(3);
    queue(db, subject, &[RuleCode::DisclosureRejected], now).await;
    queue(db, other, &[], now).await;
    queue(db, subject, &[RuleCode::DisclosureMissing], now).await;
    queue(db, subject, &[RuleCode::DisclosureStale], deadline).await;
    let item = claim(db, now, &[], false).await.expect("a claim").expect("an item");
    assert_eq!(item.subject_id, subject);
    let united = [RuleCode::DisclosureRejected, RuleCode::DisclosureMissing];
    assert_eq!(item.lifted_rules.0, united.into_iter().collect(), "the deadline's is not due");
    assert_eq!(app.select_number(QUEUED).await, 3, "it, the other subject's, and the deadline's");
    complete(db, &[item]).await.expect("an end");
    let next = claim(db, now, &[], false).await.expect("a claim").expect("an item");
    assert_eq!(next.subject_id, other);
    complete(db, &[next]).await.expect("an end");
    assert!(claim(db, now, &[], false).await.expect("a claim").is_none());
    let early = deadline - TimeDelta::microseconds(1);
    assert!(claim(db, early, &[], false).await.expect("a claim").is_none());
    let late = claim(db, deadline, &[], false).await.expect("a claim").expect("the deadline's");
    assert_eq!(late.lifted_rules.0, [RuleCode::DisclosureStale].into());
}

async fn an_item_is_leased_to_one_worker_and_claimed_again_after_expiry(app: TestApp) {
    let (db, now) = (&app.database, app.now());
    queue(db, Uuid::now_v7(), &[], now).await;
    let mut dead = claim(db, now, &[], false).await.expect("a claim").expect("an item");
    let within = now + TimeDelta::seconds(60) - TimeDelta::microseconds(1);
    assert!(claim(db, within, &[], false).await.expect("a claim").is_none(), "it is held");
    let over = now + TimeDelta::seconds(60);
    let claimed = claim(db, over, &[], false).await.expect("a claim").expect("its holder is gone");
    assert_eq!(claimed.id, dead.id);
    // The first holder is still running: its lease has expired, and completing has no effect.
    assert!(!extend_lease(db, &mut dead, over).await.expect("a look"));
    complete(db, &[dead]).await.expect("nothing to do");
    assert_eq!(app.select_number(QUEUED).await, 1);
    complete(db, std::slice::from_ref(&claimed)).await.expect("an end");
    assert_eq!(app.select_number(QUEUED).await, 0);
    complete(db, &[claimed]).await.expect("somebody else removed it");
}

async fn a_request_processes_its_own_items_within_its_budget(app: TestApp) {
    let now = app.now();
    // Another request's item, also due.
    queue(&app.database, Uuid::now_v7(), &[], now).await;
    let firm = app.register_firm("Queued Paving").await;
    let subject: candor_schema::organization::model::OrganizationId =
        firm.id.parse().expect("an identifier");
    // Remaining: the other request's item, the deadlines, and what exceeds the budget.
    for (dependents, left, remaining) in [(50, false, 1 + 1), (0, true, 1 + 2 + 1)] {
        let request = app.database.for_request(Clock::new(move || now));
        queue(&request, subject.uuid(), &[], now).await;
        queue(&request, subject.uuid(), &[], now + TimeDelta::days(1)).await;
        assert_eq!(app.select_number(HELD).await, 1, "the request leases the due items");
        let items = request.take_queued();
        assert_eq!(items.len(), 1);
        let budget = ReevaluationBudget { dependents, time: Duration::from_mins(1) };
        let processed = process_queued_by(&request, now, items, budget).await.expect("an end");
        assert_eq!(processed.has_remaining, left);
        assert_eq!(app.select_number(HELD).await, 0);
        assert_eq!(app.select_number(QUEUED).await, remaining);
    }
    // A worker processes the rest, except the future deadlines.
    let processed = process_queue(&app.database, &Clock::new(move || now), false).await;
    assert!(!processed.expect("an end").has_remaining);
    assert_eq!(app.select_number(QUEUED).await, 2);
}

async fn each_worker_claims_a_different_item(app: TestApp) {
    let (db, now) = (&app.database, app.now());
    for _ in 0..12 {
        queue(db, Uuid::now_v7(), &[], now).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = db.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            // A worker that finds the only item locked tries again.
            while claimed.len() < 3 {
                claimed.extend(claim(&db, now, &[], false).await.expect("a claim"));
            }
            claimed
        });
    }
    let claimed = workers.join_all().await.concat();
    let subjects: BTreeSet<_> = claimed.iter().map(|item| item.subject_id).collect();
    assert_eq!((claimed.len(), subjects.len()), (12, 12));
}
