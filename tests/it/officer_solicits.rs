//! A contract officer drafts, publishes, amends and cancels solicitations.
use candor_tests::due_times::march::DUE;
use candor_tests::fixtures::{Department, list_finding_codes};
use candor_tests::steps::{
    AMEND_SOLICITATION, CANCEL_SOLICITATION, CREATE_SOLICITATION, PUBLISH_SOLICITATION, SUBMIT_BID,
    bid_input, format_user_errors, text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_draft_is_the_departments_own,
    a_draft_changes_freely,
    publication_pins_the_policy_and_carries_its_notice,
    a_published_solicitation_changes_only_by_addenda,
    the_due_time_moves_to_a_later_one,
    a_sealed_due_time_is_corrected_on_the_day_of_publication,
    an_unsealed_due_time_is_corrected_while_nobody_has_bid,
    a_canceled_solicitation_closes_its_bids,
    all_errors_of_a_solicitation_are_reported_at_once,
    only_officers_of_the_department_solicit,
];

const LATER: &str = "2026-03-17T21:00:00Z";

const SEEN: &str = "query($id: ID!) { solicitation(id: $id) { status title description dueAt open
    policyVersion notice publishedAt canceledAt cancellationReason department { name }
    addenda { number text dueAt issuedAt } } }";

async fn load_solicitation(app: &TestApp, token: &str, id: &str) -> Value {
    app.query(token, SEEN, json!({ "id": id })).await["solicitation"].take()
}

async fn a_draft_is_the_departments_own(app: TestApp) {
    let department = app.create_department("BSS").await;
    let neighbour = app.create_department("LIB").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let id = app.create_solicitation(&department, DUE, json!({})).await;
    let draft = load_solicitation(&app, &department.token, &id).await;
    assert_eq!((&draft["status"], &draft["open"]), (&json!("DRAFT"), &json!(false)));
    assert_eq!((&draft["policyVersion"], &draft["notice"]), (&Value::Null, &Value::Null));
    let nodes = "query($id: ID!) { node(id: $id) { id }
        solicitations(status: DRAFT) { totalCount } }";
    let auditor = app.token("auditor", &[Role::Auditor]);
    for (token, knows) in [
        (&department.token, true),
        (&app.reviewer_token(), true),
        (&auditor, true),
        (&neighbour.token, false),
        (&firm.token, false),
        (&app.token("system", &[Role::ProcurementSystem]), false),
    ] {
        assert_eq!(!load_solicitation(&app, token, &id).await.is_null(), knows);
        let listed = app.query(token, nodes, json!({ "id": id })).await;
        assert_eq!(!listed["node"].is_null(), knows);
        assert_eq!(listed["solicitations"]["totalCount"], i64::from(knows));
    }
    // To users who may not see it, it does not exist.
    let input = json!({ "input": bid_input(&firm, &id, "100000", &json!([])) });
    assert_eq!(app.fault_code(&firm.token, SUBMIT_BID, input).await, "NOT_FOUND");
    for (mutation, variables) in [
        (PUBLISH_SOLICITATION, json!({ "id": id })),
        (CANCEL_SOLICITATION, json!({ "id": id, "reason": "Not ours." })),
        (AMEND_SOLICITATION, json!({ "input": { "id": id, "title": "Ours" } })),
    ] {
        let fault = app.fault_code(&neighbour.token, mutation, variables.clone()).await;
        assert_eq!(fault, "NOT_FOUND");
        let fault = app.fault_code(&app.reviewer_token(), mutation, variables).await;
        assert_eq!(fault, "FORBIDDEN");
    }
    assert_eq!(load_solicitation(&app, &department.token, &id).await, draft);
}

async fn a_draft_changes_freely(app: TestApp) {
    let department = app.create_department("BSS").await;
    let id = app.create_solicitation(&department, DUE, json!({ "description": "Sweep." })).await;
    let change = json!({
        "id": id, "title": " Street sweeping\u{a0}& more ", "dueAt": "2026-03-01T22:00:00Z",
    });
    let changed =
        app.mutate_ok(&department.token, AMEND_SOLICITATION, json!({ "input": change })).await;
    let changed = &changed["solicitation"];
    assert_eq!(changed["title"], "Street sweeping & more");
    assert_eq!(changed["description"], "Sweep.", "omitted fields do not change");
    assert_eq!(changed["dueAt"], "2026-03-01T22:00:00+00:00", "of a draft to an earlier one too");
    let change =
        json!({ "id": id, "addendum": "One.", "title": " ", "dueAt": "2026-01-01T00:00:00Z" });
    let errors = app
        .mutation_errors(&department.token, AMEND_SOLICITATION, json!({ "input": change }))
        .await;
    assert_eq!(
        errors,
        ["input.dueAt invalid", "input.addendum contradiction", "input.title required"]
    );
    // Nothing is stored, and a draft whose due time has passed cannot be published.
    assert_eq!(load_solicitation(&app, &department.token, &id).await["addenda"], json!([]));
    app.advance_to("2026-03-01T22:00:00Z");
    let errors =
        app.mutation_errors(&department.token, PUBLISH_SOLICITATION, json!({ "id": id })).await;
    assert_eq!(errors, ["id invalid"]);
    assert_eq!(load_solicitation(&app, &department.token, &id).await["status"], "DRAFT");
}

async fn publication_pins_the_policy_and_carries_its_notice(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let id = app.create_solicitation(&department, DUE, json!({})).await;
    let created = app.mutate_ok(&department.token, PUBLISH_SOLICITATION, json!({ "id": id })).await;
    let created = &created["solicitation"];
    assert_eq!((&created["status"], &created["open"]), (&json!("PUBLISHED"), &json!(true)));
    assert_eq!((&created["policyVersion"], &created["sealed"]), (&json!(1), &json!(true)));
    let notice = text(&created["notice"]);
    assert!(notice.contains("A true statement, whatever it says, will not be held against"));
    assert!(
        notice.contains("Draft for the City Attorney"),
        "a draft says that it is one: {notice}"
    );
    let published = load_solicitation(&app, &firm.token, &id).await;
    assert_eq!(published["notice"], created["notice"], "every bidder reads it");
    assert_eq!(published["department"]["name"], "Department BSS");
    assert_eq!(published["publishedAt"], "2026-02-02T20:00:00+00:00");
    let fault = app.fault_code(&department.token, PUBLISH_SOLICITATION, json!({ "id": id })).await;
    assert_eq!(fault, "CONFLICT", "it is published once");
}

async fn a_published_solicitation_changes_only_by_addenda(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_firm("Prime Paving").await;
    let id = app.publish_solicitation(&department, DUE).await;
    let before = load_solicitation(&app, &firm.token, &id).await;
    let amend = |change: Value| {
        let mut input = json!({ "id": id });
        for (name, part) in change.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    for (change, wrong) in [
        (json!({}), vec!["input.addendum required"]),
        (json!({ "addendum": " \n " }), vec!["input.addendum required"]),
        (
            json!({ "addendum": "One.", "title": "Other", "description": "Other" }),
            vec!["input.title contradiction", "input.description contradiction"],
        ),
        (json!({ "dueAt": LATER }), vec!["input.addendum required"]),
    ] {
        assert_eq!(
            app.mutation_errors(&department.token, AMEND_SOLICITATION, amend(change)).await,
            wrong
        );
    }
    assert_eq!(load_solicitation(&app, &firm.token, &id).await, before);

    app.mutate_ok(
        &department.token,
        AMEND_SOLICITATION,
        amend(json!({ "addendum": "Bring a broom." })),
    )
    .await;
    app.advance_to("2026-02-10T20:00:00Z");
    let change = json!({ "addendum": "Bids are due a week later.", "dueAt": LATER });
    app.mutate_ok(&department.token, AMEND_SOLICITATION, amend(change)).await;
    let after = load_solicitation(&app, &firm.token, &id).await;
    assert_eq!(
        after["addenda"],
        json!([
            {
                "number": 1, "text": "Bring a broom.", "dueAt": "2026-03-10T22:00:00+00:00",
                "issuedAt": "2026-02-02T20:00:00+00:00",
            },
            {
                "number": 2, "text": "Bids are due a week later.",
                "dueAt": "2026-03-17T21:00:00+00:00", "issuedAt": "2026-02-10T20:00:00+00:00",
            },
        ])
    );
    assert_eq!(after["dueAt"], "2026-03-17T21:00:00+00:00");
    for part in ["title", "description", "policyVersion", "notice", "publishedAt"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action } } }";
    let trail = app.query(&firm.token, trail, json!({ "id": id })).await;
    let actions: Vec<_> = trail["auditTrail"]["nodes"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|it| text(&it["action"]))
        .collect();
    let issued = "solicitation.addendum_issued";
    assert_eq!(
        actions,
        ["solicitation.published", issued, issued],
        "drafts are visible only to the City"
    );
    app.assert_verifies().await;
}

async fn the_due_time_moves_to_a_later_one(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let id = app.publish_solicitation(&department, DUE).await;
    let amend = |due_at: &str| json!({ "input": { "id": id, "addendum": "Another due time.", "dueAt": due_at } });
    app.advance_to("2026-02-03T08:00:00Z");
    for (due_at, wrong) in [
        ("2026-03-10T21:59:59.999999Z", vec!["input.dueAt invalid"]),
        ("2026-02-01T00:00:00Z", vec!["input.dueAt invalid", "input.dueAt invalid"]),
        ("2046-03-10T22:00:00Z", vec!["input.dueAt invalid"]),
    ] {
        assert_eq!(
            app.mutation_errors(&department.token, AMEND_SOLICITATION, amend(due_at)).await,
            wrong,
            "{due_at}"
        );
    }
    assert_eq!(load_solicitation(&app, &firm.token, &id).await["addenda"], json!([]));
    // A bid that was late a moment ago is in time until the new due time.
    app.advance_to(DUE);
    app.mutate_ok(&department.token, AMEND_SOLICITATION, amend(LATER)).await;
    app.advance_to("2026-03-10T22:00:15Z");
    assert_eq!(load_solicitation(&app, &firm.token, &id).await["open"], true);
    app.submit_admitted_bid(&firm, &id, "100000").await;
    // After bids are due there are no amendments: bids may be open.
    app.advance_to("2026-03-17T21:00:15Z");
    let fault =
        app.fault_code(&department.token, AMEND_SOLICITATION, amend("2026-04-01T00:00:00Z")).await;
    assert_eq!(fault, "CONFLICT");
    app.assert_verifies().await;
}

/// An addendum that changes the due time.
fn move_due_time(id: &str, due_at: &str) -> Value {
    json!({ "input": { "id": id, "addendum": "Please note.", "dueAt": due_at } })
}

/// Returns the due time, and each addendum's change of it in words.
async fn load_due_time(app: &TestApp, token: &str, id: &str) -> (String, Vec<Value>) {
    let document = "query($id: ID!) { solicitation(id: $id) { dueAt
        addenda { previousDueAt dueAt dueTimeChange } } }";
    let mut data = app.query(token, document, json!({ "id": id })).await;
    let solicitation = data["solicitation"].take();
    let addenda = solicitation["addenda"].as_array().expect("addenda");
    (text(&solicitation["dueAt"]), addenda.clone())
}

async fn a_sealed_due_time_is_corrected_on_the_day_of_publication(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    // One solicitation with a bid and one without: the answers are the same, word for word.
    let ids = [
        app.publish_solicitation(&department, LATER).await,
        app.publish_solicitation(&department, LATER).await,
    ];
    let bid = app.submit_admitted_bid(&firm, &ids[0], "100000").await;
    let mut answers = Vec::new();
    for id in &ids {
        let mut answer = Vec::new();
        // Not to a time on the day of publication, which ends at a local midnight.
        let same_day = move_due_time(id, "2026-02-03T07:59:59Z");
        let amended = app.mutate(&department.token, AMEND_SOLICITATION, same_day).await;
        answer.push(amended["userErrors"].clone());
        let amended =
            app.mutate_ok(&department.token, AMEND_SOLICITATION, move_due_time(id, DUE)).await;
        answer.push(amended["solicitation"]["addenda"].clone());
        let (due_at, addenda) = load_due_time(&app, &firm.token, id).await;
        assert_eq!(due_at, "2026-03-10T22:00:00+00:00");
        assert_eq!(
            addenda,
            [json!({
                "previousDueAt": "2026-03-17T21:00:00+00:00", "dueAt": "2026-03-10T22:00:00+00:00",
                "dueTimeChange": "The due time is corrected to an earlier one: bids are due by \
                    Tuesday, March 10, 2026, 3:00 p.m. PDT, not by Tuesday, March 17, 2026, 2:00 \
                    p.m. PDT. A bid that was submitted before this addendum stands, and its firm may \
                    replace or withdraw it until then.",
            })]
        );
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(format_user_errors(&answers[0][0]), ["input.dueAt invalid"]);
    // The bid stands.
    let status = "query($id: ID!) { node(id: $id) { ... on Bid { status } } }";
    let status = app.query(&firm.token, status, json!({ "id": bid })).await;
    assert_eq!(status["node"]["status"], "ADMITTED");

    // From the next local day on it only becomes later, with a bid and without.
    app.advance_to("2026-02-03T08:00:00Z");
    let mut refusals = Vec::new();
    for id in &ids {
        let earlier = move_due_time(id, "2026-03-09T22:00:00Z");
        let refused = app.mutate(&department.token, AMEND_SOLICITATION, earlier).await;
        refusals.push(refused["userErrors"].clone());
        app.mutate_ok(&department.token, AMEND_SOLICITATION, move_due_time(id, LATER)).await;
        let (_, addenda) = load_due_time(&app, &firm.token, id).await;
        let change = text(&addenda[1]["dueTimeChange"]);
        assert!(change.starts_with("The due time is extended: bids are due by Tuesday, March 17"));
    }
    assert_eq!(refusals[0], refusals[1]);
    assert_eq!(format_user_errors(&refusals[0]), ["input.dueAt invalid"]);
    let refusal = text(&refusals[0][0]["message"]);
    assert!(
        refusal.contains("only on the day on which the solicitation was published"),
        "{refusal}"
    );

    // The database refuses an earlier one a day later, and another due time without its addendum.
    let earlier =
        "INSERT INTO addendum (solicitation_id, number, text, due_at, previous_due_at, issued_at)
        SELECT solicitation_id, 3, 'Hurry.', MIN(due_at), MAX(due_at), MIN(due_at) FROM addendum
        GROUP BY solicitation_id";
    assert!(app.run_sql(earlier).await.is_err());
    let silent = "UPDATE solicitation SET due_at = published_at";
    assert!(app.run_sql(silent).await.is_err());
    app.assert_verifies().await;
}

async fn an_unsealed_due_time_is_corrected_while_nobody_has_bid(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let unsealed =
        ("[parameters.sealedUntilDue]\nvalue = true", "[parameters.sealedUntilDue]\nvalue = false");
    app.publish_policy_version(2, "2026-02-04", &[unsealed]).await;
    app.advance_to("2026-02-04T20:00:00Z");
    let id = app.publish_solicitation(&department, LATER).await;
    app.advance_to("2026-02-20T20:00:00Z");
    app.mutate_ok(&department.token, AMEND_SOLICITATION, move_due_time(&id, DUE)).await;
    let (due_at, addenda) = load_due_time(&app, &firm.token, &id).await;
    assert_eq!(due_at, "2026-03-10T22:00:00+00:00");
    assert!(text(&addenda[0]["dueTimeChange"]).contains("corrected to an earlier one"));
    // An attempt that was withdrawn counts: the firm may bid again.
    let bid = app.submit_admitted_bid(&firm, &id, "100000").await;
    app.mutate_ok(&firm.token, candor_tests::steps::WITHDRAW_BID, json!({ "id": bid })).await;
    let earlier = move_due_time(&id, "2026-03-09T22:00:00Z");
    let refused = app.mutate(&department.token, AMEND_SOLICITATION, earlier).await;
    assert_eq!(format_user_errors(&refused["userErrors"]), ["input.dueAt invalid"]);
    assert!(text(&refused["userErrors"][0]["message"]).contains("already bid"));
    let addendum =
        "INSERT INTO addendum (solicitation_id, number, text, due_at, previous_due_at, issued_at)
        SELECT id, 2, 'Hurry.', published_at, due_at, published_at FROM solicitation";
    assert!(app.run_sql(addendum).await.is_err(), "the database refuses it too");
    app.mutate_ok(&department.token, AMEND_SOLICITATION, move_due_time(&id, LATER)).await;
    app.assert_verifies().await;
}

async fn a_canceled_solicitation_closes_its_bids(app: TestApp) {
    let department = app.create_department("BSS").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let id = app.publish_solicitation(&department, DUE).await;
    let bid = app.submit_admitted_bid(&firm, &id, "100000").await;
    let cancel = |reason: &str| json!({ "id": id, "reason": reason });
    let errors = app.mutation_errors(&department.token, CANCEL_SOLICITATION, cancel(" ")).await;
    assert_eq!(errors, ["reason required"]);
    app.mutate_ok(&department.token, CANCEL_SOLICITATION, cancel("The street is closed.")).await;
    let canceled = load_solicitation(&app, &firm.token, &id).await;
    assert_eq!((&canceled["status"], &canceled["open"]), (&json!("CANCELED"), &json!(false)));
    assert_eq!(canceled["cancellationReason"], "The street is closed.", "every bidder reads it");
    let own = "query($id: ID!) { node(id: $id) { ... on Bid { status decision { outcome } } }
        auditTrail(subject: $id) { nodes { action data } } }";
    let own = app.query(&firm.token, own, json!({ "id": bid })).await;
    assert_eq!(own["node"]["status"], "CLOSED");
    assert_eq!(own["node"]["decision"]["outcome"], "ADMIT");
    let last = own["auditTrail"]["nodes"].as_array().and_then(|it| it.last()).expect("an entry");
    assert_eq!(last["action"], "bid.closed");
    assert_eq!(last["data"]["reason"], "The street is closed.");

    let again = app.submit_bid(&firm, &id, "100000").await;
    assert_eq!(list_errors(&again), ["input.solicitationId canceled"]);
    assert_eq!(
        app.fault_code(&department.token, CANCEL_SOLICITATION, cancel("Again.")).await,
        "CONFLICT"
    );
    assert_eq!(
        app.fault_code(&department.token, PUBLISH_SOLICITATION, json!({ "id": id })).await,
        "CONFLICT"
    );
    let amend = json!({ "input": { "id": id, "addendum": "Open again.", "dueAt": LATER } });
    assert_eq!(app.fault_code(&department.token, AMEND_SOLICITATION, amend).await, "CONFLICT");
    // The disclosure can be withdrawn again, because no live bid references it.
    let rests = "query($id: ID!) { organization(id: $id) { disclosures { nodes { id } } } }";
    let rests = app.query(&firm.token, rests, json!({ "id": firm.id })).await;
    let disclosure = &rests["organization"]["disclosures"]["nodes"][0]["id"];
    let reason = json!({ "id": disclosure, "reason": "A part was wrong." });
    app.mutate_ok(&firm.token, candor_tests::steps::WITHDRAW_DISCLOSURE, reason).await;

    // A canceled draft remains visible only to its department.
    let draft = app.create_solicitation(&department, DUE, json!({})).await;
    let cancel = json!({ "id": draft, "reason": "Not needed." });
    app.mutate_ok(&department.token, CANCEL_SOLICITATION, cancel).await;
    assert_eq!(load_solicitation(&app, &firm.token, &draft).await, Value::Null);
    app.assert_verifies().await;
}

fn list_errors(payload: &Value) -> Vec<String> {
    assert_eq!((&payload["bid"], &payload["decision"]), (&Value::Null, &Value::Null));
    format_user_errors(&payload["userErrors"])
}

async fn all_errors_of_a_solicitation_are_reported_at_once(app: TestApp) {
    let department = app.create_department("BSS").await;
    let draft = |parts: Value| {
        let mut input = json!({
            "departmentId": department.id, "number": "RFB-1", "title": "Sweeping",
            "method": "BIDS", "dueAt": DUE,
        });
        for (name, part) in parts.as_object().expect("fields") {
            input[name] = part.clone();
        }
        json!({ "input": input })
    };
    let wrong = json!({
        "number": " ", "title": "a\u{202E}b", "description": "x".repeat(20_001),
        "dueAt": "2026-02-02T20:00:00Z",
    });
    assert_eq!(
        app.mutation_errors(&department.token, CREATE_SOLICITATION, draft(wrong)).await,
        [
            "input.number required",
            "input.title invalid",
            "input.description too_long",
            "input.dueAt invalid"
        ]
    );
    app.mutate_ok(&department.token, CREATE_SOLICITATION, draft(json!({}))).await;
    let same = app.mutation_errors(&department.token, CREATE_SOLICITATION, draft(json!({}))).await;
    assert_eq!(same, ["input.number taken"]);
    // Another department may use the same number.
    let neighbour = app.create_department("LIB").await;
    let other = draft(json!({ "departmentId": neighbour.id }));
    app.mutate_ok(&neighbour.token, CREATE_SOLICITATION, other).await;
    assert_eq!(app.select_number("SELECT COUNT(*) FROM solicitation").await, 2);
}

async fn only_officers_of_the_department_solicit(app: TestApp) {
    let department = app.create_department("BSS").await;
    let Department { token: neighbour, .. } = app.create_department("LIB").await;
    let firm = app.register_disclosing_firm("Prime Paving").await;
    let input = json!({ "input": {
        "departmentId": department.id, "number": "RFB-1", "title": "Sweeping", "method": "BIDS",
        "dueAt": DUE,
    } });
    let id = app.publish_solicitation(&department, DUE).await;
    let mut others = vec![neighbour, firm.token.clone()];
    let staff =
        [Role::BcaReviewer, Role::BcaSupervisor, Role::CaoAnalyst, Role::Auditor, Role::Admin];
    others.extend(staff.map(|role| app.token("staff", &[role])));
    for token in others {
        for (mutation, variables) in [
            (CREATE_SOLICITATION, input.clone()),
            (CANCEL_SOLICITATION, json!({ "id": id, "reason": "Not ours." })),
            (AMEND_SOLICITATION, json!({ "input": { "id": id, "addendum": "Not ours." } })),
        ] {
            assert_eq!(app.fault_code(&token, mutation, variables).await, "FORBIDDEN");
        }
    }
    assert_eq!(app.select_number("SELECT COUNT(*) FROM solicitation").await, 1);
    let open = load_solicitation(&app, &firm.token, &id).await;
    assert_eq!((&open["open"], &open["addenda"]), (&json!(true), &json!([])));
    // An officer cannot bid for a firm.
    let bid = json!({ "input": bid_input(&firm, &id, "100000", &json!([])) });
    assert_eq!(app.fault_code(&department.token, SUBMIT_BID, bid).await, "NOT_FOUND");
    let admitted = app.submit_bid(&firm, &id, "100000").await;
    assert_eq!(list_finding_codes(&admitted["decision"]), Vec::<String>::new());
    assert_eq!(admitted["bid"]["status"], "ADMITTED");
}
