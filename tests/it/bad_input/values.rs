//! Values of the wrong type, of no range, of another kind, or of another list.
use candor_tests::steps::{
    AMEND_SOLICITATION, CANCEL_SOLICITATION, CREATE_SOLICITATION, FILE_DISCLOSURE, PUBLISH_SOLICITATION, BID_READINESS, CREATE_ORGANIZATION, SAVE_DRAFT, SUBMIT_BID, WITHDRAW_DISCLOSURE,
    WITHDRAW_BID, signatory_attestation, text,
};
use candor_tests::{TestApp, stories};
use serde_json::{Value, json};

use super::scene::{Scene, UPDATE, venture};
use super::texts::AMOUNTS;
use super::{Case, dotted, rows, told_of_each, unharmed, with};

stories![
    types_and_fields_are_the_schemas,
    amounts_and_times_are_within_reason,
    an_identifier_is_of_its_kind,
    a_cursor_is_of_its_list,
];

const WRONG: &str = "BAD_USER_INPUT";

fn wrong<'a>(token: &'a str, document: &'a str, variables: Value) -> Case<'a> {
    Case { token, document, variables, told: vec![WRONG.to_owned()] }
}

async fn types_and_fields_are_the_schemas(app: TestApp) {
    let scene = Scene::of(&app).await;
    let before = rows(&app).await;
    let (firm, register) = (&*scene.firm.token, json!({ "input": venture() }));
    let changed = |pointer: &str, value: Value| with(&register, pointer, &value);
    let extra = |pointer: &str, name: &str| {
        let mut variables = register.clone();
        variables.pointer_mut(pointer).expect("a place")[name] = json!("x");
        variables
    };
    let mut statement = json!({ "input": {
        "organizationId": scene.firm.id, "revision": scene.revision,
        "statement": { "dhs": { "agreements": [{ "componant": "ICE" }] } }
    } });
    let misspelt = statement.clone();
    statement["input"]["statement"] = json!({ "dhs": { "agreements": [{ "component": "FBI" }] } });
    let cases = [
        wrong(firm, CREATE_ORGANIZATION, json!({})),
        wrong(firm, CREATE_ORGANIZATION, json!({ "input": null })),
        wrong(firm, CREATE_ORGANIZATION, json!({ "input": 7 })),
        wrong(firm, CREATE_ORGANIZATION, json!({ "input": [] })),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/kind", json!("FIRM"))),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/kind", "F".repeat(1_000_000).into())),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/kind", json!(1))),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/legalName", json!(7))),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/legalName", json!(null))),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/legalName", json!(["Acosta"]))),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/identifiers/0/scheme", json!("SSN"))),
        wrong(firm, CREATE_ORGANIZATION, changed("/input/address", json!("1 First St"))),
        wrong(firm, CREATE_ORGANIZATION, extra("/input", "legalname")),
        wrong(firm, CREATE_ORGANIZATION, extra("/input/address", "zip")),
        wrong(firm, CREATE_ORGANIZATION, extra("/input/identifiers/0", "kind")),
        wrong(firm, CREATE_ORGANIZATION, extra("/input/jointVentureMembers/1", &"x".repeat(500_000))),
        wrong(firm, SAVE_DRAFT, misspelt),
        wrong(firm, SAVE_DRAFT, statement),
        wrong(firm, "{ viewer { nonsense } }", json!({})),
        wrong(firm, "{ viewer(of: 1) { subject } }", json!({})),
        wrong(firm, "{ organizations(first: \"1\") { nodes { id } } }", json!({})),
        wrong(firm, "{ solicitations(filter: { x: 1 }) { nodes { id } } }", json!({})),
        wrong(
            firm,
            "query($f: Int) { organizations(first: $f) { nodes { id } } }",
            json!({ "f": 2_147_483_648_i64 }),
        ),
        wrong(
            firm,
            "query($f: Int) { organizations(first: $f) { nodes { id } } }",
            json!({ "f": 1.5 }),
        ),
        wrong(
            firm,
            "mutation { createOrganization(input: { kind: CORPORATION, legalName: 1 }) {
            organization { id } } }",
            json!({}),
        ),
    ];
    told_of_each(&app, cases).await;
    for size in [-1, 101, i32::MAX, i32::MIN] {
        let document = "query($f: Int) { organizations(first: $f) { nodes { id } } }";
        let told = vec!["first invalid".to_owned()];
        let variables = json!({ "f": size });
        told_of_each(&app, [Case { token: firm, document, variables, told }]).await;
    }
    unharmed(&app, before).await;
}

async fn amounts_and_times_are_within_reason(app: TestApp) {
    let scene = Scene::of(&app).await;
    let before = rows(&app).await;
    let (firm, officer) = (&*scene.firm.token, &*scene.department.token);
    let bid = scene.bid_input();
    for pointer in ["/input/amount/amount", "/input/subcontractors/0/amount/amount"] {
        let flood = Value::from("9".repeat(1_000_000));
        let typed = AMOUNTS.iter().map(|text| json!(text)).chain([json!(""), flood]);
        let cases = typed.flat_map(|typed| {
            [SUBMIT_BID, BID_READINESS].map(|document| Case {
                token: firm,
                document,
                variables: with(&bid, pointer, &typed),
                told: vec![format!("{} invalid", dotted(pointer))],
            })
        });
        told_of_each(&app, cases).await;
    }
    let drafts = scene.mutations();
    let of =
        |document: &str| drafts.iter().find(|it| it.document == document).expect("it is there");
    for document in [CREATE_SOLICITATION, AMEND_SOLICITATION] {
        let variables = &of(document).variables;
        let due = |due: Value| with(variables, "/input/dueAt", &due);
        let none = [
            json!("0000-00-00T00:00:00Z"),
            json!("2026-02-30T00:00:00Z"),
            json!("2026-03-10"),
            json!("2026-03-10T25:00:00Z"),
            json!("\u{0}"),
            json!(1_772_366_400),
            "1".repeat(1_000_000).into(),
        ];
        told_of_each(&app, none.into_iter().map(|it| wrong(officer, document, due(it)))).await;
        let far = [
            "9999-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "+262142-12-31T23:59:59Z",
            "-262143-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
        ];
        let told = || vec!["input.dueAt invalid".to_owned()];
        let far = far.map(|it| Case {
            token: officer,
            document,
            variables: due(json!(it)),
            told: told(),
        });
        told_of_each(&app, far).await;
    }
    let policy = "query($at: DateTime) { policy(asOf: $at) { version } }";
    told_of_each(&app, [wrong(firm, policy, json!({ "at": "0000-00-00T00:00:00Z" }))]).await;
    let told = vec!["asOf invalid".to_owned()];
    for at in ["-262143-01-01T00:00:00Z", "+262142-12-31T23:59:59Z", "0000-01-01T00:00:00Z"] {
        let variables = json!({ "at": at });
        let told = told.clone();
        told_of_each(&app, [Case { token: firm, document: policy, variables, told }]).await;
    }
    for (at, version) in [("9999-12-31T23:59:59Z", json!(1)), ("0001-01-01T00:00:00Z", json!(null))]
    {
        let seen = app.query(firm, policy, json!({ "at": at })).await;
        assert_eq!(seen["policy"]["version"], version, "{at}");
    }
    unharmed(&app, before).await;
}

async fn an_identifier_is_of_its_kind(app: TestApp) {
    let scene = Scene::of(&app).await;
    let before = rows(&app).await;
    let mut odd: Vec<String> =
        ["", "_", "__", "disc", "disc_", "a\u{0}b", "\u{202E}", "7"].map(str::to_owned).into();
    let whole = "01h2xcejqtf2nbrexx3vqjhp41";
    odd.extend([
        format!("disc_{}", &whole[1..]),
        format!("disc_{whole}0"),
        format!("disc_8{}", &whole[1..]),
        format!("disc_{}", whole.to_uppercase()),
        format!("DISC_{whole}"),
        format!(" disc_{whole}"),
        format!("disc_{}", "é".repeat(13)),
        format!("{}é_{whole}", "a".repeat(62)),
        format!("{}é_{whole}", "a".repeat(63)),
        format!("{}_{whole}", "é".repeat(32)),
        format!("{}_{whole}", "\u{1F468}".repeat(16)),
        format!("{}_{whole}", "é".repeat(500_000 / 2)),
        "_".repeat(1_000_000),
        format!("evt_{whole}"),
        scene.bid.replace("bid_", "mem_"),
    ]);
    let (firm, officer) = (&*scene.firm.token, &*scene.department.token);
    let queries = [
        "query($id: ID!) { organization(id: $id) { id } }",
        "query($id: ID!) { disclosure(id: $id) { id } }",
        "query($id: ID!) { solicitation(id: $id) { id } }",
        "query($id: ID!) { solicitations(departmentId: $id) { nodes { id } } }",
        "query($id: ID!) { decision(id: $id) { id } }",
        "query($id: ID!) { compareDisclosures(a: $id, b: $id) { fields { path } } }",
        "mutation($id: ID!) { removeMember(id: $id) { member { id } } }",
        "mutation($id: ID!) { discardDisclosureDraft(id: $id, revision: 1) { discardedId } }",
        PUBLISH_SOLICITATION,
        WITHDRAW_BID,
    ];
    // Those of the scene are each of another kind than any of these takes.
    let department = &scene.department.id;
    for (index, document) in queries.into_iter().enumerate() {
        let other = if index == 3 { &scene.firm.id } else { department };
        let ids = odd.iter().chain([other]);
        told_of_each(&app, ids.map(|id| wrong(firm, document, json!({ "id": id })))).await;
        told_of_each(&app, [wrong(firm, document, json!({ "id": 7 }))]).await;
    }
    for (document, path) in [
        ("query($id: ID!) { node(id: $id) { id } }", "id"),
        ("query($id: ID!) { auditTrail(subject: $id) { nodes { id } } }", "subject"),
    ] {
        let told = vec![format!("{path} invalid")];
        let ids = odd.iter().map(|id| Case {
            token: firm,
            document,
            variables: json!({ "id": id }),
            told: told.clone(),
        });
        told_of_each(&app, ids).await;
    }
    // Inside inputs, and beside reasons.
    let input = |input: Value| json!({ "input": input });
    let attestation = signatory_attestation("Acosta Sweeping");
    let filing = json!({ "id": department, "revision": 1, "attestation": attestation });
    let bid = |part: &str| with(&scene.bid_input(), part, &json!(department));
    let mut named = scene.bid_input();
    named["input"]["subcontractors"][0]["organizationId"] = json!(department);
    let copy = json!({ "organizationId": scene.firm.id, "copyFrom": scene.bid });
    told_of_each(
        &app,
        [
            wrong(firm, FILE_DISCLOSURE, input(filing)),
            wrong(firm, SAVE_DRAFT, input(copy)),
            wrong(firm, WITHDRAW_DISCLOSURE, json!({ "id": department, "reason": "x" })),
            wrong(officer, CANCEL_SOLICITATION, json!({ "id": department, "reason": "x" })),
            wrong(firm, UPDATE, json!({ "id": department, "input": venture() })),
            wrong(officer, AMEND_SOLICITATION, input(json!({ "id": department, "title": "x" }))),
            wrong(firm, SUBMIT_BID, bid("/input/solicitationId")),
            wrong(firm, BID_READINESS, bid("/input/organizationId")),
            wrong(firm, SUBMIT_BID, named),
        ],
    )
    .await;
    unharmed(&app, before).await;
}

/// `{"order":"LEGAL_NAME","key":{"text":"a\u0000"},"id":…}`, then a whole number for a text, then
/// a field more.
const FORGED: [&str; 3] = [
    "eyJvcmRlciI6IkxFR0FMX05BTUUiLCJrZXkiOnsidGV4dCI6ImFcdTAwMDAifSwiaWQiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAifQ",
    "eyJvcmRlciI6IkxFR0FMX05BTUUiLCJrZXkiOnsid2hvbGUiOjF9LCJpZCI6IjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJ9",
    "eyJvcmRlciI6IkxFR0FMX05BTUUiLCJrZXkiOnsidGV4dCI6ImEifSwiaWQiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiLCJvciI6MX0",
];

async fn a_cursor_is_of_its_list(app: TestApp) {
    let scene = Scene::of(&app).await;
    let before = rows(&app).await;
    let reviewer = app.reviewer_token();
    let by = |field: &str| {
        format!(
            "query($after: String) {{ solicitations(first: 1, after: $after,
                orderBy: {{ field: {field}, direction: ASC }}) {{ pageInfo {{ endCursor }} }} }}"
        )
    };
    let end = async |field: &str| {
        let seen = app.query(&reviewer, &by(field), json!({})).await;
        text(&seen["solicitations"]["pageInfo"]["endCursor"])
    };
    let (due, title) = (end("DUE_AT").await, end("TITLE").await);
    let descending = by("DUE_AT").replace("ASC", "DESC");
    let connection =
        |list: &str| format!("query($after: String) {{ {list} {{ nodes {{ id }} }} }}");
    let subject = &scene.firm.id;
    let lists = [
        by("DUE_AT"),
        by("TITLE"),
        connection("organizations(after: $after)"),
        connection("departments(after: $after)"),
        connection("policies(after: $after)"),
        connection(&format!("auditTrail(subject: \"{subject}\", after: $after)")),
        format!(
            "query($after: String) {{ organization(id: \"{subject}\") {{
            disclosures(after: $after) {{ nodes {{ id }} }} }} }}"
        ),
    ];
    let told = || vec!["after invalid".to_owned()];
    let mut forged =
        ["", "x", "e30", "bnVsbA", "\u{0}", "====", "../.."].map(str::to_owned).to_vec();
    forged.extend(FORGED.map(str::to_owned));
    forged.extend([format!("{due}="), due[1..].to_owned(), "A".repeat(1_000_000)]);
    for document in &lists {
        let cases = forged.iter().map(|cursor| Case {
            token: &reviewer,
            document,
            variables: json!({ "after": cursor }),
            told: told(),
        });
        told_of_each(&app, cases).await;
    }
    for (document, cursor) in
        [(&lists[0], &title), (&lists[1], &due), (&descending, &due), (&lists[2], &title)]
    {
        let variables = json!({ "after": cursor });
        told_of_each(&app, [Case { token: &reviewer, document, variables, told: told() }]).await;
    }
    unharmed(&app, before).await;
}
