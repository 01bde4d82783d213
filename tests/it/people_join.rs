//! People are invited by e-mail and become members at their first sign-in.
use candor_tests::fixtures::no_dealings;
use candor_tests::steps::{
    FILE_DISCLOSURE, INVITE_MEMBER, SAVE_DRAFT, signatory_attestation, text,
};
use candor_tests::{Role, TestApp, stories};
use serde_json::{Value, json};

stories![
    an_invitation_is_accepted_at_the_first_verified_sign_in,
    an_unverified_address_accepts_no_invitation,
    the_last_signatory_cannot_be_removed,
    a_removed_member_has_no_access,
    an_officer_acts_only_for_the_department,
    two_sign_in_with_one_address,
];

const VIEWER: &str =
    "{ viewer { subject email memberships { organizationId role } departmentIds } }";
const REMOVE: &str = "mutation($id: ID!) { removeMember(id: $id) {
    member { id removedAt } userErrors { path code message } } }";
const MEMBERS: &str =
    "query($id: ID!) { organization(id: $id) { members { id role email isBound boundAt } } }";

async fn memberships(app: &TestApp, token: &str) -> Value {
    app.query(token, VIEWER, json!({})).await["viewer"]["memberships"].take()
}

fn invitation(organization: &str, email: &str, role: &str) -> Value {
    json!({ "input": { "organizationId": organization, "email": email, "role": role } })
}

async fn an_invitation_is_accepted_at_the_first_verified_sign_in(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let invite = invitation(&firm.id, " Preparer@Firm.Example ", "PREPARER");
    let created = app.mutate_ok(&firm.token, INVITE_MEMBER, invite).await;
    assert_eq!(created["member"]["isBound"], false);
    assert_eq!(created["member"]["email"], "preparer@firm.example");
    let member = app.query(&firm.token, MEMBERS, json!({ "id": firm.id })).await;
    assert_eq!(member["organization"]["members"][1]["boundAt"], Value::Null);

    let token = app.token_with_email("newcomer", Role::Bidder, "PREPARER@firm.example", true);
    let place = json!([{ "organizationId": firm.id, "role": "PREPARER" }]);
    assert_eq!(memberships(&app, &token).await, place);
    let member = app.query(&firm.token, MEMBERS, json!({ "id": firm.id })).await;
    assert_eq!(member["organization"]["members"][1]["isBound"], true);
    // From then on the subject is the member, with any address in its token.
    let elsewhere = app.token_with_email("newcomer", Role::Bidder, "new@firm.example", false);
    assert_eq!(memberships(&app, &elsewhere).await, place);
    // The same address does not admit another subject.
    let other = app.token_with_email("another", Role::Bidder, "preparer@firm.example", true);
    assert_eq!(memberships(&app, &other).await, json!([]));
    let trail = "query($id: ID!) { auditTrail(subject: $id) { nodes { action actor data } } }";
    let trail = app.query(&firm.token, trail, json!({ "id": firm.id })).await;
    let done = trail["auditTrail"]["nodes"].as_array().expect("entries").iter();
    let done: Vec<_> = done.map(|it| (text(&it["action"]), text(&it["actor"]))).collect();
    let owner = &done[0].1;
    let expected = [
        ("organization.registered", &**owner),
        ("member.invited", owner),
        ("member.bound", "https://tokens.city.example newcomer"),
    ];
    let expected = expected.map(|(action, actor)| (action.to_owned(), actor.to_owned()));
    assert_eq!(done, expected);

    // Preparers cannot invite, no one is invited twice, and an address must be valid.
    let input = json!({ "organizationId": firm.id, "statement": no_dealings() });
    app.mutate_ok(&token, SAVE_DRAFT, json!({ "input": input })).await;
    let invite = invitation(&firm.id, "third@firm.example", "PREPARER");
    assert_eq!(app.fault_code(&token, INVITE_MEMBER, invite).await, "FORBIDDEN");
    let again = invitation(&firm.id, "preparer@FIRM.example", "SIGNATORY");
    assert_eq!(app.mutation_errors(&firm.token, INVITE_MEMBER, again).await, ["input.email taken"]);
    for wrong in ["no address", "a@b@c", "", "a\u{202E}b@firm.example"] {
        let errors = app
            .mutation_errors(&firm.token, INVITE_MEMBER, invitation(&firm.id, wrong, "PREPARER"))
            .await;
        assert!(
            !errors.is_empty() && errors.iter().all(|it| it.starts_with("input.email ")),
            "{wrong}"
        );
    }
    let rival = app.register_firm("Rival Paving").await;
    let invite = invitation(&firm.id, "mole@rival.example", "SIGNATORY");
    assert_eq!(app.fault_code(&rival.token, INVITE_MEMBER, invite).await, "NOT_FOUND");
}

async fn an_unverified_address_accepts_no_invitation(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let address = "signatory@firm.example";
    app.mutate_ok(&firm.token, INVITE_MEMBER, invitation(&firm.id, address, "SIGNATORY")).await;
    let unverified = app.token_with_email("impostor", Role::Bidder, address, false);
    let data = app.query(&unverified, VIEWER, json!({})).await;
    assert_eq!(data["viewer"]["memberships"], json!([]));
    assert_eq!(data["viewer"]["email"], Value::Null);
    let see = "query($id: ID!) { organization(id: $id) { id } }";
    let data = app.query(&unverified, see, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"], Value::Null);
    let verified = app.token_with_email("signatory", Role::Bidder, address, true);
    let place = json!([{ "organizationId": firm.id, "role": "SIGNATORY" }]);
    assert_eq!(memberships(&app, &verified).await, place);
    // The invitation remains used.
    let unverified = app.token_with_email("impostor", Role::Bidder, address, true);
    assert_eq!(memberships(&app, &unverified).await, json!([]));
}

async fn the_last_signatory_cannot_be_removed(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let preparer = app.invite_member(&firm, "PREPARER").await;
    let invited = invitation(&firm.id, "later@firm.example", "SIGNATORY");
    let invited = app.mutate_ok(&firm.token, INVITE_MEMBER, invited).await["member"]["id"].take();
    let members = app.query(&firm.token, MEMBERS, json!({ "id": firm.id })).await;
    let members = members["organization"]["members"].as_array().expect("members").clone();
    let owner = members.iter().find(|it| it["role"] == "SIGNATORY" && it["isBound"] == true);
    let owner = json!({ "id": owner.expect("the owner")["id"] });
    // An invited person has not signed in, and may never.
    assert_eq!(app.fault_code(&firm.token, REMOVE, owner.clone()).await, "CONFLICT");
    assert_eq!(app.fault_code(&preparer, REMOVE, owner.clone()).await, "FORBIDDEN");
    let second = app.token_with_email("second", Role::Bidder, "later@firm.example", true);
    assert_eq!(memberships(&app, &second).await.as_array().map(Vec::len), Some(1));
    app.mutate_ok(&second, REMOVE, owner.clone()).await;
    assert_eq!(memberships(&app, &firm.token).await, json!([]));
    assert_eq!(app.fault_code(&second, REMOVE, owner).await, "NOT_FOUND", "it is gone already");
    assert_eq!(app.fault_code(&second, REMOVE, json!({ "id": invited })).await, "CONFLICT");
}

async fn a_removed_member_has_no_access(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    let other = app.invite_member(&firm, "SIGNATORY").await;
    let (draft, _) = app.save_draft(&firm, no_dealings()).await;
    let viewer = app.query(&other, VIEWER, json!({})).await;
    let address = text(&viewer["viewer"]["email"]);
    let members = app.query(&firm.token, MEMBERS, json!({ "id": firm.id })).await;
    let members = members["organization"]["members"].as_array().expect("members").clone();
    let member = members.iter().find(|it| it["email"] == json!(address)).expect("the other");
    app.mutate_ok(&firm.token, REMOVE, json!({ "id": member["id"] })).await;
    assert_eq!(memberships(&app, &other).await, json!([]));
    let input = json!({ "id": draft, "revision": 1, "attestation": signatory_attestation("it") });
    assert_eq!(
        app.fault_code(&other, FILE_DISCLOSURE, json!({ "input": input })).await,
        "NOT_FOUND"
    );
    let data = "query($id: ID!) { organization(id: $id) { id } }";
    let data = app.query(&other, data, json!({ "id": firm.id })).await;
    assert_eq!(data["organization"], Value::Null);
    // Invited again, the person returns with the new role.
    app.mutate_ok(&firm.token, INVITE_MEMBER, invitation(&firm.id, &address, "PREPARER")).await;
    let place = json!([{ "organizationId": firm.id, "role": "PREPARER" }]);
    assert_eq!(memberships(&app, &other).await, place);
}

async fn an_officer_acts_only_for_the_department(app: TestApp) {
    let department = app.create_department("BSS").await;
    let neighbour = app.create_department("LIB").await;
    let data = app.query(&department.token, VIEWER, json!({})).await;
    assert_eq!(data["viewer"]["departmentIds"], json!([department.id]));
    let officers = "{ departments { nodes { code officers { id email } } } }";
    let listed = async |token: &str| {
        let data = app.query(token, officers, json!({})).await;
        let nodes = data["departments"]["nodes"].as_array().expect("departments").clone();
        let number = |it: &Value| (text(&it["code"]), it["officers"].as_array().map(Vec::len));
        nodes.iter().map(number).collect::<Vec<_>>()
    };
    let of = |bss, lib| vec![("BSS".to_owned(), Some(bss)), ("LIB".to_owned(), Some(lib))];
    assert_eq!(listed(&department.token).await, of(1, 0));
    assert_eq!(listed(&neighbour.token).await, of(0, 1));
    assert_eq!(listed(&app.token("admin", &[Role::Admin])).await, of(1, 1));
    let firm = app.register_firm("Prime Paving").await;
    assert_eq!(listed(&firm.token).await, of(0, 0));
    // A department membership has no effect without the officer role.
    let number = |role| {
        let token = app.token("bss", &[role]);
        let app = &app;
        async move {
            let drafts = "{ solicitations(status: DRAFT) { totalCount } }";
            let data = app.query(&token, drafts, json!({})).await;
            data["solicitations"]["totalCount"].clone()
        }
    };
    app.create_solicitation(&department, "2026-03-10T22:00:00Z", json!({})).await;
    assert_eq!(number(Role::ContractOfficer).await, 1);
    assert_eq!(number(Role::Bidder).await, 0);
}

async fn two_sign_in_with_one_address(app: TestApp) {
    let firm = app.register_firm("Prime Paving").await;
    for round in 0..10 {
        let address = format!("member-{round}@firm.example");
        app.mutate_ok(&firm.token, INVITE_MEMBER, invitation(&firm.id, &address, "PREPARER")).await;
        let tokens = ["one", "two"].map(|who| {
            app.token_with_email(&format!("{who}-{round}"), Role::Bidder, &address, true)
        });
        let (one, two) = tokio::join!(memberships(&app, &tokens[0]), memberships(&app, &tokens[1]));
        let places = [one, two].iter().filter(|it| **it != json!([])).count();
        assert_eq!(places, 1, "round {round}");
    }
    app.assert_verifies().await;
}
