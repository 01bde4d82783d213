//! A supervisor merges two organizations that are one firm: their filings become one history, and
//! everything of both stays readable.
use candor_tests::awards::{ANSWER_MATCH, AwardSummary, LINK_MATCH};
use candor_tests::contracts::{AWARD_CONTRACT, RECORD_CONTRACT, SCREEN_CONTRACTS, award_of_bid};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Firm, agreements_statement, list_finding_codes, no_dealings, usd};
use candor_tests::steps::{
    BID_READINESS, INVITE_MEMBER, MERGE_ORGANIZATIONS, REAFFIRM_DISCLOSURE, SAVE_DRAFT,
    WITHDRAW_BID, WITHDRAW_DISCLOSURE, bid_input, detention_agreement, find_fault_code,
    format_user_errors, list_outcomes, reaffirmation, text,
};
use candor_tests::{TestApp, stories, subject_email};
use serde_json::{Value, json};

stories![
    the_newest_filing_of_both_counts,
    a_withdrawal_before_the_merge_leaves_the_other_filing,
    a_withdrawal_before_the_second_merge_leaves_the_first_filing,
    a_double_click_after_a_merge_reaffirms_once,
    the_survivors_filing_cures_a_bid_of_the_retired,
    contracts_follow_the_filing_they_rest_on,
    open_bids_on_one_solicitation_prevent_a_merge,
    different_verified_numbers_prevent_a_merge,
    members_of_the_retired_lose_access_and_the_survivors_read_everything,
    matches_of_the_retired_count_for_the_survivor,
    a_merged_survivor_is_merged_again,
    identifiers_and_names_move_to_the_survivor,
    invalid_merges_are_refused,
    two_merges_at_once_make_one,
    a_filing_is_made_as_its_organization_is_merged,
    a_merge_is_proposed_once_and_dismissed,
];

const LATER: &str = "2026-03-10T22:00:00Z";
const UEI: &str = "QW3JX8L5T9R2";
const HISTORY: &str = "query($id: ID!) { organization(id: $id) {
    disclosures { totalCount nodes { id status kind version organization { id }
        supersededBy { id } } } } }";
const MERGED: &str = "query($id: ID!) { organization(id: $id) { legalName mergedAt
    mergedInto { id } mergedFrom { id } members { removedAt } draft { id }
    doingBusinessAs identifiers { id state } } }";
const BID_ORGANIZATION: &str =
    "query($id: ID!) { node(id: $id) { ... on Bid { organization { id } } } }";
const UPDATE: &str = "mutation($id: ID!, $input: OrganizationUpdate!) {
    updateOrganization(id: $id, revision: 1, input: $input) { organization { id }
    userErrors { path code message } } }";
const DISMISS: &str =
    "mutation($id: ID!, $reason: String!) { dismissMerge(id: $id, reason: $reason) {
    proposal { outcome reason organization { id } other { id } }
    userErrors { path code message } } }";

/// The rows of the view.
const HISTORIES: &str =
    "SELECT organization_id, id, filed_for, version, filed_at FROM filing_history";
/// The rows that it must have: each filing for every organization of its filer's group.
const EXPECTED_HISTORIES: &str =
    "SELECT member.organization_id, filing.id, filing.organization_id AS filed_for,
    filing.version, filing.filed_at
    FROM filing JOIN organization_group filer ON filer.organization_id = filing.organization_id
    JOIN organization_group member ON member.survivor_id = filer.survivor_id";

async fn merge(app: &TestApp, retired: &Firm, surviving: &Firm) -> Value {
    let payload = app.merge_organizations(retired, surviving).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["organization"].clone()
}

/// Lists the history of a firm, newest first: the organization that filed, and the status.
async fn history(app: &TestApp, token: &str, firm: &Firm) -> Vec<(String, String)> {
    let data = app.query(token, HISTORY, json!({ "id": firm.id })).await;
    let history = &data["organization"]["disclosures"];
    let nodes = history["nodes"].as_array().expect("filings");
    assert_eq!(history["totalCount"], nodes.len());
    let filed = nodes.iter().map(|it| (text(&it["organization"]["id"]), text(&it["status"])));
    filed.collect()
}

fn filed(firm: &Firm, status: &str) -> (String, String) {
    (firm.id.clone(), status.to_owned())
}

async fn bid_organization(app: &TestApp, token: &str, bid: &Value) -> String {
    let data = app.query(token, BID_ORGANIZATION, json!({ "id": bid })).await;
    text(&data["node"]["organization"]["id"])
}

/// Returns the number of contracts by what their holders had on file on a day: agreements, none, or nothing.
async fn exposure(app: &TestApp, day: &str) -> [i64; 3] {
    const EXPOSURE: &str = "query($day: Date!) { exposure(groupBy: ORGANIZATION, asOf: [$day]) {
        withAgreements { contracts } withoutAgreements { contracts } unknown { contracts } } }";
    let data = app.query(&app.analyst_token(), EXPOSURE, json!({ "day": day })).await;
    ["withAgreements", "withoutAgreements", "unknown"].map(|what| {
        let contracts = &data["exposure"][0][what]["contracts"];
        contracts.as_i64().expect("a number of contracts")
    })
}

async fn the_newest_filing_of_both_counts(app: TestApp) {
    let reviewer = app.reviewer_token();
    let mut firms = Vec::new();
    for (index, name) in ["Alder", "Alder Works", "Birch", "Birch Works"].into_iter().enumerate() {
        app.advance_to(&format!("2026-01-1{index}T20:00:00Z"));
        firms.push(app.register_disclosing_firm(name).await);
    }
    let [old, new, first, second] = &firms[..] else { panic!("four firms") };
    app.advance_to("2026-01-20T20:00:00Z");
    // The survivor's filing is the newer one.
    merge(&app, old, new).await;
    let both = [filed(new, "FILED"), filed(old, "SUPERSEDED")];
    for firm in [old, new] {
        assert_eq!(history(&app, &new.token, firm).await, both);
        assert_eq!(history(&app, &reviewer, firm).await, both);
    }
    // The retired one's is.
    merge(&app, second, first).await;
    let both = [filed(second, "FILED"), filed(first, "SUPERSEDED")];
    assert_eq!(history(&app, &first.token, first).await, both);
    app.assert_verifies().await;

    // The survivor's next filing supersedes it, whoever filed it.
    app.advance_to("2026-01-21T20:00:00Z");
    let amended = agreements_statement(&[detention_agreement()]);
    let amended = app.file_and_load_disclosure(first, amended).await;
    assert_eq!((&amended["kind"], &amended["version"]), (&json!("AMENDMENT"), &json!(2)));
    let data = app.query(&first.token, HISTORY, json!({ "id": second.id })).await;
    let nodes = &data["organization"]["disclosures"]["nodes"];
    assert_eq!((&nodes[0]["id"], &nodes[0]["status"]), (&amended["id"], &json!("FILED")));
    assert_eq!(nodes[1]["status"], "SUPERSEDED");
    assert_eq!(nodes[1]["supersededBy"]["id"], amended["id"]);
    assert_eq!(nodes[2]["supersededBy"]["id"], nodes[1]["id"]);
    // What was withdrawn does not bring back what it superseded, though another organization filed it.
    let reason = json!({ "id": amended["id"], "reason": "Filed by mistake." });
    app.mutate_ok(&first.token, WITHDRAW_DISCLOSURE, reason).await;
    let fault = app.fault_code(&first.token, REAFFIRM_DISCLOSURE, reaffirmation(first, 2)).await;
    assert_eq!(fault, "CONFLICT");
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let refused = app.submit_bid(first, &solicitation, "1000").await;
    assert_eq!(list_finding_codes(&refused["decision"]), ["disclosure.missing"]);
    let days = ("2025-06-01", "2026-12-31");
    app.record_contract(&department, first, "C-25-001", days, json!({})).await;
    assert_eq!(exposure(&app, "2026-01-11").await, [0, 0, 1], "nothing is on file yet");
    assert_eq!(exposure(&app, "2026-01-13").await, [0, 1, 0], "the other's filing counts");
    assert_eq!(exposure(&app, "2026-01-21").await, [0, 0, 1], "the amendment was withdrawn");
    app.assert_verifies().await;
}

async fn a_withdrawal_before_the_merge_leaves_the_other_filing(app: TestApp) {
    app.advance_to("2026-01-10T20:00:00Z");
    let retired = app.register_disclosing_firm("Cedar").await;
    app.advance_to("2026-01-11T20:00:00Z");
    let surviving = app.register_firm("Cedar Works").await;
    let agreements = agreements_statement(&[detention_agreement()]);
    let withdrawn = app.file_and_load_disclosure(&surviving, agreements).await;
    let reason = json!({ "id": withdrawn["id"], "reason": "Filed by mistake." });
    app.advance_to("2026-01-12T20:00:00Z");
    app.mutate_ok(&surviving.token, WITHDRAW_DISCLOSURE, reason).await;
    app.advance_to("2026-01-13T20:00:00Z");
    merge(&app, &retired, &surviving).await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let bid = app.submit_bid(&surviving, &solicitation, "1000").await;
    assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
    let shown = bid_organization(&app, &surviving.token, &bid["bid"]["id"]).await;
    assert_eq!(shown, surviving.id, "whoever filed");
    let days = ("2025-06-01", "2026-12-31");
    app.record_contract(&department, &surviving, "C-25-001", days, json!({})).await;
    let days = ["2026-01-09", "2026-01-10", "2026-01-11", "2026-01-12", "2026-01-13"];
    let by_day = [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0]];
    for (day, expected) in days.into_iter().zip(by_day) {
        assert_eq!(exposure(&app, day).await, expected, "{day}: what the gate counts");
    }
    app.advance_to("2026-01-14T20:00:00Z");
    app.mutate_ok(&surviving.token, REAFFIRM_DISCLOSURE, reaffirmation(&surviving, 1)).await;
    for (day, expected) in days.into_iter().zip(by_day) {
        assert_eq!(
            exposure(&app, day).await,
            expected,
            "{day}: a later filing changes no past day"
        );
    }
    app.assert_verifies().await;
}

/// What the survivor withdrew before it took over a merged firm does not end that firm's filing; what it withdraws
/// afterwards does, also if the firm's organizations are merged in one step or two.
async fn a_withdrawal_before_the_second_merge_leaves_the_first_filing(app: TestApp) {
    app.advance_to("2026-01-10T20:00:00Z");
    let first = app.register_disclosing_firm("Elder").await;
    let second = app.register_firm("Elder Works").await;
    let third = app.register_firm("Elder Group").await;
    app.advance_to("2026-01-11T20:00:00Z");
    merge(&app, &first, &second).await;
    let reason = |id: &Value| json!({ "id": id, "reason": "Filed by mistake." });
    app.advance_to("2026-01-12T20:00:00Z");
    let agreements = || agreements_statement(&[detention_agreement()]);
    let withdrawn = app.file_and_load_disclosure(&third, agreements()).await;
    app.advance_to("2026-01-13T20:00:00Z");
    app.mutate_ok(&third.token, WITHDRAW_DISCLOSURE, reason(&withdrawn["id"])).await;
    app.advance_to("2026-01-14T20:00:00Z");
    merge(&app, &second, &third).await;
    let all = [filed(&third, "WITHDRAWN"), filed(&first, "FILED")];
    assert_eq!(history(&app, &third.token, &third).await, all);
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let bid = app.submit_bid(&third, &solicitation, "1000").await;
    assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
    let days = ("2025-06-01", "2026-12-31");
    app.record_contract(&department, &third, "C-25-001", days, json!({})).await;
    for (day, expected) in
        [("2026-01-11", [0, 1, 0]), ("2026-01-12", [1, 0, 0]), ("2026-01-14", [0, 1, 0])]
    {
        assert_eq!(exposure(&app, day).await, expected, "{day}: what the gate counts");
    }
    // Now they are one firm, and the filing that is withdrawn had superseded the first one.
    app.advance_to("2026-01-15T20:00:00Z");
    let amended = app.file_and_load_disclosure(&third, agreements()).await;
    app.mutate_ok(&third.token, WITHDRAW_BID, json!({ "id": bid["bid"]["id"] })).await;
    app.mutate_ok(&third.token, WITHDRAW_DISCLOSURE, reason(&amended["id"])).await;
    let another = app.publish_solicitation(&department, DUE).await;
    let refused = app.submit_bid(&third, &another, "1000").await;
    assert_eq!(list_finding_codes(&refused["decision"]), ["disclosure.missing"]);
    assert_eq!(exposure(&app, "2026-01-15").await, [0, 0, 1]);
    app.assert_verifies().await;
}

async fn a_double_click_after_a_merge_reaffirms_once(app: TestApp) {
    app.advance_to("2026-01-10T20:00:00Z");
    let surviving = app.register_disclosing_firm("Cedar Works").await;
    let retired = app.register_disclosing_firm("Cedar").await;
    app.advance_to("2026-01-11T20:00:00Z");
    app.file_and_load_disclosure(&retired, no_dealings()).await;
    merge(&app, &retired, &surviving).await;
    // On file is the second version of the retired; the survivor's own last one is its first.
    let reaffirm = reaffirmation(&surviving, 2);
    let again = app.mutate_ok(&surviving.token, REAFFIRM_DISCLOSURE, reaffirm.clone()).await;
    assert_eq!(again["disclosure"]["version"], 3, "above the version that it repeats");
    assert_eq!(app.fault_code(&surviving.token, REAFFIRM_DISCLOSURE, reaffirm).await, "CONFLICT");
    assert_eq!(app.select_number("SELECT COUNT(*) FROM filing").await, 4);
    app.assert_verifies().await;
}

async fn the_survivors_filing_cures_a_bid_of_the_retired(app: TestApp) {
    let department = app.create_department("BSS").await;
    app.advance_to("2025-02-10T20:00:00Z");
    let retired = app.register_disclosing_firm("Early Paving").await;
    let surviving = app.register_firm("Early Paving Works").await;
    let prime = app.register_firm("Prime").await;
    app.advance_to("2026-02-02T20:00:00Z");
    app.file_and_load_disclosure(&prime, no_dealings()).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let held = app.submit_bid(&retired, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    let bid = held["bid"]["id"].clone();
    // One that names it is judged on the firm's filings too.
    let named = json!([{
        "organizationId": retired.id, "name": "Early Paving", "amount": usd("50000"),
    }]);
    let naming = app.submit_bid_with(&prime, &solicitation, "100000", named).await;
    assert_eq!(naming["bid"]["status"], "HELD", "{naming:#}");
    app.advance_to("2026-02-12T20:00:00Z");
    merge(&app, &retired, &surviving).await;
    let merged = app.load_bid(&surviving.token, &bid).await;
    assert_eq!(merged["status"], "HELD");
    assert_eq!(bid_organization(&app, &surviving.token, &bid).await, surviving.id);
    app.assert_verifies().await;

    let cure = app.file_and_load_disclosure(&surviving, no_dealings()).await;
    let cured = app.load_bid(&surviving.token, &bid).await;
    assert_eq!((&cured["status"], &cured["disclosure"]["id"]), (&json!("ADMITTED"), &cure["id"]));
    assert_eq!(list_outcomes(&cured).last().map(String::as_str), Some("ADMIT"));
    assert_eq!(bid_organization(&app, &surviving.token, &bid).await, surviving.id);
    let naming = app.load_bid(&prime.token, &naming["bid"]["id"]).await;
    assert_eq!(naming["status"], "ADMITTED");
    // Decided again, nothing changes.
    let decisions = list_outcomes(&cured).len();
    app.sweep().await;
    assert_eq!(list_outcomes(&app.load_bid(&surviving.token, &bid).await).len(), decisions);
    app.assert_verifies().await;
}

async fn contracts_follow_the_filing_they_rest_on(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let retired = app.register_disclosing_firm("Dogwood").await;
    let surviving = app.register_firm("Dogwood Works").await;
    let bid = json!(app.submit_admitted_bid(&retired, &solicitation, "90000").await);
    app.advance_to(AFTER);
    merge(&app, &retired, &surviving).await;
    let award = award_of_bid(&bid, "C-1", ("2026-03-01", "2026-06-30"), 1);
    let awarded = app.mutate_ok(&department.token, AWARD_CONTRACT, award).await;
    let contract = &awarded["contract"];
    assert_eq!(contract["organization"]["id"], surviving.id, "whoever filed: {awarded:#}");
    let listed = app.query(&app.analyst_token(), SCREEN_CONTRACTS, json!({})).await;
    assert_eq!(listed["screenContracts"]["nodes"][0]["disclosureId"], contract["disclosure"]["id"]);
    assert_eq!(listed["screenContracts"]["nodes"][0]["readiness"], "ADMIT");
    app.assert_verifies().await;

    app.advance_to("2026-02-12T20:00:00Z");
    let filing = app.file_and_load_disclosure(&surviving, no_dealings()).await;
    let listed = app.query(&app.analyst_token(), SCREEN_CONTRACTS, json!({})).await;
    assert_eq!(listed["screenContracts"]["nodes"][0]["disclosureId"], filing["id"]);
    let input =
        json!({ "contractId": contract["id"], "action": "RENEWAL", "endDate": "2026-12-31" });
    let renewal = app.propose_renewal(&department, input).await;
    let executed = app.execute_renewal(&department, &renewal).await;
    assert_eq!(executed["renewal"]["status"], "EXECUTED", "{executed:#}");
    assert_eq!(executed["renewal"]["disclosure"]["id"], filing["id"]);
    assert_eq!(executed["contract"]["organization"]["id"], surviving.id);
    app.assert_verifies().await;
}

async fn open_bids_on_one_solicitation_prevent_a_merge(app: TestApp) {
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let (retired, surviving) = (
        app.register_disclosing_firm("Elm").await,
        app.register_disclosing_firm("Elm Works").await,
    );
    let bid = app.submit_admitted_bid(&retired, &solicitation, "90000").await;
    app.submit_admitted_bid(&surviving, &solicitation, "91000").await;
    let refused = app.merge_organizations(&retired, &surviving).await;
    assert_eq!(format_user_errors(&refused["userErrors"]), ["input.survivingId contradiction"]);
    let message = text(&refused["userErrors"][0]["message"]);
    assert!(message.contains("a solicitation whose bids are sealed"), "{message}");
    assert_eq!(refused["organization"], Value::Null);
    app.mutate_ok(&retired.token, WITHDRAW_BID, json!({ "id": bid })).await;
    merge(&app, &retired, &surviving).await;
    // Nor can the firm bid twice afterwards, by either identifier.
    let again = app.execute(
        &surviving.token,
        candor_tests::steps::SUBMIT_BID,
        json!({ "input": bid_input(&surviving, &solicitation, "1", &json!([])) }),
    );
    assert_eq!(find_fault_code(&again.await).as_deref(), Some("CONFLICT"));
    let by_old_id = app.submit_bid(&Firm { id: retired.id, ..surviving }, &solicitation, "1").await;
    assert_eq!(format_user_errors(&by_old_id["userErrors"]), ["input.organizationId invalid"]);
    app.assert_verifies().await;
}

async fn different_verified_numbers_prevent_a_merge(app: TestApp) {
    let mut firms = Vec::new();
    for (name, number) in [("Fir", "V-1"), ("Fir Works", "V-2")] {
        let input = json!({
            "kind": "CORPORATION", "legalName": name,
            "identifiers": [{ "scheme": "CITY_VENDOR", "id": number }],
        });
        firms.push(app.register_organization(&number.to_lowercase(), input).await);
    }
    let verify = "UPDATE organization_identifier
        SET state = 'VERIFIED', verified_by = 'operator', verified_at = claimed_at";
    app.run_sql(verify).await.expect("an update");
    let refused = app.merge_organizations(&firms[0], &firms[1]).await;
    assert_eq!(format_user_errors(&refused["userErrors"]), ["input.survivingId contradiction"]);
    let message = text(&refused["userErrors"][0]["message"]);
    for part in ["City vendor number", "V-1", "V-2", "release"] {
        assert!(message.contains(part), "{message}");
    }
}

async fn members_of_the_retired_lose_access_and_the_survivors_read_everything(app: TestApp) {
    let (retired, surviving) =
        (app.register_disclosing_firm("Ginkgo").await, app.register_firm("Ginkgo Works").await);
    let preparer = app.invite_member(&surviving, "PREPARER").await;
    let invite = json!({ "input": {
        "organizationId": retired.id, "email": subject_email("late"), "role": "PREPARER",
    } });
    app.mutate_ok(&retired.token, INVITE_MEMBER, invite.clone()).await;
    let (draft, _) = app.save_draft(&retired, agreements_statement(&[detention_agreement()])).await;
    merge(&app, &retired, &surviving).await;

    let late = app.token("late", &[candor_tests::Role::Bidder]);
    for token in [&retired.token, &late] {
        let data = app.query(token, MERGED, json!({ "id": retired.id })).await;
        assert_eq!(data["organization"], Value::Null);
        let data = app.query(token, MERGED, json!({ "id": surviving.id })).await;
        assert_eq!(data["organization"], Value::Null);
        let own = app.query(token, "{ viewer { memberships { organizationId } } }", json!({}));
        assert_eq!(own.await["viewer"]["memberships"], json!([]));
    }
    for token in [&surviving.token, &preparer] {
        let data = app.query(token, MERGED, json!({ "id": retired.id })).await;
        let old = &data["organization"];
        assert_eq!(old["mergedInto"]["id"], surviving.id, "{old:#}");
        assert_eq!((&old["draft"]["id"], &old["legalName"]), (&json!(draft), &json!("Ginkgo")));
        let data = app.query(token, MERGED, json!({ "id": surviving.id })).await;
        assert_eq!(data["organization"]["mergedFrom"], json!([{ "id": retired.id }]));
    }
    // Nothing new begins under the old identifier; what was typed there is copied.
    let signatory = &surviving.token;
    let old = Firm { id: retired.id.clone(), token: signatory.clone() };
    let errors = app.mutation_errors(signatory, INVITE_MEMBER, invite).await;
    assert_eq!(errors, ["input.organizationId invalid"]);
    let input = json!({ "input": { "organizationId": old.id, "statement": no_dealings() } });
    let payload = app.mutate(signatory, SAVE_DRAFT, input).await;
    assert_eq!(format_user_errors(&payload["userErrors"]), ["input.organizationId invalid"]);
    let message = text(&payload["userErrors"][0]["message"]);
    assert!(message.contains(&surviving.id), "{message}");
    let errors = app.mutation_errors(signatory, REAFFIRM_DISCLOSURE, reaffirmation(&old, 1)).await;
    assert_eq!(errors, ["organizationId invalid"]);
    let update = json!({
        "id": old.id, "input": { "legalName": "Ginkgo again" },
    });
    assert_eq!(app.mutation_errors(signatory, UPDATE, update).await, ["id invalid"]);
    let copy = json!({ "input": { "organizationId": surviving.id, "copyFrom": draft } });
    app.mutate_ok(signatory, SAVE_DRAFT, copy).await;
    let department = app.create_department("BSS").await;
    let recorded = json!({ "input": {
        "departmentId": department.id, "organizationId": old.id, "number": "C-1", "title": "C-1",
        "value": usd("1000"), "startDate": "2025-06-01", "endDate": "2026-12-31",
    } });
    let errors = app.mutation_errors(&department.token, RECORD_CONTRACT, recorded).await;
    assert_eq!(errors, ["input.organizationId invalid"]);
    // The survivor's members act upon what the retired one left.
    let data = app.query(signatory, HISTORY, json!({ "id": old.id })).await;
    let filing = &data["organization"]["disclosures"]["nodes"][0]["id"];
    let reason = json!({ "id": filing, "reason": "Replaced." });
    app.mutate_ok(signatory, WITHDRAW_DISCLOSURE, reason).await;
    app.assert_verifies().await;
}

async fn matches_of_the_retired_count_for_the_survivor(app: TestApp) {
    let department = app.create_department("BSS").await;
    let retired = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let surviving = app.register_disclosing_firm("Hazel Roads").await;
    let other = AwardSummary { number: "70CDCR25FR0000012", ..AwardSummary::default() };
    app.import_award_rows(&[AwardSummary::default(), other]).await;
    let reviewer = app.reviewer_token();
    let matches = app.list_matches(&reviewer, &retired).await;
    assert_eq!(matches.len(), 2);
    let confirmed = app.confirm_match(&reviewer, &matches[0]).await;
    // The same award, not decided, of the organization that goes on.
    let link = json!({ "input": {
        "organizationId": surviving.id, "awardId": matches[1]["award"]["id"],
        "reason": "Its report names the award.",
    } });
    app.mutate_ok(&reviewer, LINK_MATCH, link).await;
    merge(&app, &retired, &surviving).await;
    app.sweep().await;
    let own = app.list_matches(&reviewer, &surviving).await;
    let statuses: Vec<String> = own.iter().map(|it| text(&it["status"])).collect();
    let open = statuses.iter().filter(|it| *it != "DISMISSED").count();
    assert_eq!((own.len(), open), (3, 2), "two awards, each matched once: {own:#?}");
    // The matches of the firm are listed by either id.
    assert_eq!(app.list_matches(&reviewer, &retired).await.len(), 3);
    assert!(statuses.contains(&"CONFIRMED".to_owned()), "{statuses:?}");
    assert!(statuses.contains(&"DISMISSED".to_owned()), "{statuses:?}");
    let solicitation = app.publish_solicitation(&department, LATER).await;
    let input = bid_input(&surviving, &solicitation, "1000", &json!([]));
    let readiness = app.query(&surviving.token, BID_READINESS, json!({ "input": input })).await;
    let codes = list_finding_codes(&readiness["bidReadiness"]);
    assert!(codes.contains(&"award.response_open".to_owned()), "{codes:?}");
    // Its members answer.
    let answer = json!({ "input": { "matchId": confirmed["id"], "answer": "We sold it." } });
    app.mutate_ok(&surviving.token, ANSWER_MATCH, answer).await;
    app.assert_verifies().await;
}

async fn a_merged_survivor_is_merged_again(app: TestApp) {
    let mut firms = Vec::new();
    for (index, name) in ["Iris", "Iris Works", "Iris Group"].into_iter().enumerate() {
        app.advance_to(&format!("2026-01-1{index}T20:00:00Z"));
        firms.push(app.register_disclosing_firm(name).await);
    }
    let [first, second, third] = &firms[..] else { panic!("three firms") };
    merge(&app, first, second).await;
    let merged = merge(&app, second, third).await;
    let names: Vec<&Value> = merged["mergedFrom"]
        .as_array()
        .expect("organizations")
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(names, [&json!(first.id), &json!(second.id)]);
    for firm in [first, second] {
        let data = app.query(&third.token, MERGED, json!({ "id": firm.id })).await;
        assert_eq!(data["organization"]["mergedInto"]["id"], third.id);
        assert_eq!(data["organization"]["mergedFrom"], json!([]));
    }
    let all = [filed(third, "FILED"), filed(second, "SUPERSEDED"), filed(first, "SUPERSEDED")];
    let alone = app.register_disclosing_firm("Jasper").await;
    for firm in [first, second, third] {
        assert_eq!(history(&app, &third.token, firm).await, all);
    }
    assert_eq!(history(&app, &alone.token, &alone).await, [filed(&alone, "FILED")]);
    let histories = "SELECT COUNT(*) FROM filing_history";
    assert_eq!(app.select_number(histories).await, 10, "three filings of three firms, and one");
    for (some, others) in [(HISTORIES, EXPECTED_HISTORIES), (EXPECTED_HISTORIES, HISTORIES)] {
        let other = format!("SELECT COUNT(*) FROM ({some} EXCEPT {others}) AS other");
        assert_eq!(app.select_number(&other).await, 0, "{other}");
    }
    let again = app.merge_organizations(first, third).await;
    assert_eq!(format_user_errors(&again["userErrors"]), ["input.retiredId invalid"]);
    let into_retired = app.merge_organizations(third, second).await;
    assert_eq!(format_user_errors(&into_retired["userErrors"]), ["input.survivingId invalid"]);
    app.assert_verifies().await;
}

async fn identifiers_and_names_move_to_the_survivor(app: TestApp) {
    let vendor = |id: &str| json!({ "scheme": "CITY_VENDOR", "id": id });
    let input = json!({
        "kind": "CORPORATION", "legalName": "Juniper", "doingBusinessAs": ["Juniper Signs"],
        "identifiers": [vendor("V-1"), vendor("V-3")],
    });
    let retired = app.register_organization("juniper", input).await;
    let input = json!({
        "kind": "CORPORATION", "legalName": "Juniper Works", "disputed": true,
        "identifiers": [vendor("V-1"), vendor("V-2")],
    });
    let surviving = app.register_organization("juniper-works", input).await;
    let queue = "{ reviewQueue(kinds: [IDENTIFIER_DISPUTED]) { totalCount } }";
    let count = async || app.query(&app.reviewer_token(), queue, json!({})).await;
    assert_eq!(count().await["reviewQueue"]["totalCount"], 1);
    let merged = merge(&app, &retired, &surviving).await;
    let mut claims: Vec<String> = merged["identifiers"]
        .as_array()
        .expect("identifiers")
        .iter()
        .map(|it| format!("{} {}", text(&it["id"]), text(&it["state"])))
        .collect();
    claims.sort();
    assert_eq!(claims, ["V-1 CLAIMED", "V-2 CLAIMED", "V-3 CLAIMED"]);
    assert_eq!(count().await["reviewQueue"]["totalCount"], 0, "only the two disputed it");
    assert_eq!(merged["legalName"], "Juniper Works");
    assert_eq!(merged["doingBusinessAs"], json!(["Juniper Signs"]));
    let data = app.query(&surviving.token, MERGED, json!({ "id": retired.id })).await;
    assert_eq!(data["organization"]["identifiers"], json!([]));
    app.assert_verifies().await;
}

async fn invalid_merges_are_refused(app: TestApp) {
    let (one, other) = (app.register_firm("Larch").await, app.register_firm("Larch Works").await);
    let supervisor = app.supervisor_token("supervisor");
    let unknown = "org_00000000000000000000000000";
    for (retired, surviving, reason, expected) in [
        (&*one.id, &*one.id, "", &["input.reason required", "input.survivingId contradiction"][..]),
        (unknown, &*other.id, "Twice.", &["input.retiredId invalid"][..]),
        (&*one.id, unknown, "Twice.", &["input.survivingId invalid"][..]),
        (&*one.id, &*other.id, " ", &["input.reason required"][..]),
    ] {
        let input = json!({ "retiredId": retired, "survivingId": surviving, "reason": reason });
        let errors =
            app.mutation_errors(&supervisor, MERGE_ORGANIZATIONS, json!({ "input": input })).await;
        assert_eq!(errors, expected);
    }
    let party = |firm: &Firm, name: &str| json!({ "organizationId": firm.id, "name": name });
    let input = json!({
        "kind": "JOINT_VENTURE", "legalName": "Larch Venture",
        "jointVentureMembers": [party(&one, "Larch"), party(&other, "Larch Works")],
    });
    let venture = app.register_organization("venture", input).await;
    let refused = app.merge_organizations(&one, &venture).await;
    assert_eq!(format_user_errors(&refused["userErrors"]), ["input.survivingId contradiction"]);
    let input = json!({ "retiredId": one.id, "survivingId": other.id, "reason": "Twice." });
    let input = json!({ "input": input });
    for token in [&one.token, &app.reviewer_token()] {
        assert_eq!(app.fault_code(token, MERGE_ORGANIZATIONS, input.clone()).await, "FORBIDDEN");
    }
    app.assert_verifies().await;
}

async fn two_merges_at_once_make_one(app: TestApp) {
    for round in 0..5 {
        let one = app.register_disclosing_firm(&format!("Maple {round}")).await;
        let other = app.register_disclosing_firm(&format!("Maple Works {round}")).await;
        let supervisor = app.supervisor_token("supervisor");
        let attempt = async |retired: &Firm, surviving: &Firm| {
            let input = json!({
                "retiredId": retired.id, "survivingId": surviving.id, "reason": "Twice.",
            });
            app.execute(&supervisor, MERGE_ORGANIZATIONS, json!({ "input": input })).await
        };
        let (first, second) = tokio::join!(attempt(&one, &other), attempt(&other, &one));
        let mut succeeded = 0;
        for answer in [first, second] {
            if let Some(code) = find_fault_code(&answer) {
                assert_eq!(code, "CONFLICT", "{answer:#}");
                continue;
            }
            let payload = &answer["data"]["mergeOrganizations"];
            if payload["organization"].is_null() {
                let errors = format_user_errors(&payload["userErrors"]);
                assert!(errors[0].ends_with("invalid"), "{errors:?}");
            } else {
                succeeded += 1;
            }
        }
        assert_eq!(succeeded, 1, "round {round}");
    }
    app.assert_verifies().await;
}

async fn a_filing_is_made_as_its_organization_is_merged(app: TestApp) {
    for round in 0..5 {
        let retired = app.register_disclosing_firm(&format!("Oak {round}")).await;
        let surviving = app.register_disclosing_firm(&format!("Oak Works {round}")).await;
        let reaffirm = app.execute(&retired.token, REAFFIRM_DISCLOSURE, reaffirmation(&retired, 1));
        let merged = app.merge_organizations(&retired, &surviving);
        let (answer, merged) = tokio::join!(reaffirm, merged);
        assert_eq!(merged["userErrors"], json!([]), "{merged:#}");
        if let Some(code) = find_fault_code(&answer) {
            assert!(["CONFLICT", "NOT_FOUND"].contains(&&*code), "{answer:#}");
        } else {
            let errors = format_user_errors(&answer["data"]["reaffirmDisclosure"]["userErrors"]);
            assert!(errors.is_empty() || errors == ["organizationId invalid"], "{errors:?}");
        }
        let statuses = history(&app, &surviving.token, &surviving).await;
        assert_eq!(statuses.iter().filter(|(_, status)| status == "FILED").count(), 1);
    }
    app.assert_verifies().await;
}

async fn a_merge_is_proposed_once_and_dismissed(app: TestApp) {
    let (one, other) = (app.register_firm("Pine").await, app.register_firm("Pine Works").await);
    let third = app.register_firm("Pine Group").await;
    let proposed = app.propose_merge(&one, &other, "The same address.").await;
    let [proposal] = &proposed[..] else { panic!("one proposal: {proposed:?}") };
    assert_eq!(app.propose_merge(&other, &one, "The same name.").await, Vec::<String>::new());
    assert_eq!(app.propose_merge(&one, &one, "The same.").await, Vec::<String>::new());
    let supervisor = app.supervisor_token("supervisor");
    let dismiss = |reason: &str| json!({ "id": proposal, "reason": reason });
    let errors = app.mutation_errors(&supervisor, DISMISS, dismiss("")).await;
    assert_eq!(errors, ["reason required"]);
    let fault = app.fault_code(&app.reviewer_token(), DISMISS, dismiss("Two firms.")).await;
    assert_eq!(fault, "FORBIDDEN");
    let dismissed = app.mutate_ok(&supervisor, DISMISS, dismiss("Two firms.")).await;
    assert_eq!(dismissed["proposal"]["outcome"], "DISMISSED");
    assert_eq!(dismissed["proposal"]["organization"]["id"], one.id);
    assert_eq!(app.fault_code(&supervisor, DISMISS, dismiss("Two firms.")).await, "CONFLICT");
    assert_eq!(app.propose_merge(&one, &other, "Once more.").await, Vec::<String>::new());
    // A merge closes what proposed it.
    app.propose_merge(&one, &third, "The same name.").await;
    merge(&app, &third, &one).await;
    let merged = "SELECT COUNT(*) FROM merge_proposal WHERE outcome = 'MERGED'";
    assert_eq!(app.select_number(merged).await, 1);
    assert_eq!(app.propose_merge(&one, &third, "Once more.").await, Vec::<String>::new());
    app.assert_verifies().await;
}
