//! An administrator publishes a policy, and a court stops it.
use candor_schema::contracting::service::Settled;
use candor_tests::affairs::{Firm, dollars, nothing};
use candor_tests::steps::{CANCEL, PUBLISH_POLICY, REINSTATE, SUSPEND, last_found, outcomes, text};
use candor_tests::{City, Role, stories};
use serde_json::{Value, json};

stories![
    a_policy_is_published_once_and_tells_how_it_differs,
    a_ban_cannot_be_published,
    a_policy_is_suspended_at_noon_and_reinstated,
    one_rule_is_suspended,
    a_refused_attempt_returns_only_for_what_refused_it,
    two_orders_lift_what_one_alone_does_not,
    nothing_returns_to_a_cancelled_solicitation,
    a_suspension_is_told_what_is_wrong_with_it,
];

const LAW: &str = include_str!("../../policies/version-1.toml");
const DUE: &str = "2026-02-11T22:00:00Z";
const AFTER: &str = "2026-02-11T22:00:15Z";

fn admin(city: &City) -> String {
    city.token("administrator", &[Role::Admin])
}

/// The next version from a day on, with some of its words replaced.
fn next(from: &str, words: &[(&str, &str)]) -> Value {
    let from = format!("[parameters.effectiveFrom]\nvalue = \"{from}\"");
    let mut law = LAW.replace("\nversion = 1\ntitle =", "\nversion = 2\ntitle =");
    law = law.replace("[parameters.effectiveFrom]\nvalue = \"2026-07-01\"", &from);
    for (old, new) in words {
        assert!(law.contains(old), "{old}");
        law = law.replacen(old, new, 1);
    }
    json!({ "input": { "text": law } })
}

const LOOK_BACK: (&str, &str) =
    ("[parameters.lookBackMonths]\nvalue = 0", "[parameters.lookBackMonths]\nvalue = 12");

async fn a_policy_is_published_once_and_tells_how_it_differs(city: City) {
    let firm = city.firm("Prime Paving").await;
    let filed = city.filed(&firm, nothing()).await;
    let news = "query($id: ID!) { disclosure(id: $id) { questionsNews {
        policyVersion effectiveFrom countsUntil questions } } }";
    let seen = city.data(&firm.token, news, json!({ "id": filed["id"] })).await;
    assert_eq!(seen["disclosure"]["questionsNews"], Value::Null);
    // START is 2 February in the city: today has begun already.
    for from in ["2026-02-02", "2019-01-01"] {
        let told = city.change(&admin(&city), PUBLISH_POLICY, next(from, &[])).await;
        assert_eq!(told["userErrors"][0]["path"], json!(["input", "text"]));
        assert!(text(&told["userErrors"][0]["message"]).contains("has begun already"));
    }
    let published =
        city.done(&admin(&city), PUBLISH_POLICY, next("2026-02-03", &[LOOK_BACK])).await;
    assert_eq!(published["policy"]["version"], 2);
    let differences = published["policy"]["differences"].as_array().expect("differences");
    let names: Vec<_> = differences.iter().map(|it| text(&it["name"])).collect();
    assert_eq!(names, ["effectiveFrom", "lookBackMonths"]);
    assert_eq!(
        (&differences[1]["before"]["value"], &differences[1]["after"]["value"]),
        (&json!(0), &json!(12))
    );
    // What is law does not change, and is not skipped.
    for text in [next("2026-02-03", &[LOOK_BACK]), next("2026-02-04", &[])] {
        let again = city.change(&admin(&city), PUBLISH_POLICY, text).await;
        if again["policy"] == Value::Null {
            assert_eq!(again["userErrors"][0]["code"], "refused");
        } else {
            assert_eq!(
                again["policy"]["id"], published["policy"]["id"],
                "the same words are law already"
            );
        }
    }
    assert_eq!(city.count("SELECT COUNT(*) FROM policy").await, 2);
    // The firm sees what is new since its filing, and until when its answers count.
    let seen = city.data(&firm.token, news, json!({ "id": filed["id"] })).await;
    let news = &seen["disclosure"]["questionsNews"];
    assert_eq!(news["policyVersion"], 2);
    assert_eq!(news["effectiveFrom"], "2026-02-03");
    assert_eq!(news["countsUntil"], "2026-04-04");
    let words = json!(["how long ago an agreement may have ended and still be listed"]);
    assert_eq!(news["questions"], words);
    city.verified().await;
}

async fn a_ban_cannot_be_published(city: City) {
    for (code, key) in [("dhs.agreement_disclosed", "bid"), ("data_sharing.to_dhs", "award")] {
        let start = LAW.find(&format!("[rules.\"{code}\"]")).expect("the rule");
        let rule = &LAW[start..start + LAW[start..].find("citation").expect("its end")];
        let line = rule.lines().find(|line| line.starts_with(key)).expect("its weight");
        let ban = rule.replacen(line, &format!("{key} = \"REVIEW\""), 1);
        let told =
            city.change(&admin(&city), PUBLISH_POLICY, next("2026-03-01", &[(rule, &ban)])).await;
        let words = text(&told["userErrors"][0]["message"]);
        assert!(words.starts_with("line ") && words.contains("would make a ban"), "{words}");
    }
    assert_eq!(city.count("SELECT COUNT(*) FROM policy").await, 1);
    for text in ["", "version = ", "\u{0}", "[rules]\n[rules]"] {
        let told =
            city.to_mend(&admin(&city), PUBLISH_POLICY, json!({ "input": { "text": text } })).await;
        assert_eq!(told, ["input.text refused"], "{text:?}");
    }
}

async fn suspends(city: &City, rules: &[&str]) -> Value {
    let citation = "Superior Court, No. 26STCP00417, order of 3 February 2026";
    let input = json!({ "version": 1, "rules": rules, "citation": citation });
    let mut suspended = city.done(&admin(city), SUSPEND, json!({ "input": input })).await;
    suspended["suspension"]["id"].take()
}

async fn reinstates(city: &City, suspension: &Value) {
    let input = json!({ "suspensionId": suspension, "citation": "The order was vacated." });
    city.done(&admin(city), REINSTATE, json!({ "input": input })).await;
}

async fn open(city: &City) -> (Firm, String) {
    let department = city.department("BSS").await;
    let solicitation = city.solicited(&department, DUE).await;
    (city.firm("Silent Paving").await, solicitation)
}

async fn a_policy_is_suspended_at_noon_and_reinstated(city: City) {
    let (firm, solicitation) = open(&city).await;
    let refused = city.submit(&firm, &solicitation, "100000").await;
    assert_eq!(refused["bid"], Value::Null);
    city.advance_to("2026-02-03T20:00:00Z");
    let suspension = suspends(&city, &[]).await;
    // Before bids are due, who was refused submits again itself.
    let admitted = city.submit(&firm, &solicitation, "100000").await;
    assert_eq!(admitted["bid"]["status"], "ADMITTED", "{admitted:#}");
    assert_eq!(admitted["bid"]["disclosure"], Value::Null);
    let finding = &admitted["decision"]["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&json!("policy.suspended"), &json!("NOTE"))
    );
    assert!(text(&finding["message"]).contains("No. 26STCP00417"));
    let policy = "{ policy { suspensions { citation reinstatedAt } } }";
    let seen = city.data(&firm.token, policy, json!({})).await;
    assert_eq!(seen["policy"]["suspensions"][0]["reinstatedAt"], Value::Null);

    city.advance_to("2026-02-04T20:00:00Z");
    reinstates(&city, &suspension).await;
    let bid = city.bid_of(&firm.token, &admitted["bid"]["id"]).await;
    assert_eq!(bid["status"], "REFUSED", "the rules are in effect again");
    assert_eq!(outcomes(&bid), ["ADMIT", "BLOCK"]);
    city.filed(&firm, nothing()).await;
    let again = city.submit(&firm, &solicitation, "100000").await;
    assert_eq!(again["bid"]["status"], "ADMITTED");
    assert_eq!(again["decision"]["findings"], json!([]));
    city.verified().await;
}

async fn one_rule_is_suspended(city: City) {
    let (firm, solicitation) = open(&city).await;
    city.filed(&firm, candor_tests::affairs::agreements(&[candor_tests::steps::classified()]))
        .await;
    let held = city.submit(&firm, &solicitation, "100000").await;
    assert_eq!(held["bid"]["status"], "HELD");
    let suspension = suspends(&city, &["disclosure.partly_withheld"]).await;
    let bid = city.bid_of(&firm.token, &held["bid"]["id"]).await;
    assert_eq!(bid["status"], "ADMITTED");
    let found = last_found(&bid);
    assert!(found.contains(&"policy.suspended NOTE".to_owned()), "{found:?}");
    assert!(!found.iter().any(|it| it.starts_with("disclosure.partly_withheld")), "{found:?}");
    reinstates(&city, &suspension).await;
    assert_eq!(city.bid_of(&firm.token, &held["bid"]["id"]).await["status"], "HELD");
    city.verified().await;
}

async fn a_refused_attempt_returns_only_for_what_refused_it(city: City) {
    let (firm, solicitation) = open(&city).await;
    let refused = city.submit(&firm, &solicitation, "100000").await;
    let decision = refused["decision"]["id"].clone();
    // It files before bids are due and forgets to submit again.
    city.filed(&firm, nothing()).await;
    city.advance_to(AFTER);
    let other = suspends(&city, &["disclosure.stale"]).await;
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { nodes { id status } } } }";
    let seen = city.data(&firm.token, bids, json!({ "id": solicitation })).await;
    let bid = seen["solicitation"]["bids"]["nodes"][0].clone();
    assert_eq!(bid["status"], "REFUSED", "another rule refused it");
    reinstates(&city, &other).await;
    suspends(&city, &["disclosure.missing"]).await;
    let back = city.bid_of(&firm.token, &bid["id"]).await;
    assert_eq!(back["status"], "ADMITTED", "what refused it is lifted");
    assert_ne!(back["decision"]["id"], decision);
    city.verified().await;
}

async fn two_orders_lift_what_one_alone_does_not(city: City) {
    let department = city.department("BSS").await;
    let solicitation = city.solicited(&department, DUE).await;
    let firm = city.firm("Silent Paving").await;
    let missing = json!([{ "name": "Nobody", "amount": dollars("40000") }]);
    city.submit_naming(&firm, &solicitation, "100000", missing).await;
    // Past the time to mend what the subcontractor lacks: two rules refuse the attempt.
    city.advance_to("2026-02-20T08:00:00Z");
    let bids = "query($id: ID!) { solicitation(id: $id) { bids { nodes { id } } } }";
    let seen = city.data(&firm.token, bids, json!({ "id": solicitation })).await;
    let bid = &seen["solicitation"]["bids"]["nodes"][0]["id"];
    suspends(&city, &["disclosure.missing"]).await;
    assert_eq!(city.bid_of(&firm.token, bid).await["status"], "REFUSED");
    suspends(&city, &["subcontractor.missing_disclosure"]).await;
    assert_eq!(city.bid_of(&firm.token, bid).await["status"], "ADMITTED");
    city.verified().await;
}

async fn nothing_returns_to_a_cancelled_solicitation(city: City) {
    let department = city.department("BSS").await;
    let solicitation = city.solicited(&department, DUE).await;
    let firm = city.firm("Silent Paving").await;
    city.submit(&firm, &solicitation, "100000").await;
    city.advance_to(AFTER);
    let cancel = json!({ "id": solicitation, "reason": "The street is closed." });
    city.done(&department.token, CANCEL, cancel).await;
    suspends(&city, &[]).await;
    assert_eq!(city.sweep().await, Settled::default());
    assert_eq!(city.count("SELECT COUNT(*) FROM reconsideration").await, 0);
    assert_eq!(city.count("SELECT COUNT(*) FROM bid WHERE status = 'REFUSED'").await, 1);
}

async fn a_suspension_is_told_what_is_wrong_with_it(city: City) {
    let suspend = |parts: Value| {
        let mut input = json!({ "version": 1, "citation": "An order" });
        for (name, part) in parts.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    for (parts, told) in [
        (json!({ "citation": " " }), "input.citation required"),
        (json!({ "version": 7 }), "input.version invalid"),
        (json!({ "rules": ["disclosure.missing", "disclosure.absent"] }), "input.rules.1 invalid"),
        (json!({ "rules": ["policy.suspended"] }), "input.rules.0 invalid"),
    ] {
        assert_eq!(
            city.to_mend(&admin(&city), SUSPEND, suspend(parts.clone())).await,
            [told],
            "{parts}"
        );
    }
    let reviewer = city.reviewer();
    assert_eq!(city.fault(&reviewer, SUSPEND, suspend(json!({}))).await, "FORBIDDEN");
    let suspension = suspends(&city, &[]).await;
    assert_eq!(city.fault(&admin(&city), SUSPEND, suspend(json!({}))).await, "CONFLICT");
    reinstates(&city, &suspension).await;
    let again = json!({ "input": { "suspensionId": suspension, "citation": "Again." } });
    assert_eq!(city.fault(&admin(&city), REINSTATE, again).await, "CONFLICT");
    assert_eq!(city.count("SELECT COUNT(*) FROM policy_suspension").await, 1);
}
