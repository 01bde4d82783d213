//! A person is identified by issuer and subject, and is invited at an address without look-alikes.
use candor::auth::Claims;
use candor_tests::awards::{AwardSummary, DECIDE_MATCH_APPEAL};
use candor_tests::contracts::{APPROVE_WAIVER, REQUEST_WAIVER};
use candor_tests::fixtures::{Department, Firm, no_dealings, usd};
use candor_tests::steps::{
    ACCEPT_DISCLOSURE, DECIDE_APPEAL, ENTER_PAPER_DISCLOSURE, INVITE_MEMBER, TAKE_REVIEW,
    signatory_attestation, text,
};
use candor_tests::{Method, Role, StatusCode, TestApp, stories};
use serde_json::{Value, json};

stories![
    a_look_alike_address_accepts_no_invitation,
    another_issuers_subject_is_another_person,
    another_issuers_subject_may_be_the_second_person,
    an_unreadable_subject_cannot_sign_in,
];

const VIEWER: &str = "{ viewer { issuer subject email memberships { role } departmentIds } }";
const OFFICER: &str = "mutation($input: OfficerInput!) { addMember(input: $input) {
    member { id } userErrors { path code message } } }";
const OTHER_ISSUER: &str = "https://tokens.elsewhere.example";

async fn viewer(app: &TestApp, token: &str) -> Value {
    app.query(token, VIEWER, json!({})).await["viewer"].take()
}

async fn a_look_alike_address_accepts_no_invitation(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let invite = |email: &str| {
        let input = json!({ "organizationId": firm.id, "email": email, "role": "SIGNATORY" });
        json!({ "input": input })
    };
    app.mutate_ok(&firm.token, INVITE_MEMBER, invite("kelvin.sams@firm.example")).await;
    // The Kelvin sign and the long s fold to k and s in Unicode; the others resemble ASCII letters.
    let look_alikes = [
        "\u{212A}elvin.sams@firm.example",
        "kelvin.\u{17F}ams@firm.example",
        "kelvin.sam\u{17F}@firm.example",
        "kelvin.s\u{430}ms@firm.example",
        "kelvin.sams@f\u{131}rm.example",
        "kelvin.sams@firm.ex\u{FF41}mple",
        "kelvin.sams@firm\u{3002}example",
    ];
    for (index, address) in look_alikes.into_iter().enumerate() {
        let subject = format!("impostor-{index}");
        let token = app.token_with_email(&subject, Role::Bidder, address, true);
        let data = viewer(&app, &token).await;
        assert_eq!(data["subject"], subject, "it signs in");
        assert_eq!((&data["email"], &data["memberships"]), (&Value::Null, &json!([])), "{address}");
    }
    // No one can be invited at such an address, to a firm or a department.
    let department = app.create_department("BSS").await;
    let admin = app.token("administrator", &[Role::Admin]);
    for address in look_alikes {
        let officer = json!({ "departmentId": department.id, "email": address });
        for (token, mutation, variables) in [
            (&firm.token, INVITE_MEMBER, invite(address)),
            (&admin, OFFICER, json!({ "input": officer })),
        ] {
            let refused = app.mutate(token, mutation, variables).await;
            let [error] = &refused["userErrors"].as_array().expect("errors")[..] else {
                panic!("{address}: {refused:#}")
            };
            assert_eq!(
                (&error["path"], &error["code"]),
                (&json!(["input", "email"]), &json!("invalid"))
            );
            let words = text(&error["message"]);
            assert!(words.contains("letters other than a to z"), "{address}: {words}");
        }
    }
    let kelvin = app.token_with_email("kelvin", Role::Bidder, "KELVIN.Sams@firm.example", true);
    assert_eq!(viewer(&app, &kelvin).await["memberships"], json!([{ "role": "SIGNATORY" }]));
    app.assert_verifies().await;
}

async fn another_issuers_subject_is_another_person(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let department = app.create_department("BSS").await;
    for (token, memberships, departments) in [
        (&firm.token, json!([{ "role": "SIGNATORY" }]), json!([])),
        (&department.token, json!([]), json!([department.id])),
    ] {
        let data = viewer(&app, token).await;
        assert_eq!(data["issuer"], "https://tokens.city.example");
        assert_eq!((&data["memberships"], &data["departmentIds"]), (&memberships, &departments));
    }
    let app = app.with_issuer(OTHER_ISSUER).await;
    // The same subjects with the same verified addresses.
    let owner = app.token("prime-paving", &[Role::Bidder]);
    let officer = app.token("bss", &[Role::ContractOfficer]);
    for token in [&owner, &officer] {
        let data = viewer(&app, token).await;
        assert_eq!(data["issuer"], OTHER_ISSUER);
        assert_eq!((&data["memberships"], &data["departmentIds"]), (&json!([]), &json!([])));
    }
    let see = "query($id: ID!) { organization(id: $id) { id } }";
    let data = app.query(&owner, see, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"], Value::Null);
    let input = json!({ "organizationId": firm.id, "email": "a@b.example", "role": "PREPARER" });
    assert_eq!(app.fault_code(&owner, INVITE_MEMBER, json!({ "input": input })).await, "NOT_FOUND");
    let old = app.execute(&firm.token, VIEWER, json!({})).await;
    assert_eq!(old["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{old:#}");
    app.assert_verifies().await;
}

/// Four pending decisions that one person began and may not decide.
struct PendingDecisions {
    waiver: Value,
    match_appeal: Value,
    review_appeal: Value,
    form: Value,
}

impl PendingDecisions {
    /// Has one supervisor request a waiver, confirm a match, reject a filing and enter a paper
    /// form.
    async fn create(app: &TestApp, supervisor: &str, department: &Department) -> Self {
        let silent = app.register_firm("Silent Pumps").await;
        let days = ("2024-03-01", "2026-02-28");
        let parts = json!({ "clauseVersion": 1 });
        let contract = app.record_contract(department, &silent, "C-1", days, parts).await;
        let input = json!({ "input": {
            "contractId": contract, "rule": "disclosure.missing", "expiresOn": "2026-03-31",
            "authority": "Council File 26-0417", "purpose": "The pumps must not stop.",
            "alternatives": "Three suppliers were consulted.", "cost": "A rented pump.",
            "costAmount": usd("410000"),
        } });
        let mut waiver = app.mutate_ok(supervisor, REQUEST_WAIVER, input).await;

        let matched = app.register_firm_attesting_none("Quillwort Paving", "QW3JX8L5T9R2").await;
        app.import_award_rows(&[AwardSummary::default()]).await;
        let open = app.load_only_match(&matched).await;
        app.confirm_match(supervisor, &open).await;
        let match_appeal = app.appeal_match(&matched, &open).await.into();

        let rejected = app.register_firm("Acosta Sweeping").await;
        let filing = app.file_and_load_disclosure(&rejected, no_dealings()).await;
        app.reject_disclosure(supervisor, &filing["id"]).await;
        let review_appeal = app.appeal_rejection(&rejected, &filing["id"]).await;

        let by_hand = app.register_firm("Old Paving").await;
        let mut form =
            app.mutate_ok(supervisor, ENTER_PAPER_DISCLOSURE, paper_input(&by_hand)).await;
        Self {
            waiver: waiver["waiver"]["id"].take(),
            match_appeal,
            review_appeal,
            form: form["disclosure"]["id"].take(),
        }
    }

    /// Returns each decision, which another person must make.
    fn decisions(&self) -> [(&'static str, Value); 4] {
        let appeal = |id: &Value| {
            let explanation = "Another look.";
            json!({ "input": { "appealId": id, "outcome": "REOPENED", "explanation": explanation } })
        };
        [
            (APPROVE_WAIVER, json!({ "id": self.waiver })),
            (DECIDE_MATCH_APPEAL, appeal(&self.match_appeal)),
            (DECIDE_APPEAL, appeal(&self.review_appeal)),
            (ACCEPT_DISCLOSURE, json!({ "id": self.form })),
        ]
    }
}

fn paper_input(firm: &Firm) -> Value {
    json!({ "input": {
        "organizationId": firm.id, "statement": no_dealings(), "signedOn": "2026-01-30",
        "attestation": signatory_attestation("Old Paving"),
        "paper": { "name": "form.pdf", "sha256": "ab".repeat(32), "link": "https://files.city.example/17" },
    } })
}

async fn another_issuers_subject_may_be_the_second_person(app: TestApp) {
    let department = app.create_department("BSS").await;
    let roles = [Role::BcaReviewer, Role::BcaSupervisor];
    let supervisor = app.token("boss", &roles);
    let pending = PendingDecisions::create(&app, &supervisor, &department).await;
    for (mutation, variables) in pending.decisions() {
        let refused = app.fault_code(&supervisor, mutation, variables).await;
        assert_eq!(refused, "FORBIDDEN", "one person cannot decide alone: {mutation}");
    }
    let app = app.with_issuer(OTHER_ISSUER).await;
    let namesake = app.token("boss", &roles);
    for (mutation, variables) in pending.decisions() {
        app.mutate_ok(&namesake, mutation, variables).await;
    }
    // A person of another issuer is named by issuer and subject, a person of the same issuer by
    // subject.
    let reviewed = "query($id: ID!) { disclosure(id: $id) { paperEntry { enteredBy } reviewer
        reviews { decidedBy } } }";
    let data = app.query(&namesake, reviewed, json!({ "id": pending.form })).await;
    assert_eq!(data["disclosure"]["reviews"][0]["decidedBy"], "boss");
    let query = "SELECT COUNT(*) FROM review JOIN filing ON filing.id = review.disclosure_id
        WHERE filing.filed_by = 'https://tokens.city.example boss'
        AND review.decided_by = 'https://tokens.elsewhere.example boss'";
    assert_eq!(app.select_number(query).await, 1);
    // Taking over a review names its reviewer: a subject without issuer is not enough.
    let third = app.token("third", &roles);
    let firm = app.register_firm("Fourth Paving").await;
    let filing = app.file_and_load_disclosure(&firm, no_dealings()).await;
    app.mutate_ok(&namesake, TAKE_REVIEW, json!({ "id": filing["id"] })).await;
    let from = json!({ "id": filing["id"], "from": "https://tokens.city.example boss" });
    assert_eq!(app.fault_code(&third, TAKE_REVIEW, from).await, "CONFLICT");
    app.mutate_ok(&third, TAKE_REVIEW, json!({ "id": filing["id"], "from": "boss" })).await;
    app.assert_verifies().await;
}

/// Characters that are invisible or reorder text.
const UNREADABLE: [char; 64] = [
    '\0',
    '\u{1}',
    '\t',
    '\n',
    '\r',
    '\u{1B}',
    '\u{1F}',
    '\u{7F}',
    '\u{80}',
    '\u{85}',
    '\u{9F}',
    '\u{A0}',
    '\u{AD}',
    '\u{34F}',
    '\u{61C}',
    '\u{115F}',
    '\u{1160}',
    '\u{1680}',
    '\u{17B4}',
    '\u{180B}',
    '\u{180E}',
    '\u{2000}',
    '\u{2003}',
    '\u{2009}',
    '\u{200A}',
    '\u{200B}',
    '\u{200C}',
    '\u{200D}',
    '\u{200E}',
    '\u{200F}',
    '\u{2028}',
    '\u{2029}',
    '\u{202A}',
    '\u{202B}',
    '\u{202C}',
    '\u{202D}',
    '\u{202E}',
    '\u{202F}',
    '\u{205F}',
    '\u{2060}',
    '\u{2061}',
    '\u{2064}',
    '\u{2065}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206A}',
    '\u{2800}',
    '\u{3000}',
    '\u{3164}',
    '\u{378}',
    '\u{E000}',
    '\u{FE0F}',
    '\u{FEFF}',
    '\u{FFA0}',
    '\u{FFF9}',
    '\u{FFFF}',
    '\u{1D173}',
    '\u{E0001}',
    '\u{E0041}',
    '\u{E0100}',
    '\u{F0000}',
    '\u{10FFFF}',
];

async fn an_unreadable_subject_cannot_sign_in(app: TestApp) {
    let unreadable = UNREADABLE.iter().flat_map(|character| {
        let words = "has a character that cannot be seen or changes the order";
        [format!("mary{character}ann"), format!("{character}mary"), format!("mary{character}")]
            .map(|subject| (subject, words))
    });
    let reserved = ["candor", "operator", "candor token", "candor import contracts"];
    let reserved = reserved.into_iter().flat_map(|name| {
        let words = "is a name that the service uses for itself";
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        [name.to_owned(), name.to_uppercase(), capital].map(|subject| (subject, words))
    });
    let others = [
        (String::new(), "is empty"),
        (" ".to_owned(), "begins or ends with a blank"),
        (" mary".to_owned(), "begins or ends with a blank"),
        ("mary ".to_owned(), "begins or ends with a blank"),
        (" candor".to_owned(), "begins or ends with a blank"),
        ("é".repeat(256), "has more than 255 characters"),
    ];
    for (subject, words) in unreadable.chain(reserved).chain(others) {
        let claims =
            Claims { sub: subject.clone(), ..TestApp::default_claims("mary", &[Role::Admin]) };
        let token = app.key.sign(&claims).expect("a token");
        let request = app.http_request(Method::POST, "/graphql").bearer_auth(token);
        let answer = request.json(&json!({ "query": VIEWER })).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{subject:?}");
        let answer: Value = answer.json().await.expect("JSON");
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "UNAUTHENTICATED", "{subject:?}");
        let message = text(&error["message"]);
        assert!(message.contains(&format!("its subject (sub) {words}")), "{subject:?}: {message}");
    }
    for subject in ["mary ann", "Zoë Müller", "山田", "auth0|5f7c8ec7c33c6c004bbafe82", "candor-7"]
    {
        let token = app.token(subject, &[Role::Admin]);
        assert_eq!(viewer(&app, &token).await["subject"], subject);
    }
    let longest = "é".repeat(255);
    let token = app.token(&longest, &[Role::Admin]);
    assert_eq!(viewer(&app, &token).await["subject"], longest);
}
