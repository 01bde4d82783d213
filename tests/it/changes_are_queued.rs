//! What a change sets off is processed once, by whoever holds it, and never forgotten.
use std::collections::BTreeSet;
use std::time::Duration;

use candor_schema::clock::Clock;
use candor_schema::contracting::service::{ReevaluationBudget, process_queue, process_queued_by};
use candor_schema::database::Database;
use candor_schema::gate::RuleCode;
use candor_schema::reevaluation::model::{ChangeSource, LiftedRules};
use candor_schema::reevaluation::service::{claim, complete, extend_lease, enqueue};
use candor_tests::{TestApp, stories};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

stories![
    items_of_one_subject_become_one,
    an_item_is_held_by_one_and_taken_over_once_its_lease_is_over,
    a_request_processes_its_own_items_within_its_budget,
    every_worker_takes_another_item
];

const QUEUED: &str = "SELECT COUNT(*) FROM reevaluation";
const HELD: &str = "SELECT COUNT(*) FROM reevaluation WHERE lease_id IS NOT NULL";

async fn queue(db: &Database, subject: Uuid, lifted: &[RuleCode], not_before: DateTime<Utc>) {
    let lifted = LiftedRules(lifted.iter().copied().collect::<BTreeSet<_>>());
    let tx = db.begin().await.expect("a transaction");
    enqueue(&tx, (ChangeSource::Organization, subject), lifted, not_before).await.expect("an item");
    tx.commit().await.expect("a commit");
}

async fn items_of_one_subject_become_one(app: TestApp) {
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

async fn an_item_is_held_by_one_and_taken_over_once_its_lease_is_over(app: TestApp) {
    let (db, now) = (&app.database, app.now());
    queue(db, Uuid::now_v7(), &[], now).await;
    let mut dead = claim(db, now, &[], false).await.expect("a claim").expect("an item");
    let within = now + TimeDelta::seconds(60) - TimeDelta::microseconds(1);
    assert!(claim(db, within, &[], false).await.expect("a claim").is_none(), "it is held");
    let over = now + TimeDelta::seconds(60);
    let taken = claim(db, over, &[], false).await.expect("a claim").expect("its holder is gone");
    assert_eq!(taken.id, dead.id);
    // Its first holder lives after all: it holds nothing any more, and ends without a word.
    assert!(!extend_lease(db, &mut dead, over).await.expect("a look"));
    complete(db, &[dead]).await.expect("nothing to do");
    assert_eq!(app.select_number(QUEUED).await, 1);
    complete(db, std::slice::from_ref(&taken)).await.expect("an end");
    assert_eq!(app.select_number(QUEUED).await, 0);
    complete(db, &[taken]).await.expect("somebody else removed it");
}

async fn a_request_processes_its_own_items_within_its_budget(app: TestApp) {
    let now = app.now();
    // Somebody else's, which is due as well.
    queue(&app.database, Uuid::now_v7(), &[], now).await;
    let firm = app.register_firm("Queued Paving").await;
    let subject: candor_schema::organization::model::OrganizationId =
        firm.id.parse().expect("an identifier");
    // What remains: somebody else's item, the deadlines, and what is above the budget.
    for (dependents, left, remaining) in [(50, false, 1 + 1), (0, true, 1 + 2 + 1)] {
        let request = app.database.for_request(Clock::new(move || now));
        queue(&request, subject.uuid(), &[], now).await;
        queue(&request, subject.uuid(), &[], now + TimeDelta::days(1)).await;
        assert_eq!(app.select_number(HELD).await, 1, "the request holds what is due");
        let items = request.take_queued();
        assert_eq!(items.len(), 1);
        let budget = ReevaluationBudget { dependents, time: Duration::from_mins(1) };
        let processed = process_queued_by(&request, now, items, budget).await.expect("an end");
        assert_eq!(processed.has_remaining, left);
        assert_eq!(app.select_number(HELD).await, 0);
        assert_eq!(app.select_number(QUEUED).await, remaining);
    }
    // A worker does the rest, and leaves the deadlines, which lie ahead.
    let processed = process_queue(&app.database, &Clock::new(move || now), false).await;
    assert!(!processed.expect("an end").has_remaining);
    assert_eq!(app.select_number(QUEUED).await, 2);
}

async fn every_worker_takes_another_item(app: TestApp) {
    let (db, now) = (&app.database, app.now());
    for _ in 0..12 {
        queue(db, Uuid::now_v7(), &[], now).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = db.clone();
        workers.spawn(async move {
            let mut taken = Vec::new();
            // One that finds the only item locked by another looks again.
            while taken.len() < 3 {
                taken.extend(claim(&db, now, &[], false).await.expect("a claim"));
            }
            taken
        });
    }
    let taken = workers.join_all().await.concat();
    let subjects: BTreeSet<_> = taken.iter().map(|item| item.subject_id).collect();
    assert_eq!((taken.len(), subjects.len()), (12, 12));
}
