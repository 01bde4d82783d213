//! Hourly quotas of one person, and what is never refused.
use std::num::NonZeroU32;

use candor_schema::quota::{Quotas, RateLimits};
use candor_tests::fixtures::{Firm, attestation, no_dealings};
use candor_tests::steps::{
    CREATE_ORGANIZATION, FILE_DISCLOSURE, INVITE_MEMBER, REAFFIRM_DISCLOSURE, SUBMIT_BID,
    WITHDRAW_BID, bid_input, reaffirmation, text,
};
use candor_tests::{Role, TestApp, stories, subject_email};
use serde_json::{Value, json};

stories![
    the_21st_organization_within_an_hour_is_refused,
    invitations_have_a_quota,
    a_firms_first_filing_within_an_hour_is_never_refused,
    a_firms_first_bid_on_a_solicitation_is_never_refused,
];

/// Limits every user to one of each activity per hour.
fn limit_to_one_of_each(app: &TestApp) {
    let one = NonZeroU32::MIN;
    let quotas =
        Quotas { organizations: one, invitations: one, filings: one, bids: one, ..Quotas::SERVICE };
    app.database.cached::<RateLimits>().enforce(quotas);
}

/// Returns whether a change succeeded; if not, asserts that it was refused for the quota with this
/// text.
async fn has_succeeded(
    app: &TestApp,
    token: &str,
    call: &str,
    variables: Value,
    limit: &str,
) -> bool {
    let answer = app.execute(token, call, variables).await;
    let Some(error) = answer["errors"].get(0) else {
        let payload = answer["data"].as_object().and_then(|data| data.values().next());
        assert_eq!(payload.expect("a payload")["userErrors"], json!([]), "{answer:#}");
        return true;
    };
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], "LIMIT_EXCEEDED", "{answer:#}");
    let wait = extensions["retryAfterSeconds"].as_u64().expect("whole seconds");
    assert!((1..=3_600).contains(&wait), "{wait}");
    let message =
        format!("One person may {limit} an hour, and you have reached that limit. Try again in ");
    assert!(text(&error["message"]).starts_with(&message), "{answer:#}");
    false
}

async fn the_21st_organization_within_an_hour_is_refused(app: TestApp) {
    let input = |name: String| json!({ "input": { "kind": "CORPORATION", "legalName": name } });
    let limit = "create 20 organizations";
    let founder = app.token("founder", &[Role::Bidder]);
    // A change refused for another reason does not count.
    for _ in 0..3 {
        assert_ne!(
            app.mutation_errors(&founder, CREATE_ORGANIZATION, input(String::new())).await,
            [""; 0]
        );
    }
    for index in 1..=20 {
        assert!(
            has_succeeded(
                &app,
                &founder,
                CREATE_ORGANIZATION,
                input(format!("Firm {index}")),
                limit
            )
            .await
        );
    }
    assert!(
        !has_succeeded(&app, &founder, CREATE_ORGANIZATION, input("Firm 21".into()), limit).await
    );
    let answer = app.execute(&founder, CREATE_ORGANIZATION, input("Firm 21".into())).await;
    let wait = answer["errors"][0]["extensions"]["retryAfterSeconds"].as_u64();
    assert!(wait.is_some_and(|wait| wait <= 180), "a twentieth of an hour: {answer:#}");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM organization").await, 20);

    let other = app.token("other", &[Role::Bidder]);
    assert!(has_succeeded(&app, &other, CREATE_ORGANIZATION, input("Another".into()), limit).await);
    let account = app.token("procurement", &[Role::Bidder, Role::ProcurementSystem]);
    for index in 1..=21 {
        let name = format!("Account's {index}");
        assert!(has_succeeded(&app, &account, CREATE_ORGANIZATION, input(name), limit).await);
    }
}

async fn invitations_have_a_quota(app: TestApp) {
    let app = &app;
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Acosta Sweeping").await;
    let rival = app.register_firm("Rival Sweeping").await;
    limit_to_one_of_each(app);
    let limit = "invite 1 people";
    let invitation = |firm: &Firm, subject: &str| json!({ "input": { "organizationId": firm.id, "email": subject_email(subject), "role": "PREPARER" } });
    let invites = |firm: &Firm, subject: &str| {
        let (token, input) = (firm.token.clone(), invitation(firm, subject));
        async move { has_succeeded(app, &token, INVITE_MEMBER, input, limit).await }
    };
    assert!(invites(&firm, "first").await);
    // An address that is already a member's is reported as such, regardless of the quota.
    let errors = app.mutation_errors(&firm.token, INVITE_MEMBER, invitation(&firm, "first")).await;
    assert_eq!(errors, ["input.email taken"]);
    assert!(!invites(&firm, "second").await);
    assert!(invites(&rival, "second").await);
    // Officers invited to a department count too.
    let admin = app.token("another-administrator", &[Role::Admin]);
    let call = "mutation($input: OfficerInput!) { addMember(input: $input) {
        member { id } userErrors { path code message } } }";
    let officer = |subject: &str| json!({ "input": { "departmentId": department.id, "email": subject_email(subject) } });
    assert!(has_succeeded(app, &admin, call, officer("third"), limit).await);
    assert!(!has_succeeded(app, &admin, call, officer("fourth"), limit).await);
}

async fn a_firms_first_filing_within_an_hour_is_never_refused(app: TestApp) {
    let app = &app;
    let input = |name: &str| json!({ "kind": "CORPORATION", "legalName": name });
    let firm = app.register_organization("signatory", input("Acosta Sweeping")).await;
    let second = app.register_organization("signatory", input("Acosta Paving")).await;
    limit_to_one_of_each(app);
    let limit = "file 1 disclosures";
    let reaffirm = |firm: &Firm, version: i64| {
        let variables = reaffirmation(firm, version);
        let token = firm.token.clone();
        async move { has_succeeded(app, &token, REAFFIRM_DISCLOSURE, variables, limit).await }
    };
    app.file_disclosure(&firm, no_dealings()).await;
    assert!(reaffirm(&firm, 1).await, "the first does not count");
    assert!(!reaffirm(&firm, 2).await);
    // The same person's other firm has not filed yet.
    app.file_disclosure(&second, no_dealings()).await;
    assert!(!reaffirm(&second, 1).await);
    // A refused filing does not change the draft.
    let (draft, revision) = app.save_draft(&second, no_dealings()).await;
    let filing = json!({ "input": {
        "id": draft, "revision": revision, "attestation": attestation() } });
    assert!(!has_succeeded(app, &second.token, FILE_DISCLOSURE, filing.clone(), limit).await);
    assert_eq!(app.select_number("SELECT COUNT(*) FROM disclosure_draft").await, 1);
    // Another firm's signatory has a separate quota.
    let rival = app.register_disclosing_firm("Rival Sweeping").await;
    assert!(reaffirm(&rival, 1).await);
    // An hour after the last filing, the next counts as the first.
    app.advance_to("2026-02-02T20:59:59.999999Z");
    assert!(!reaffirm(&firm, 2).await);
    app.advance_to("2026-02-02T21:00:00Z");
    assert!(reaffirm(&firm, 2).await);
    assert!(has_succeeded(app, &second.token, FILE_DISCLOSURE, filing, limit).await);
    app.assert_verifies().await;
}

async fn a_firms_first_bid_on_a_solicitation_is_never_refused(app: TestApp) {
    let app = &app;
    let department = app.create_department("BSS").await;
    let due = "2026-03-10T22:00:00Z";
    let (one, other) = (
        app.publish_solicitation(&department, due).await,
        app.publish_solicitation(&department, due).await,
    );
    let firm = app.register_disclosing_firm("Acosta Sweeping").await;
    let rival = app.register_disclosing_firm("Rival Sweeping").await;
    limit_to_one_of_each(app);
    let limit = "submit 1 bids";
    let submits = |firm: &Firm, solicitation: &str| {
        let input = bid_input(firm, solicitation, "100000", &json!([]));
        let token = firm.token.clone();
        let variables = json!({ "input": input });
        async move { has_succeeded(app, &token, SUBMIT_BID, variables, limit).await }
    };
    let withdraws = async |firm: &Firm| {
        let live = "query($id: ID!) { solicitation(id: $id) { bids(first: 9) {
            nodes { id status } } } }";
        let response = app.query(&firm.token, live, json!({ "id": one })).await;
        let bids = response["solicitation"]["bids"]["nodes"].as_array().expect("bids").clone();
        let live = bids.iter().find(|bid| bid["status"] == "ADMITTED").expect("a live bid");
        app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": live["id"] })).await;
    };
    assert!(submits(&firm, &one).await);
    withdraws(&firm).await;
    assert!(submits(&firm, &one).await, "the first does not count");
    withdraws(&firm).await;
    assert!(!submits(&firm, &one).await);
    assert!(submits(&firm, &other).await);
    assert!(submits(&rival, &one).await);
    app.assert_verifies().await;
}
