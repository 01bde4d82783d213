//! Values of the wrong type, out of range, of another kind, or of another list.
use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, TypeKind, TypeSystemDefinition};
use candor_tests::steps::{
    AMEND_SOLICITATION, BID_READINESS, CANCEL_SOLICITATION, CREATE_ORGANIZATION,
    CREATE_SOLICITATION, FILE_DISCLOSURE, PUBLISH_SOLICITATION, SAVE_DRAFT, SUBMIT_BID,
    UPDATE_ORGANIZATION, WITHDRAW_BID, WITHDRAW_DISCLOSURE, find_fault_code, signatory_attestation,
    text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

use super::scene::{Scene, venture};
use super::texts::AMOUNTS;
use super::{Case, assert_each_is_refused, assert_unharmed, count_rows, dotted, with};

stories![
    wrong_types_and_fields_are_refused,
    amounts_and_times_are_limited,
    an_identifier_of_another_kind_is_refused,
    a_cursor_of_another_list_is_refused,
    every_list_of_values_is_bounded,
];

const WRONG: &str = "BAD_USER_INPUT";

fn bad_input_case<'a>(token: &'a str, document: &'a str, variables: Value) -> Case<'a> {
    Case { token, document, variables, expected: vec![WRONG.to_owned()] }
}

async fn wrong_types_and_fields_are_refused(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
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
        bad_input_case(firm, CREATE_ORGANIZATION, json!({})),
        bad_input_case(firm, CREATE_ORGANIZATION, json!({ "input": null })),
        bad_input_case(firm, CREATE_ORGANIZATION, json!({ "input": 7 })),
        bad_input_case(firm, CREATE_ORGANIZATION, json!({ "input": [] })),
        bad_input_case(firm, CREATE_ORGANIZATION, changed("/input/kind", json!("FIRM"))),
        bad_input_case(
            firm,
            CREATE_ORGANIZATION,
            changed("/input/kind", "F".repeat(1_000_000).into()),
        ),
        bad_input_case(firm, CREATE_ORGANIZATION, changed("/input/kind", json!(1))),
        bad_input_case(firm, CREATE_ORGANIZATION, changed("/input/legalName", json!(7))),
        bad_input_case(firm, CREATE_ORGANIZATION, changed("/input/legalName", json!(null))),
        bad_input_case(firm, CREATE_ORGANIZATION, changed("/input/legalName", json!(["Acosta"]))),
        bad_input_case(
            firm,
            CREATE_ORGANIZATION,
            changed("/input/identifiers/0/scheme", json!("SSN")),
        ),
        bad_input_case(firm, CREATE_ORGANIZATION, changed("/input/address", json!("1 First St"))),
        bad_input_case(firm, CREATE_ORGANIZATION, extra("/input", "legalname")),
        bad_input_case(firm, CREATE_ORGANIZATION, extra("/input/address", "zip")),
        bad_input_case(firm, CREATE_ORGANIZATION, extra("/input/identifiers/0", "kind")),
        bad_input_case(
            firm,
            CREATE_ORGANIZATION,
            extra("/input/jointVentureMembers/1", &"x".repeat(500_000)),
        ),
        bad_input_case(firm, SAVE_DRAFT, misspelt),
        bad_input_case(firm, SAVE_DRAFT, statement),
        bad_input_case(firm, "{ viewer { nonsense } }", json!({})),
        bad_input_case(firm, "{ viewer(of: 1) { subject } }", json!({})),
        bad_input_case(firm, "{ organizations(first: \"1\") { nodes { id } } }", json!({})),
        bad_input_case(firm, "{ solicitations(filter: { x: 1 }) { nodes { id } } }", json!({})),
        bad_input_case(
            firm,
            "query($f: Int) { organizations(first: $f) { nodes { id } } }",
            json!({ "f": 2_147_483_648_i64 }),
        ),
        bad_input_case(
            firm,
            "query($f: Int) { organizations(first: $f) { nodes { id } } }",
            json!({ "f": 1.5 }),
        ),
        bad_input_case(
            firm,
            "mutation { createOrganization(input: { kind: CORPORATION, legalName: 1 }) {
            organization { id } } }",
            json!({}),
        ),
    ];
    assert_each_is_refused(&app, cases).await;
    for size in [-1, 101, i32::MAX, i32::MIN] {
        let document = "query($f: Int) { organizations(first: $f) { nodes { id } } }";
        let expected = vec!["first invalid".to_owned()];
        let variables = json!({ "f": size });
        assert_each_is_refused(&app, [Case { token: firm, document, variables, expected }]).await;
    }
    assert_unharmed(&app, before).await;
}

async fn amounts_and_times_are_limited(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
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
                expected: vec![format!("{} invalid", dotted(pointer))],
            })
        });
        assert_each_is_refused(&app, cases).await;
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
        assert_each_is_refused(
            &app,
            none.into_iter().map(|it| bad_input_case(officer, document, due(it))),
        )
        .await;
        let far = [
            "9999-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "+262142-12-31T23:59:59Z",
            "-262143-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
        ];
        let expected = || vec!["input.dueAt invalid".to_owned()];
        let far = far.map(|it| Case {
            token: officer,
            document,
            variables: due(json!(it)),
            expected: expected(),
        });
        assert_each_is_refused(&app, far).await;
    }
    // A person reads the answer: it says what a time is, not where its parser stopped.
    for time in ["2026-03-10", "tomorrow"] {
        let draft = of(CREATE_SOLICITATION);
        let variables = with(&draft.variables, "/input/dueAt", &json!(time));
        let answer = app.execute(officer, draft.document, variables).await;
        let message = answer["errors"][0]["message"].as_str().expect("a message");
        assert!(message.starts_with("Enter a day and a time"), "{message}");
    }
    let policy = "query($at: DateTime) { policy(asOf: $at) { version } }";
    assert_each_is_refused(
        &app,
        [bad_input_case(firm, policy, json!({ "at": "0000-00-00T00:00:00Z" }))],
    )
    .await;
    let expected = vec!["asOf invalid".to_owned()];
    for at in ["-262143-01-01T00:00:00Z", "+262142-12-31T23:59:59Z", "0000-01-01T00:00:00Z"] {
        let variables = json!({ "at": at });
        let expected = expected.clone();
        assert_each_is_refused(&app, [Case { token: firm, document: policy, variables, expected }])
            .await;
    }
    for (at, version) in [("9999-12-31T23:59:59Z", json!(1)), ("0001-01-01T00:00:00Z", json!(null))]
    {
        let data = app.query(firm, policy, json!({ "at": at })).await;
        assert_eq!(data["policy"]["version"], version, "{at}");
    }
    assert_unharmed(&app, before).await;
}

async fn an_identifier_of_another_kind_is_refused(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
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
    // Each of the scene's identifiers is of another kind than these accept.
    let department = &scene.department.id;
    for (index, document) in queries.into_iter().enumerate() {
        let other = if index == 3 { &scene.firm.id } else { department };
        let ids = odd.iter().chain([other]);
        assert_each_is_refused(
            &app,
            ids.map(|id| bad_input_case(firm, document, json!({ "id": id }))),
        )
        .await;
        assert_each_is_refused(&app, [bad_input_case(firm, document, json!({ "id": 7 }))]).await;
    }
    for (document, path) in [
        ("query($id: ID!) { node(id: $id) { id } }", "id"),
        ("query($id: ID!) { auditTrail(subject: $id) { nodes { id } } }", "subject"),
    ] {
        let expected = vec![format!("{path} invalid")];
        let ids = odd.iter().map(|id| Case {
            token: firm,
            document,
            variables: json!({ "id": id }),
            expected: expected.clone(),
        });
        assert_each_is_refused(&app, ids).await;
    }
    // In inputs and next to reasons.
    let input = |input: Value| json!({ "input": input });
    let attestation = signatory_attestation("Acosta Sweeping");
    let filing = json!({ "id": department, "revision": 1, "attestation": attestation });
    let bid = |part: &str| with(&scene.bid_input(), part, &json!(department));
    let mut named = scene.bid_input();
    named["input"]["subcontractors"][0]["organizationId"] = json!(department);
    let copy = json!({ "organizationId": scene.firm.id, "copyFrom": scene.bid });
    assert_each_is_refused(
        &app,
        [
            bad_input_case(firm, FILE_DISCLOSURE, input(filing)),
            bad_input_case(firm, SAVE_DRAFT, input(copy)),
            bad_input_case(firm, WITHDRAW_DISCLOSURE, json!({ "id": department, "reason": "x" })),
            bad_input_case(
                officer,
                CANCEL_SOLICITATION,
                json!({ "id": department, "reason": "x" }),
            ),
            bad_input_case(
                firm,
                UPDATE_ORGANIZATION,
                json!({ "id": department, "revision": 1, "input": venture() }),
            ),
            bad_input_case(
                officer,
                AMEND_SOLICITATION,
                input(json!({ "id": department, "title": "x" })),
            ),
            bad_input_case(firm, SUBMIT_BID, bid("/input/solicitationId")),
            bad_input_case(firm, BID_READINESS, bid("/input/organizationId")),
            bad_input_case(firm, SUBMIT_BID, named),
        ],
    )
    .await;
    assert_unharmed(&app, before).await;
}

/// `{"order":"LEGAL_NAME","key":{"text":"a\u0000"},"id":…}`, then a whole number for a text, then
/// a field more.
const FORGED: [&str; 3] = [
    "eyJvcmRlciI6IkxFR0FMX05BTUUiLCJrZXkiOnsidGV4dCI6ImFcdTAwMDAifSwiaWQiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAifQ",
    "eyJvcmRlciI6IkxFR0FMX05BTUUiLCJrZXkiOnsid2hvbGUiOjF9LCJpZCI6IjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJ9",
    "eyJvcmRlciI6IkxFR0FMX05BTUUiLCJrZXkiOnsidGV4dCI6ImEifSwiaWQiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAiLCJvciI6MX0",
];

async fn a_cursor_of_another_list_is_refused(app: TestApp) {
    let scene = Scene::create(&app).await;
    let before = count_rows(&app).await;
    let reviewer = app.reviewer_token();
    let by = |field: &str| {
        format!(
            "query($after: String) {{ solicitations(first: 1, after: $after,
                orderBy: {{ field: {field}, direction: ASC }}) {{ pageInfo {{ endCursor }} }} }}"
        )
    };
    let end = async |field: &str| {
        let data = app.query(&reviewer, &by(field), json!({})).await;
        text(&data["solicitations"]["pageInfo"]["endCursor"])
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
    let expected = || vec!["after invalid".to_owned()];
    let mut forged =
        ["", "x", "e30", "bnVsbA", "\u{0}", "====", "../.."].map(str::to_owned).to_vec();
    forged.extend(FORGED.map(str::to_owned));
    forged.extend([format!("{due}="), due[1..].to_owned(), "A".repeat(1_000_000)]);
    for document in &lists {
        let cases = forged.iter().map(|cursor| Case {
            token: &reviewer,
            document,
            variables: json!({ "after": cursor }),
            expected: expected(),
        });
        assert_each_is_refused(&app, cases).await;
    }
    for (document, cursor) in
        [(&lists[0], &title), (&lists[1], &due), (&descending, &due), (&lists[2], &title)]
    {
        let variables = json!({ "after": cursor });
        assert_each_is_refused(
            &app,
            [Case { token: &reviewer, document, variables, expected: expected() }],
        )
        .await;
    }
    assert_unharmed(&app, before).await;
}

/// The lists of values that a query takes, as `Type.field(argument)` or `Input.field`, by the schema; lists of input
/// objects are left out.
fn lists_of_values() -> BTreeSet<String> {
    let definitions = parse_schema(candor_schema::graphql::sdl()).expect("the schema").definitions;
    let (mut inputs, mut roots) = (BTreeMap::new(), Vec::new());
    for definition in definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::InputObject(input) => {
                let fields = input.fields.into_iter();
                let fields = fields.map(|it| (it.node.name.node.to_string(), it.node.ty.node));
                inputs.insert(name, fields.collect::<Vec<_>>());
            }
            TypeKind::Object(object) if name != "Mutation" => {
                for field in object.fields {
                    let owner = format!("{name}.{}", field.node.name.node);
                    for argument in field.node.arguments {
                        let argument = argument.node;
                        roots.push((format!("{owner}({})", argument.name.node), argument.ty.node));
                    }
                }
            }
            _ => {}
        }
    }
    let (mut lists, mut seen) = (BTreeSet::new(), BTreeSet::new());
    while let Some((name, mut of)) = roots.pop() {
        let mut is_list = false;
        let base = loop {
            match of.base {
                BaseType::List(inner) => (is_list, of) = (true, *inner),
                BaseType::Named(base) => break base.to_string(),
            }
        };
        match inputs.get(&base) {
            Some(fields) if seen.insert(base.clone()) => {
                roots.extend(fields.iter().map(|(it, of)| (format!("{base}.{it}"), of.clone())));
            }
            None if is_list => drop(lists.insert(name)),
            _ => {}
        }
    }
    lists
}

/// A list with more values than the database takes is refused as bad input on both databases.
async fn every_list_of_values_is_bounded(app: TestApp) {
    let department = app.create_department("BSS").await;
    let due = candor_tests::due_times::march::DUE;
    let solicitation = app.publish_solicitation(&department, due).await;
    let many = |value: &str| json!(vec![value; 33_000]);
    let bids = "query($it: BidFilter) { screenBids(filter: $it) { nodes { id } } }";
    let contracts = "query($it: ContractFilter) { screenContracts(filter: $it) { nodes { id } } }";
    let disclosures = "query($it: DisclosureFilter) { disclosures(filter: $it) { nodes { id } } }";
    let matches = "query($it: AwardMatchFilter) { awardMatches(filter: $it) { nodes { id } } }";
    let exemptions = "query($it: ExemptionFilter) { exemptions(filter: $it) { nodes { id } } }";
    let waivers = "query($it: WaiverFilter) { waivers(filter: $it) { nodes { id } } }";
    let cases: Vec<(&str, &str, &str, &str)> = vec![
        ("AgreementFilter.components", bids, "/it/agreement/components", "ICE"),
        ("AgreementFilter.kinds", bids, "/it/agreement/kinds", "CONTRACT"),
        ("AgreementFilter.natureOfWork", bids, "/it/agreement/natureOfWork", "DETENTION"),
        ("AgreementFilter.startPrecision", bids, "/it/agreement/startPrecision", "DAY"),
        ("ArrangementFilter.dataCategories", bids, "/it/arrangement/dataCategories", "IDENTIFIERS"),
        ("ArrangementFilter.onwardToDhs", bids, "/it/arrangement/onwardToDhs", "KNOWN"),
        (
            "ArrangementFilter.recipientKinds",
            bids,
            "/it/arrangement/recipientKinds",
            "FEDERAL_AGENCY",
        ),
        ("AwardMatchFilter.component", matches, "/it/component", "ICE"),
        ("AwardMatchFilter.status", matches, "/it/status", "OPEN"),
        ("BidFilter.findings", bids, "/it/findings", "disclosure.missing"),
        ("BidFilter.outcome", bids, "/it/outcome", "REVIEW"),
        ("BidFilter.review", bids, "/it/review", "ACCEPTED"),
        ("BidFilter.status", bids, "/it/status", "HELD"),
        ("ComponentsFilter.all", bids, "/it/components/all", "ICE"),
        ("ComponentsFilter.any", bids, "/it/components/any", "ICE"),
        ("ComponentsFilter.none", bids, "/it/components/none", "ICE"),
        (
            "ContractFilter.outOfComplianceFor",
            contracts,
            "/it/outOfComplianceFor",
            "disclosure.missing",
        ),
        ("ContractFilter.readiness", contracts, "/it/readiness", "REVIEW"),
        ("ContractFilter.readinessAtEnd", contracts, "/it/readinessAtEnd", "REVIEW"),
        ("DisclosureFilter.review", disclosures, "/it/review", "ACCEPTED"),
        ("DisclosureFilter.status", disclosures, "/it/status", "FILED"),
        ("ExemptionFilter.kind", exemptions, "/it/kind", "EMERGENCY"),
        (
            "Query.exposure(asOf)",
            "query($it: [Date!]!) { exposure(groupBy: COMPONENT, asOf: $it) { asOf } }",
            "/it",
            "2026-01-01",
        ),
        (
            "Query.previewSuspension(rules)",
            "query($it: [String!]!) { previewSuspension(version: 1, rules: $it) { complete } }",
            "/it",
            "disclosure.missing",
        ),
        (
            "Query.renewalsDue(readiness)",
            "query($it: [Outcome!]!) { renewalsDue(from: \"2026-01-01\", to: \"2026-02-01\",
                readiness: $it) { nodes { id } } }",
            "/it",
            "REVIEW",
        ),
        (
            "Query.reviewQueue(kinds)",
            "query($it: [ReviewItemKind!]!) { reviewQueue(kinds: $it) { nodes { id } } }",
            "/it",
            "BID_HELD",
        ),
        (
            "Solicitation.bids(status)",
            "query($it: [BidStatus!]!, $id: ID!) { solicitation(id: $id) {
                bids(status: $it) { nodes { id } } } }",
            "/it",
            "HELD",
        ),
        ("WaiverFilter.rule", waivers, "/it/rule", "disclosure.missing"),
        ("WaiverFilter.status", waivers, "/it/status", "REQUESTED"),
    ];
    let known: BTreeSet<String> = cases.iter().map(|(list, ..)| (*list).to_owned()).collect();
    assert_eq!(lists_of_values(), known, "every list of values in the schema has a case");
    let roles = [Role::BcaReviewer, Role::BcaSupervisor, Role::CaoAnalyst];
    let staff = app.token("staff", &roles);
    for (list, document, pointer, value) in cases {
        let mut variables = json!({ "id": solicitation });
        let mut at = &mut variables;
        for step in pointer.split('/').skip(1) {
            at = &mut at[step];
        }
        *at = many(value);
        let answer = app.execute(&staff, document, variables).await;
        let code = find_fault_code(&answer);
        let is_refused = matches!(code.as_deref(), Some("BAD_USER_INPUT" | "LIMIT_EXCEEDED"));
        let message = text(&answer["errors"][0]["message"]);
        assert!(is_refused && message.contains("at most"), "{list}: {code:?} {message}");
    }
}
