//! A court's order suspends the rules and ends: who is revived, who must cure, and by when; under the
//! first policy and under an invented city's.
use candor_tests::contracts::{AWARD_CONTRACT, Ordinance, award_of_bid, list_findings};
use candor_tests::due_times::february::{AFTER, DUE};
use candor_tests::fixtures::{Department, Firm, agreements_statement, no_dealings};
use candor_tests::steps::{
    CANCEL_SOLICITATION, REINSTATE_POLICY, SUSPEND_POLICY, classified_agreement,
    list_last_findings, list_outcomes, text,
};
use candor_tests::{Role, TestApp, stories_under_both_policies};
use serde_json::{Value, json};

stories_under_both_policies![under:
    a_bid_admitted_under_an_order_is_cured_in_its_days,
    an_order_is_previewed_and_leaves_awards_alone,
    a_preview_counts_contracts,
];

const PREVIEW: &str = "query($version: Int!, $rules: [String!]!, $first: Int, $after: ID) {
    previewSuspension(version: $version, rules: $rules, first: $first, after: $after) {
        refusedToAdmitted refusedToHeld heldToAdmitted complete
        bids { id number organizationId organizationName before after } } }";

fn admin(app: &TestApp) -> String {
    app.token("administrator", &[Role::Admin])
}

async fn suspend(app: &TestApp, law: Ordinance, rules: &[&str]) -> Value {
    let citation = "Superior Court, No. 26STCP00417, order of February 3, 2026";
    let input = json!({ "version": law.version, "rules": rules, "citation": citation });
    let mut suspended = app.mutate_ok(&admin(app), SUSPEND_POLICY, json!({ "input": input })).await;
    suspended["suspension"]["id"].take()
}

const DAYS: (&str, &str) = ("2026-04-01", "2027-03-31");

async fn award(app: &TestApp, of: &Department, law: Ordinance, bid: &Value, number: &str) -> Value {
    let input = award_of_bid(bid, number, DAYS, law.clause);
    app.mutate_ok(&of.token, AWARD_CONTRACT, input).await
}

/// The only bid on a solicitation that the firm sees.
async fn only_bid(app: &TestApp, firm: &Firm, solicitation: &str) -> Value {
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { nodes { id status } } } }";
    let mut data = app.query(&firm.token, bids, json!({ "id": solicitation })).await;
    data["solicitation"]["bids"]["nodes"][0].take()
}

mod under {
    use super::*;

    pub async fn a_bid_admitted_under_an_order_is_cured_in_its_days(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let (first, second) = (
            app.publish_solicitation(&department, DUE).await,
            app.publish_solicitation(&department, DUE).await,
        );
        let suspension = suspend(&app, law, &[]).await;
        let diligent = app.register_firm("Diligent Paving").await;
        let idle = app.register_firm("Idle Paving").await;
        let honest = app.register_disclosing_firm("Honest Paving").await;
        let cured = app.submit_bid(&diligent, &first, "100000").await;
        let missed = app.submit_bid(&idle, &second, "100000").await;
        let clean = app.submit_bid(&honest, &second, "110000").await;
        for bid in [&cured, &missed, &clean] {
            assert_eq!(bid["bid"]["status"], "ADMITTED", "{bid:#}");
        }
        let message = |bid: &Value| text(&bid["decision"]["findings"][0]["message"]);
        assert!(message(&cured).contains("a finding of the rule disclosure.missing here"));
        assert!(!message(&clean).contains("It lifts"), "{}", message(&clean));

        // Thursday, after bids were due.
        app.advance_to("2026-02-12T20:00:00Z");
        let input = json!({ "suspensionId": suspension, "citation": "The order was vacated." });
        app.mutate_ok(&admin(&app), REINSTATE_POLICY, json!({ "input": input })).await;
        let cure_by = law.pick("2026-02-21T08:00:00+00:00", "2026-02-18T05:00:00+00:00");
        for (firm, bid) in [(&diligent, &cured), (&idle, &missed)] {
            let held = app.load_bid(&firm.token, &bid["bid"]["id"]).await;
            assert_eq!(held["status"], "HELD");
            assert_eq!(held["cureBy"], cure_by);
            assert_eq!(list_last_findings(&held), ["disclosure.missing REVIEW"]);
        }
        let untouched = app.load_bid(&honest.token, &clean["bid"]["id"]).await;
        assert_eq!(untouched["status"], "ADMITTED", "without a defect");

        // The award passes its own gate, also within the days to cure.
        let early = award(&app, &department, law, &missed["bid"]["id"], "C-2").await;
        assert_eq!(early["contract"], Value::Null);
        assert_eq!(list_findings(&early["decision"]), ["disclosure.missing BLOCK"]);

        app.advance_to("2026-02-13T20:00:00Z");
        app.file_and_load_disclosure(&diligent, no_dealings()).await;
        let admitted = app.load_bid(&diligent.token, &cured["bid"]["id"]).await;
        assert_eq!(list_outcomes(&admitted), ["ADMIT", "REVIEW", "ADMIT"]);
        app.advance_to(law.pick("2026-02-21T08:00:15Z", "2026-02-18T05:00:15Z"));
        app.sweep().await;
        let awarded = award(&app, &department, law, &cured["bid"]["id"], "C-1").await;
        assert_eq!(awarded["decision"]["outcome"], "ADMIT", "{awarded:#}");
        assert_eq!(awarded["contract"]["basis"], "GATED");

        let refused = app.load_bid(&idle.token, &missed["bid"]["id"]).await;
        assert_eq!(refused["status"], "REFUSED");
        assert_eq!(list_last_findings(&refused), ["disclosure.missing BLOCK"]);
        // A filing after its days changes nothing.
        app.file_and_load_disclosure(&idle, no_dealings()).await;
        let late = app.load_bid(&idle.token, &missed["bid"]["id"]).await;
        assert_eq!(late["status"], "REFUSED");
        let input = award_of_bid(&missed["bid"]["id"], "C-2", DAYS, law.clause);
        let errors = app.mutation_errors(&department.token, AWARD_CONTRACT, input).await;
        assert_eq!(errors, ["input.bidId refused"], "a blocked bid is not awarded");
        app.assert_verifies().await;
    }

    pub async fn an_order_is_previewed_and_leaves_awards_alone(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let open = app.publish_solicitation(&department, DUE).await;
        let awarded = app.publish_solicitation(&department, DUE).await;
        let canceled = app.publish_solicitation(&department, DUE).await;
        let sealed = app.publish_solicitation(&department, "2026-04-14T21:00:00Z").await;
        let silent = app.register_firm("Silent Paving").await;
        let mute = app.register_firm("Mute Paving").await;
        let honest = app.register_disclosing_firm("Honest Paving").await;
        let careful = app.register_firm("Careful Paving").await;
        let statement = agreements_statement(&[classified_agreement()]);
        app.file_and_load_disclosure(&careful, statement).await;
        for solicitation in [&open, &awarded, &canceled, &sealed] {
            for firm in [&silent, &careful] {
                app.submit_bid(firm, solicitation, "100000").await;
            }
        }
        app.submit_bid(&mute, &open, "100000").await;
        let won = app.submit_bid(&honest, &awarded, "90000").await;
        app.advance_to(AFTER);
        let contract = award(&app, &department, law, &won["bid"]["id"], "C-1").await;
        assert_ne!(contract["contract"], Value::Null, "{contract:#}");
        let cancel = json!({ "id": canceled, "reason": "The street is closed." });
        app.mutate_ok(&department.token, CANCEL_SOLICITATION, cancel).await;

        let preview = async |token: &str, rules: &[&str], first: i64, after: Value| {
            let variables = json!({
                "version": law.version, "rules": rules, "first": first, "after": after,
            });
            let mut data = app.query(token, PREVIEW, variables).await;
            data["previewSuspension"].take()
        };
        let analyst = app.analyst_token();
        let all = preview(&analyst, &[], 10, Value::Null).await;
        let counts = |it: &Value| {
            let names = ["refusedToAdmitted", "refusedToHeld", "heldToAdmitted"];
            names.map(|name| it[name].as_i64().expect("a number"))
        };
        // In the invented city a missing disclosure can be cured, and a withheld part is a note.
        let is_first = !law.is_invented();
        assert_eq!(counts(&all), if is_first { [2, 0, 1] } else { [0, 0, 2] }, "{all:#}");
        assert_eq!(all["complete"], true);
        let bids = all["bids"].as_array().expect("bids");
        let mut names: Vec<String> = bids.iter().map(|it| text(&it["organizationName"])).collect();
        names.sort();
        let revived = ["Careful Paving", "Mute Paving", "Silent Paving"];
        assert_eq!(names, &revived[usize::from(!is_first)..]);
        // One page after the other.
        let page = preview(&admin(&app), &[], 1, Value::Null).await;
        let rest = preview(&admin(&app), &[], 2, page["bids"][0]["id"].clone()).await;
        assert_eq!(counts(&rest), counts(&all));
        let pages: Vec<&Value> = [&page, &rest]
            .into_iter()
            .flat_map(|it| it["bids"].as_array().expect("bids"))
            .collect();
        assert_eq!(pages, bids.iter().collect::<Vec<_>>());
        let rule = preview(&analyst, &["disclosure.missing"], 10, Value::Null).await;
        let expected = if is_first { [2, 0, 0] } else { [0, 0, 2] };
        assert_eq!(counts(&rule), expected, "a held bid needs another rule");
        let variables = json!({ "version": law.version, "rules": [] });
        for token in [app.reviewer_token(), department.token.clone(), silent.token.clone()] {
            assert_eq!(app.fault_code(&token, PREVIEW, variables.clone()).await, "FORBIDDEN");
        }
        // Pages alone, without the counts, are the same.
        let alone = "query($version: Int!, $after: ID) {
            previewSuspension(version: $version, first: 1, after: $after) { bids { id } } }";
        let mut after = Value::Null;
        for bid in bids {
            let variables = json!({ "version": law.version, "after": after });
            let data = app.query(&analyst, alone, variables).await;
            assert_eq!(data["previewSuspension"]["bids"], json!([{ "id": bid["id"] }]));
            after = bid["id"].clone();
        }
        let variables = json!({ "version": law.version, "after": after });
        let data = app.query(&analyst, alone, variables).await;
        assert_eq!(data["previewSuspension"]["bids"], json!([]), "none is left");
        for (variables, expected) in [
            (json!({ "version": 7, "rules": [] }), "version"),
            (json!({ "version": law.version, "rules": ["disclosure.absent"] }), "rules"),
            (json!({ "version": law.version, "rules": [], "first": -1 }), "first"),
        ] {
            let code = app.fault_code(&analyst, PREVIEW, variables).await;
            assert_eq!(code, "BAD_USER_INPUT", "{expected}");
        }

        // The suspension does what the preview says.
        suspend(&app, law, &[]).await;
        app.sweep().await;
        for (firm, solicitation, expected) in [
            (&silent, &open, "ADMITTED"),
            (&mute, &open, "ADMITTED"),
            (&careful, &open, "ADMITTED"),
            (&silent, &awarded, law.pick("REFUSED", "HELD")),
            (&careful, &awarded, law.pick("HELD", "ADMITTED")),
            (&silent, &canceled, law.pick("REFUSED", "CLOSED")),
        ] {
            let bid = only_bid(&app, firm, solicitation).await;
            assert_eq!(bid["status"], expected, "{bid:#}");
        }
        let after = preview(&analyst, &[], 10, Value::Null).await;
        assert_eq!(counts(&after), [0, 0, 0]);
        app.assert_verifies().await;
    }

    pub async fn a_preview_counts_contracts(app: TestApp, law: Ordinance) {
        let department = app.create_department("BSS").await;
        let silent = app.register_firm("Silent Paving").await;
        let honest = app.register_disclosing_firm("Honest Paving").await;
        let parts = json!({ "clauseVersion": law.clause });
        let (short, long) = (("2025-06-01", "2026-04-03"), ("2025-06-01", "2029-04-03"));
        let first = app.record_contract(&department, &silent, "C-1", short, parts.clone()).await;
        let second = app.record_contract(&department, &silent, "C-2", short, parts.clone()).await;
        app.record_contract(&department, &honest, "C-3", short, parts.clone()).await;
        // Admitted today, stale at its end.
        let third = app.record_contract(&department, &honest, "C-4", long, parts.clone()).await;
        let ended = ("2024-06-01", "2025-06-01");
        app.record_contract(&department, &silent, "C-5", ended, parts).await;
        let query = "query($version: Int!, $rules: [String!]!, $first: Int, $after: ID) {
            previewSuspension(version: $version, rules: $rules) {
                contracts(first: $first, after: $after) {
                    blockedToAdmitted blockedToHeld heldToAdmitted betterAtEnd complete
                    contracts { id number departmentId organizationId before after
                        beforeAtEnd afterAtEnd } } } }";
        let analyst = app.analyst_token();
        let preview = async |rules: &[&str], first: i64, after: &Value| {
            let variables = json!({
                "version": law.version, "rules": rules, "first": first, "after": after,
            });
            let mut data = app.query(&analyst, query, variables).await;
            data["previewSuspension"]["contracts"].take()
        };
        let counts = |it: &Value| {
            let names = ["blockedToAdmitted", "blockedToHeld", "heldToAdmitted", "betterAtEnd"];
            names.map(|name| it[name].as_i64().expect("a number"))
        };
        let all = preview(&[], 10, &Value::Null).await;
        assert_eq!(counts(&all), [2, 0, 0, 3], "{all:#}");
        assert_eq!(all["complete"], true);
        let listed = all["contracts"].as_array().expect("contracts");
        let ids: Vec<&Value> = listed.iter().map(|it| &it["id"]).collect();
        assert_eq!(ids, [&json!(first), &json!(second), &json!(third)]);
        let today = |it: &Value| [text(&it["before"]), text(&it["after"])];
        let at_end = |it: &Value| [text(&it["beforeAtEnd"]), text(&it["afterAtEnd"])];
        assert_eq!(today(&listed[0]), ["BLOCK", "ADMIT"]);
        assert_eq!(today(&listed[2]), ["ADMIT", "ADMIT"]);
        assert_eq!(at_end(&listed[2]), ["BLOCK", "ADMIT"]);
        // In pages, and by rule.
        let page = preview(&[], 2, &Value::Null).await;
        let rest = preview(&[], 2, &json!(second)).await;
        assert_eq!(counts(&rest), counts(&all));
        assert_eq!(page["contracts"], json!(listed[..2]));
        assert_eq!(rest["contracts"], json!(listed[2..]));
        let rule = preview(&["disclosure.stale"], 10, &Value::Null).await;
        assert_eq!(counts(&rule), [0, 0, 0, 1]);
        let alone = "query($version: Int!, $after: ID) { previewSuspension(version: $version) {
            contracts(first: 1, after: $after) { contracts { id } } } }";
        let variables = json!({ "version": law.version, "after": second });
        let data = app.query(&analyst, alone, variables).await;
        let contracts = &data["previewSuspension"]["contracts"]["contracts"];
        assert_eq!(contracts, &json!([{ "id": third }]));

        // The suspension does what the preview says.
        suspend(&app, law, &[]).await;
        app.sweep().await;
        let readiness = "query($id: ID!) { contract(id: $id) { readiness readinessAtEnd } }";
        for contract in [&first, &second, &third] {
            let data = app.query(&analyst, readiness, json!({ "id": contract })).await;
            let ready = json!({ "readiness": "ADMIT", "readinessAtEnd": "ADMIT" });
            assert_eq!(data["contract"], ready);
        }
        let after = preview(&[], 10, &Value::Null).await;
        assert_eq!(counts(&after), [0, 0, 0, 0]);
        app.assert_verifies().await;
    }
}
