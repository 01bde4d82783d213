//! What two people do at the same moment: whatever the order, one consistent state is left, and
//! who comes second is told so.
use candor_tests::fixtures::{Firm, no_dealings};
use candor_tests::steps::{
    AMEND_SOLICITATION, CANCEL_SOLICITATION, FILE_DISCLOSURE, REAFFIRM_DISCLOSURE, SAVE_DRAFT, SUBMIT_BID, WITHDRAW_DISCLOSURE, WITHDRAW_BID, bid_input, find_fault_code,
    signatory_attestation, text, format_user_errors,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

stories![
    a_disclosure_is_withdrawn_as_a_bid_is_submitted,
    two_bids_of_one_firm_are_submitted,
    a_solicitation_is_canceled_as_bids_are_submitted,
    a_bid_is_withdrawn_as_its_solicitation_is_canceled,
    an_amendment_is_filed_as_a_bid_is_submitted,
    two_sign_the_same_draft,
    two_save_the_same_draft,
    two_reaffirm,
    two_issue_an_addendum,
    a_subcontractor_withdraws_as_a_bid_names_it,
    two_firms_name_each_other,
];

const DUE: &str = "2026-03-10T22:00:00Z";
/// How often each moment is lived through: an interleaving that happens once in a while happens.
const ROUNDS: usize = 15;

/// Both at once; every other round the second is sent first.
async fn at_once<A, B>(
    round: usize,
    one: impl Future<Output = A>,
    two: impl Future<Output = B>,
) -> (A, B) {
    if round.is_multiple_of(2) {
        return tokio::join!(one, two);
    }
    let (two, one) = tokio::join!(two, one);
    (one, two)
}

/// What came of a request: its payload, or the code of its fault.
#[derive(Debug)]
enum Came {
    Payload(Value),
    Fault(String),
}

impl Came {
    fn of(answer: &Value) -> Self {
        if let Some(code) = find_fault_code(answer) {
            return Self::Fault(code);
        }
        let data = answer["data"].as_object().expect("data");
        Self::Payload(data.values().next().expect("a payload").clone())
    }

    /// Whether it happened; if not, the loser was told why in a way it can understand.
    fn happened(&self, thing: &str, losers: &[&str]) -> bool {
        let lost = match self {
            Self::Payload(payload) if !payload[thing].is_null() => return true,
            Self::Payload(payload) => {
                let errors = format_user_errors(&payload["userErrors"]);
                errors.first().cloned().unwrap_or_else(|| text(&payload["decision"]["outcome"]))
            }
            Self::Fault(code) => code.clone(),
        };
        assert!(losers.contains(&&*lost), "{lost} is none of {losers:?}: {self:?}");
        false
    }
}

async fn tries(app: &TestApp, token: &str, mutation: &str, variables: Value) -> Came {
    Came::of(&app.execute(token, mutation, variables).await)
}

async fn bids(app: &TestApp, firm: &Firm, solicitation: &str, amount: &str) -> Came {
    let input = bid_input(firm, solicitation, amount, &json!([]));
    tries(app, &firm.token, SUBMIT_BID, json!({ "input": input })).await
}

/// The statuses of the firm's attempts at a solicitation, in alphabetical order.
async fn attempts(app: &TestApp, firm: &Firm, solicitation: &str) -> Vec<String> {
    let bids = "query($id: ID!) { solicitation(id: $id) { status
        bids(first: 100, orderBy: { field: STATUS, direction: ASC }) { nodes { status } } } }";
    let seen = app.query(&firm.token, bids, json!({ "id": solicitation })).await;
    let nodes = seen["solicitation"]["bids"]["nodes"].as_array().expect("bids").clone();
    nodes.iter().map(|bid| text(&bid["status"])).collect()
}

async fn status(app: &TestApp, firm: &Firm, disclosure: &Value) -> String {
    let status = "query($id: ID!) { disclosure(id: $id) { status } }";
    let seen = app.query(&firm.token, status, json!({ "id": disclosure["id"] })).await;
    text(&seen["disclosure"]["status"])
}

async fn a_disclosure_is_withdrawn_as_a_bid_is_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let filed = app.file_and_load_disclosure(&firm, no_dealings()).await;
        let reason = json!({ "id": filed["id"], "reason": "A part was wrong." });
        let (bid, withdrawal) = at_once(
            round,
            bids(&app, &firm, &solicitation, "100000"),
            tries(&app, &firm.token, WITHDRAW_DISCLOSURE, reason),
        )
        .await;
        let has_bid = bid.happened("bid", &["BLOCK", "CONFLICT"]);
        let is_withdrawn = withdrawal.happened("disclosure", &["CONFLICT"]);
        assert_ne!(has_bid, is_withdrawn, "round {round}: {bid:?} {withdrawal:?}");
        let stands = status(&app, &firm, &filed).await;
        assert_eq!(stands, if is_withdrawn { "WITHDRAWN" } else { "FILED" }, "round {round}");
        let attempts = attempts(&app, &firm, &solicitation).await;
        assert_eq!(attempts.iter().any(|it| it == "ADMITTED"), has_bid, "{attempts:?}");
    }
    let on_nothing = "SELECT COUNT(*) FROM bid JOIN disclosure ON disclosure.id = bid.disclosure_id
        WHERE bid.status IN ('ADMITTED', 'HELD') AND disclosure.status = 'WITHDRAWN'";
    assert_eq!(app.select_number(on_nothing).await, 0);
    app.assert_verifies().await;
}

async fn two_bids_of_one_firm_are_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let (one, other, third) = tokio::join!(
            bids(&app, &firm, &solicitation, "100000"),
            bids(&app, &firm, &solicitation, "200000"),
            bids(&app, &firm, &solicitation, "300000")
        );
        let happened = [one, other, third].map(|bid| bid.happened("bid", &["CONFLICT"]));
        assert_eq!(happened.iter().filter(|it| **it).count(), 1, "round {round}");
        assert_eq!(attempts(&app, &firm, &solicitation).await, ["ADMITTED"], "round {round}");
    }
    let rounds = i64::try_from(ROUNDS).expect("a small number");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM decision").await, rounds, "nothing half-written");
    app.assert_verifies().await;
}

async fn a_solicitation_is_canceled_as_bids_are_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (firm, rival) = (app.register_disclosing_firm("Prime Paving").await, app.register_disclosing_firm("Rival").await);
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
        let (bid, canceled, other) = tokio::join!(
            bids(&app, &firm, &solicitation, "100000"),
            tries(&app, &department.token, CANCEL_SOLICITATION, cancel),
            bids(&app, &rival, &solicitation, "100000")
        );
        assert!(canceled.happened("solicitation", &[]), "round {round}: {canceled:?}");
        for (bid, firm) in [(bid, &firm), (other, &rival)] {
            let in_time = bid.happened("bid", &["input.solicitationId canceled", "CONFLICT"]);
            // Who was quicker has a bid, and it was closed.
            let left = if in_time { vec!["CLOSED"] } else { vec![] };
            assert_eq!(attempts(&app, firm, &solicitation).await, left, "round {round}");
        }
    }
    app.assert_verifies().await;
}

async fn a_bid_is_withdrawn_as_its_solicitation_is_canceled(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let bid = app.submit_admitted_bid(&firm, &solicitation, "100000").await;
        let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
        let (withdrawn, canceled) = at_once(
            round,
            tries(&app, &firm.token, WITHDRAW_BID, json!({ "id": bid })),
            tries(&app, &department.token, CANCEL_SOLICITATION, cancel),
        )
        .await;
        assert!(canceled.happened("solicitation", &[]), "round {round}: {canceled:?}");
        let left = if withdrawn.happened("bid", &["CONFLICT"]) { "WITHDRAWN" } else { "CLOSED" };
        assert_eq!(attempts(&app, &firm, &solicitation).await, [left], "round {round}");
    }
    app.assert_verifies().await;
}

async fn an_amendment_is_filed_as_a_bid_is_submitted(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let mut last = app.file_and_load_disclosure(&firm, no_dealings()).await;
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let (id, revision) = app.save_draft(&firm, no_dealings()).await;
        let input =
            json!({ "id": id, "revision": revision, "attestation": signatory_attestation("Prime Paving") });
        let (bid, filed) = at_once(
            round,
            bids(&app, &firm, &solicitation, "100000"),
            tries(&app, &firm.token, FILE_DISCLOSURE, json!({ "input": input })),
        )
        .await;
        // Neither stands in the other's way.
        let (Came::Payload(bid), Came::Payload(filed)) = (bid, filed) else {
            panic!("round {round}: a fault");
        };
        let (rests_on, filed) = (&bid["bid"]["disclosure"]["id"], filed["disclosure"].clone());
        assert!([&last["id"], &filed["id"]].contains(&rests_on), "round {round}: {bid:#}");
        assert_eq!(status(&app, &firm, &last).await, "SUPERSEDED");
        last = filed;
        assert_eq!(status(&app, &firm, &last).await, "FILED");
    }
    app.assert_verifies().await;
}

async fn two_sign_the_same_draft(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "SIGNATORY").await;
    for round in 0..ROUNDS {
        let (id, revision) = app.save_draft(&firm, no_dealings()).await;
        let input =
            json!({ "id": id, "revision": revision, "attestation": signatory_attestation("Prime Paving") });
        let input = json!({ "input": input });
        let (one, two) = at_once(
            round,
            tries(&app, &firm.token, FILE_DISCLOSURE, input.clone()),
            tries(&app, &other, FILE_DISCLOSURE, input.clone()),
        )
        .await;
        let happened = [one, two].map(|it| it.happened("disclosure", &["CONFLICT"]));
        assert_ne!(happened[0], happened[1], "round {round}");
    }
    let rounds = i64::try_from(ROUNDS).expect("a small number");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, rounds);
    assert_eq!(app.select_number("SELECT max(version) FROM filing").await, rounds);
    app.assert_verifies().await;
}

async fn two_save_the_same_draft(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "PREPARER").await;
    let save = |revision: Option<usize>, none_attested: bool| {
        let statement = json!({ "dhs": { "noneAttested": none_attested } });
        json!({ "input": {
            "organizationId": firm.id, "revision": revision, "statement": statement
        } })
    };
    for round in 0..ROUNDS {
        // The first round is about who begins the draft.
        let revision = (round > 0).then_some(round);
        let (one, two) = at_once(
            round,
            tries(&app, &firm.token, SAVE_DRAFT, save(revision, true)),
            tries(&app, &other, SAVE_DRAFT, save(revision, false)),
        )
        .await;
        let happened = [one, two].map(|it| it.happened("disclosure", &["CONFLICT"]));
        assert_ne!(happened[0], happened[1], "round {round}");
        let draft = "query($id: ID!) { organization(id: $id) {
            draft { revision statement { dhs { noneAttested } } } } }";
        let seen = app.query(&other, draft, json!({ "id": firm.id })).await;
        let draft = &seen["organization"]["draft"];
        assert_eq!(draft["revision"], json!(round + 1));
        assert_eq!(draft["statement"]["dhs"]["noneAttested"], happened[0], "round {round}");
    }
}

async fn two_reaffirm(app: TestApp) {
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "SIGNATORY").await;
    let sign = || json!({ "organization": firm.id, "attestation": signatory_attestation("Prime Paving") });
    for round in 0..ROUNDS {
        // A certificate of the certificate: both are filed, one after the other.
        let (one, two) = at_once(
            round,
            tries(&app, &firm.token, REAFFIRM_DISCLOSURE, sign()),
            tries(&app, &other, REAFFIRM_DISCLOSURE, sign()),
        )
        .await;
        let mut happened =
            [one, two].into_iter().map(|it| it.happened("disclosure", &["CONFLICT"]));
        assert!(happened.any(|it| it), "round {round}");
        assert_eq!(app.select_number("SELECT COUNT(*) FROM disclosure WHERE status = 'FILED'").await, 1);
    }
    let filings = app.select_number("SELECT COUNT(*) FROM filing").await;
    assert_eq!(app.select_number("SELECT max(version) FROM filing").await, filings, "without gaps");
    app.assert_verifies().await;
}

async fn two_issue_an_addendum(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let amend = |text: &str, due_at: &str| json!({ "input": { "id": solicitation, "addendum": text, "dueAt": due_at } });
    for round in 0..ROUNDS {
        let (one, two, bid) = tokio::join!(
            tries(&app, &department.token, AMEND_SOLICITATION, amend("One.", DUE)),
            tries(&app, &department.token, AMEND_SOLICITATION, amend("Another.", DUE)),
            bids(&app, &firm, &solicitation, "100000")
        );
        let happened = [one, two].map(|it| it.happened("solicitation", &["CONFLICT"]));
        assert!(happened[0] || happened[1], "round {round}");
        assert_eq!(bid.happened("bid", &["CONFLICT"]), round == 0, "round {round}: {bid:?}");
    }
    let number = app.select_number("SELECT COUNT(*) FROM addendum").await;
    assert_eq!(app.select_number("SELECT max(number) FROM addendum").await, number, "without gaps");
    app.assert_verifies().await;
}

async fn a_subcontractor_withdraws_as_a_bid_names_it(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (prime, other) = (app.register_disclosing_firm("Prime Paving").await, app.register_firm("Harbor Paint").await);
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        let filed = app.file_and_load_disclosure(&other, no_dealings()).await;
        let named = json!([{ "organizationId": other.id, "name": "Harbor Paint",
            "amount": { "amount": "40000", "currency": "USD" } }]);
        let input = bid_input(&prime, &solicitation, "100000", &named);
        let reason = json!({ "id": filed["id"], "reason": "A part was wrong." });
        let (bid, withdrawal) = at_once(
            round,
            tries(&app, &prime.token, SUBMIT_BID, json!({ "input": input })),
            tries(&app, &other.token, WITHDRAW_DISCLOSURE, reason),
        )
        .await;
        // To refuse the withdrawal would tell the subcontractor that a bid names it.
        assert!(withdrawal.happened("disclosure", &[]), "round {round}: {withdrawal:?}");
        assert!(bid.happened("bid", &[]), "round {round}: {bid:?}");
        let statuses = attempts(&app, &prime, &solicitation).await;
        assert!(statuses == ["ADMITTED"] || statuses == ["HELD"], "round {round}: {statuses:?}");
    }
    app.assert_verifies().await;
}

async fn two_firms_name_each_other(app: TestApp) {
    let department = app.create_department("BSS").await;
    let (one, other) = (app.register_disclosing_firm("One Paving").await, app.register_disclosing_firm("Other").await);
    let input = |prime: &Firm, solicitation: &str, named: &Firm| {
        let named = json!([{ "organizationId": named.id, "name": "The other",
            "amount": { "amount": "40000", "currency": "USD" } }]);
        json!({ "input": bid_input(prime, solicitation, "100000", &named) })
    };
    for round in 0..ROUNDS {
        let solicitation = app.publish_solicitation(&department, DUE).await;
        // Each locks both: in one order, or they would wait for each other in a circle.
        let (first, second) = at_once(
            round,
            tries(&app, &one.token, SUBMIT_BID, input(&one, &solicitation, &other)),
            tries(&app, &other.token, SUBMIT_BID, input(&other, &solicitation, &one)),
        )
        .await;
        assert!(first.happened("bid", &[]) && second.happened("bid", &[]), "round {round}");
    }
    app.assert_verifies().await;
}
