//! Wherever a bid or a contract of a merged organization is listed, exported, matched or compared, it is the firm's that
//! it was merged into. A bid rests on the organization that filed, so that after a merge new bids of the survivor may
//! have the retired one in their rows.
use candor_tests::api_keys::ApiKey;
use candor_tests::awards::{AwardSummary, DISMISS_MATCH};
use candor_tests::contracts::{PROPOSE_RENEWAL, REQUEST_WAIVER};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, agreements_statement, list_finding_codes, usd};
use candor_tests::steps::{
    WITHDRAW_BID, WITHDRAW_DISCLOSURE, detention_agreement, format_user_errors, text,
};
use candor_tests::{Method, StatusCode, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_withdrawal_at_the_moment_of_a_merge_was_before_it,
    every_bid_of_the_firm_lists_its_waivers,
    exposure_counts_the_firm_once,
    exports_and_open_data_name_the_survivor,
    the_firm_is_found_by_the_name_that_lists_show,
    withdrawing_the_retired_ones_filing_uncovers_its_matches,
    a_recipient_is_dismissed_for_the_whole_firm,
    a_venture_is_not_merged_with_its_member_in_two_steps,
    a_contract_is_not_assigned_to_its_own_firm,
    an_assignment_that_waits_is_the_same_after_a_merge,
];

const UEI: &str = "QW3JX8L5T9R2";

async fn merge(app: &TestApp, retired: &Firm, surviving: &Firm) {
    let payload = app.merge_organizations(retired, surviving).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
}

/// Registers two firms, of which the first has the newer filing, with an agreement, and merges it into the second.
async fn merge_newest_filer(app: &TestApp) -> (Firm, Firm) {
    app.advance_to("2026-01-10T20:00:00Z");
    let surviving = app.register_disclosing_firm("Cedar Street Holdings").await;
    app.advance_to("2026-01-11T20:00:00Z");
    let retired = app.register_firm("Dogwood").await;
    let statement = agreements_statement(&[detention_agreement()]);
    app.file_and_load_disclosure(&retired, statement).await;
    app.advance_to("2026-01-12T20:00:00Z");
    merge(app, &retired, &surviving).await;
    (retired, surviving)
}

async fn get(app: &TestApp, path: &str, secret: &str) -> String {
    let answer = app.http_request(Method::GET, path).bearer_auth(secret).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.text().await.expect("a text")
}

async fn a_withdrawal_at_the_moment_of_a_merge_was_before_it(app: TestApp) {
    app.advance_to("2026-01-10T20:00:00Z");
    let retired = app.register_disclosing_firm("Cedar").await;
    let surviving = app.register_firm("Cedar Works").await;
    app.advance_to("2026-01-11T20:00:00Z");
    let statement = || agreements_statement(&[detention_agreement()]);
    let reason = |id: &Value| json!({ "id": id, "reason": "Filed by mistake." });
    let filed = app.file_and_load_disclosure(&surviving, statement()).await;
    app.mutate_ok(&surviving.token, WITHDRAW_DISCLOSURE, reason(&filed["id"])).await;
    merge(&app, &retired, &surviving).await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let bid = app.submit_admitted_bid(&surviving, &solicitation, "1000").await;
    app.mutate_ok(&surviving.token, WITHDRAW_BID, json!({ "id": bid })).await;
    // At the same moment, but after the merge.
    let filed = app.file_and_load_disclosure(&surviving, statement()).await;
    app.mutate_ok(&surviving.token, WITHDRAW_DISCLOSURE, reason(&filed["id"])).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let refused = app.submit_bid(&surviving, &solicitation, "1000").await;
    assert_eq!(list_finding_codes(&refused["decision"]), ["disclosure.missing"]);
    app.assert_verifies().await;
}

async fn every_bid_of_the_firm_lists_its_waivers(app: TestApp) {
    let (_, firm) = merge_newest_filer(&app).await;
    let department = app.create_department("BSS").await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let named = app.register_firm("Loose Gravel").await;
    let named =
        json!([{ "organizationId": named.id, "name": "Loose Gravel", "amount": usd("90000") }]);
    let first = app.submit_bid_with(&firm, &solicitation, "200000", named.clone()).await;
    app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": first["bid"]["id"] })).await;
    app.submit_bid_with(&firm, &solicitation, "190000", named).await;
    app.advance_to(AFTER);
    let rule = "subcontractor.missing_disclosure";
    let waiver = json!({ "input": {
        "solicitationId": solicitation, "organizationId": firm.id, "rule": rule,
        "purpose": "The windows.", "alternatives": "None.", "cost": "Little.",
        "costAmount": usd("100"), "authority": "Council File 26-0417", "expiresOn": "2026-04-01",
    } });
    app.mutate_ok(&app.reviewer_token(), REQUEST_WAIVER, waiver).await;
    let bids = "{ screenBids { nodes { bid { organization { id } } waivers { rule } } } }";
    let data = app.query(&app.analyst_token(), bids, json!({})).await;
    let bid = json!({ "bid": { "organization": { "id": firm.id } },
        "waivers": [{ "rule": rule }] });
    assert_eq!(data["screenBids"]["nodes"], json!([bid, bid]));
}

async fn record_for_both(app: &TestApp, retired: &Firm, surviving: &Firm) -> Department {
    let department = app.create_department("BSS").await;
    let days = ("2025-06-01", "2026-12-31");
    for (firm, number) in [(retired, "C-1"), (surviving, "C-2")] {
        app.record_contract(&department, firm, number, days, json!({})).await;
    }
    department
}

async fn exposure_counts_the_firm_once(app: TestApp) {
    app.advance_to("2026-01-11T20:00:00Z");
    let surviving = app.register_firm("Cedar Street Holdings").await;
    let retired = app.register_firm("Dogwood").await;
    let statement = agreements_statement(&[detention_agreement()]);
    app.file_and_load_disclosure(&retired, statement).await;
    record_for_both(&app, &retired, &surviving).await;
    merge(&app, &retired, &surviving).await;
    let totals = json!({ "contracts": 2, "organizations": 1, "agreements": 1 });
    for by in ["ORGANIZATION", "DEPARTMENT", "COMPONENT", "NATURE_OF_WORK"] {
        let exposure = "query($by: ExposureGroup!) { exposure(groupBy: $by) {
            groups { label contracts organizations agreements }
            withAgreements { contracts organizations agreements } } }";
        let data = app.query(&app.analyst_token(), exposure, json!({ "by": by })).await;
        let exposure = &data["exposure"][0];
        assert_eq!(exposure["withAgreements"], totals, "{by}");
        let groups = exposure["groups"].as_array().expect("groups");
        assert_eq!(groups.len(), 1, "{by}: {groups:#?}");
        for (name, total) in totals.as_object().expect("totals") {
            assert_eq!(groups[0][name], *total, "{by}: {name}");
        }
        if by == "ORGANIZATION" {
            assert_eq!(groups[0]["label"], "Cedar Street Holdings");
        }
    }
    app.assert_verifies().await;
}

async fn exports_and_open_data_name_the_survivor(app: TestApp) {
    let ApiKey { secret, .. } = app.create_api_key("EXPORTS").await;
    let before = app.register_disclosing_firm("Elder").await;
    let department = app.create_department("BSS").await;
    let days = ("2025-06-01", "2026-12-31");
    app.record_contract(&department, &before, "C-0", days, json!({})).await;
    let (retired, firm) = merge_newest_filer(&app).await;
    merge(&app, &before, &firm).await;
    // The filing on file is that of a retired one.
    let statements = get(&app, "/v1/bods/statements?limit=100", &secret).await;
    assert!(statements.contains(&firm.id) && !statements.contains(&retired.id), "{statements}");
    let solicitation = app.publish_solicitation(&department, DUE).await;
    let first = app.submit_admitted_bid(&firm, &solicitation, "1000").await;
    app.mutate_ok(&firm.token, WITHDRAW_BID, json!({ "id": first })).await;
    let statement = agreements_statement(&[detention_agreement()]);
    app.file_and_load_disclosure(&firm, statement).await;
    app.submit_admitted_bid(&firm, &solicitation, "900").await;
    app.record_contract(&department, &firm, "C-1", days, json!({})).await;
    app.advance_to(AFTER);
    app.sweep().await;
    for path in ["/v1/exports/bids", "/v1/exports/contracts"] {
        let lines = get(&app, &format!("{path}?format=jsonl"), &secret).await;
        for line in lines.lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(line["organizationId"], json!(firm.id), "{path}: {line:#}");
            assert_eq!(line["organizationName"], "Cedar Street Holdings", "{path}");
        }
        assert!(!lines.is_empty(), "{path}");
    }
    let releases = get(&app, "/v1/ocds/releases?limit=100", &secret).await;
    let releases: Value = serde_json::from_str(&releases).expect("JSON");
    let releases = releases["releases"].as_array().expect("releases");
    let is_solicitation = |it: &&Value| text(&it["ocid"]).ends_with(&solicitation);
    let tender = releases.iter().find(is_solicitation).expect("the solicitation");
    assert_eq!(tender["tender"]["numberOfTenderers"], 1, "{tender:#}");
    let statements = get(&app, "/v1/bods/statements?limit=100", &secret).await;
    for (document, what) in [(json!(releases).to_string(), "OCDS"), (statements, "BODS")] {
        assert!(document.contains(&firm.id), "{what}: {document}");
        for retired in [&before, &retired] {
            assert!(!document.contains(&retired.id), "{what}: {document}");
        }
    }
}

async fn the_firm_is_found_by_the_name_that_lists_show(app: TestApp) {
    app.advance_to("2026-01-10T20:00:00Z");
    let surviving = app.register_firm("Cedar Street Holdings").await;
    let retired = app.register_disclosing_firm("Dogwood").await;
    let department = app.create_department("BSS").await;
    let days = ("2025-06-01", "2026-12-31");
    app.record_contract(&department, &retired, "C-1", days, json!({})).await;
    app.advance_to("2026-01-12T20:00:00Z");
    merge(&app, &retired, &surviving).await;
    let solicitation = app.publish_solicitation(&department, DUE).await;
    app.submit_admitted_bid(&surviving, &solicitation, "1000").await;
    app.advance_to(AFTER);
    app.sweep().await;
    for token in [app.reviewer_token(), department.token.clone()] {
        for (words, found) in [("cedar street", 1), ("Dogwood", 1), ("cedar avenue", 0)] {
            for list in ["screenBids", "screenContracts", "disclosures"] {
                let query = format!(
                    "query($text: String!) {{ {list}(filter: {{ text: $text }}) {{ totalCount nodes {{ __typename }} }} }}"
                );
                let data = app.query(&token, &query, json!({ "text": words })).await;
                let rows = data[list]["nodes"].as_array().map(Vec::len);
                assert_eq!(
                    (&data[list]["totalCount"], rows),
                    (&json!(found), Some(found)),
                    "{words}: {data}"
                );
            }
        }
    }
}

async fn withdrawing_the_retired_ones_filing_uncovers_its_matches(app: TestApp) {
    let retired = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    let mut agreement = detention_agreement();
    agreement["identifier"] = json!(AwardSummary::default().number);
    let filed = app.file_and_load_disclosure(&retired, agreements_statement(&[agreement])).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    assert_eq!(app.load_only_match(&retired).await["status"], "COVERED");
    let surviving = app.register_firm("Hazel Roads").await;
    merge(&app, &retired, &surviving).await;
    app.sweep().await;
    let reason = json!({ "id": filed["id"], "reason": "Filed by mistake." });
    app.mutate_ok(&surviving.token, WITHDRAW_DISCLOSURE, reason).await;
    app.sweep().await;
    assert_eq!(app.load_only_match(&surviving).await["status"], "OPEN");
    app.assert_verifies().await;
}

async fn a_recipient_is_dismissed_for_the_whole_firm(app: TestApp) {
    let retired = app.register_firm_attesting_none("Quillwort Paving", UEI).await;
    app.import_award_rows(&[AwardSummary::default()]).await;
    let surviving = app.register_disclosing_firm("Hazel Roads").await;
    merge(&app, &retired, &surviving).await;
    app.sweep().await;
    let other = AwardSummary { number: "70CDCR25FR0000012", ..AwardSummary::default() };
    app.import_award_rows(&[AwardSummary::default(), other]).await;
    let reviewer = app.reviewer_token();
    let matches = app.list_matches(&reviewer, &surviving).await;
    assert_eq!(matches.len(), 2, "{matches:#?}");
    let dismissal = json!({ "input": {
        "matchId": matches[0]["id"], "reason": "Another firm's UEI.", "wholeRecipient": true,
    } });
    app.mutate_ok(&reviewer, DISMISS_MATCH, dismissal).await;
    for dismissed in app.list_matches(&reviewer, &surviving).await {
        assert_eq!(dismissed["status"], "DISMISSED", "{dismissed:#}");
    }
    app.assert_verifies().await;
}

async fn a_venture_is_not_merged_with_its_member_in_two_steps(app: TestApp) {
    let member = app.register_firm("Cedar").await;
    let survivor = app.register_firm("Cedar Works").await;
    let venture = json!({
        "kind": "JOINT_VENTURE", "legalName": "Cedar and Dogwood", "jointVentureMembers": [
            { "organizationId": member.id, "name": "Cedar" }, { "name": "Dogwood" },
        ],
    });
    let venture = app.register_organization("venture", venture).await;
    merge(&app, &member, &survivor).await;
    for (retired, surviving) in [(&survivor, &venture), (&venture, &survivor)] {
        let refused = app.merge_organizations(retired, surviving).await;
        let errors = format_user_errors(&refused["userErrors"]);
        assert_eq!(errors, ["input.survivingId contradiction"], "{refused:#}");
    }
    let update = "mutation($id: ID!, $input: OrganizationUpdate!) {
        updateOrganization(id: $id, revision: 2, input: $input) {
            organization { id } userErrors { path code message } } }";
    let ventures = json!([{ "organizationId": member.id, "name": "Cedar" }, { "name": "Dogwood" }]);
    let input = json!({ "kind": "JOINT_VENTURE", "jointVentureMembers": ventures });
    let errors = app
        .mutation_errors(&survivor.token, update, json!({ "id": survivor.id, "input": input }))
        .await;
    assert_eq!(
        errors,
        ["input.jointVentureMembers contradiction"],
        "a member is what it was merged into"
    );
    // The venture first.
    let other = app.register_firm("Elm").await;
    merge(&app, &venture, &other).await;
    let refused = app.merge_organizations(&survivor, &other).await;
    let errors = format_user_errors(&refused["userErrors"]);
    assert_eq!(errors, ["input.survivingId contradiction"], "{refused:#}");
    app.assert_verifies().await;
}

async fn a_contract_is_not_assigned_to_its_own_firm(app: TestApp) {
    let retired = app.register_disclosing_firm("Dogwood").await;
    let surviving = app.register_disclosing_firm("Cedar Street Holdings").await;
    let department = app.create_department("BSS").await;
    let days = ("2025-06-01", "2026-12-31");
    let contract = app.record_contract(&department, &retired, "C-1", days, json!({})).await;
    merge(&app, &retired, &surviving).await;
    let input =
        json!({ "contractId": contract, "action": "ASSIGNMENT", "assigneeId": surviving.id });
    let refused = app.mutate(&department.token, PROPOSE_RENEWAL, json!({ "input": input })).await;
    let errors = refused["userErrors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{refused:#}");
    assert_eq!(text(&errors[0]["path"][1]), "assigneeId", "{refused:#}");
    app.assert_verifies().await;
}

async fn an_assignment_that_waits_is_the_same_after_a_merge(app: TestApp) {
    app.create_department("BSS").await;
    let ApiKey { secret, .. } = app.create_api_key("PROCUREMENT_SYSTEM").await;
    app.register_vendor(&secret, "Prime Paving", "V-1").await;
    let silent = app.register_silent_vendor(&secret, "Silent", "V-2").await;
    let award = json!({
        "contract": "C-1", "department": "BSS", "method": "SOLE_SOURCE", "vendor": "V-1",
        "title": "Paving", "value": usd("900000.00"), "startDate": "2025-12-01",
        "endDate": "2026-12-31", "clauseVersion": 1,
    });
    app.rest_post(&secret, "/v1/gate/awards", &award).await.expect(200);
    let assignment = json!({ "contract": "C-1", "action": "ASSIGNMENT", "assignee": "V-2" });
    let waiting = app.rest_post(&secret, "/v1/gate/renewals", &assignment).await.expect(200);
    assert_eq!(waiting["carriedOut"], false, "{waiting:#}");
    let surviving = app.register_firm("Heir Paving").await;
    merge(&app, &silent, &surviving).await;
    let again = app.rest_post(&secret, "/v1/gate/renewals", &assignment).await.expect(200);
    assert_eq!((&again["subject"], &again["carriedOut"]), (&waiting["subject"], &json!(false)));
    app.assert_verifies().await;
}
