//! The requests that are measured.
use candor_tests::many_contracts::{department_id, organization_id};
use candor_tests::{Role, TestApp};
use serde_json::{Value, json};

/// A request, and whether its work may grow with the data.
pub struct Request {
    pub name: &'static str,
    pub kind: Kind,
    reader: Reader,
    document: &'static str,
    variables: Value,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page, or one object.
    Page,
    /// The number of matching rows, facets, or totals.
    Count,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug)]
enum Reader {
    /// An analyst who also reviews, and so may read everything.
    Everything,
    /// A contract officer of one department.
    Officer,
}

/// The subject of the officer.
const OFFICER: &str = "officer";
/// The department of the officer, and of the filters.
const DEPARTMENT: usize = 3;

const FIRMS: &str = "query($n: Int, $last: Int, $text: String) {
    organizations(first: $n, last: $last, text: $text) { nodes { id legalName kind createdAt
        disclosures(first: 1) { nodes { id status filedAt
            statement { dhs { agreements { identifier kind component natureOfWork } } } } } } } }";
const DISCLOSURES: &str = "query($filter: DisclosureFilter, $n: Int) {
    disclosures(filter: $filter, first: $n) { nodes { id review filedAt organization { legalName } } } }";
const SOLICITATIONS: &str = "query($n: Int, $department: ID, $text: String) {
    solicitations(first: $n, departmentId: $department, text: $text) { nodes { id number
        department { code } } } }";
const BIDS: &str = "query($filter: BidFilter, $order: ScreenOrder, $n: Int, $last: Int) {
    screenBids(filter: $filter, orderBy: $order, first: $n, last: $last) { nodes { id
        components { component } findings { code } bid { organization { legalName } } } } }";
const BIDS_COUNTED: &str = "query($filter: BidFilter) { screenBids(filter: $filter, first: 0) {
    totalCount facets { outcome { count } status { count } department { count } review { count }
    finding { count } component { count } natureOfWork { count } } } }";
const CONTRACTS: &str =
    "query($filter: ContractFilter, $order: ContractOrder, $n: Int, $last: Int) {
    screenContracts(filter: $filter, orderBy: $order, first: $n, last: $last) { nodes { id
        components { component } contract { organization { legalName } } } } }";
const CONTRACTS_COUNTED: &str = "query($filter: ContractFilter) {
    screenContracts(filter: $filter, first: 0) { totalCount
        facets { department { count } readinessAtEnd { count } } } }";
const DUE: &str = "query($department: ID, $n: Int) { renewalsDue(from: \"2026-03-01\",
    to: \"2026-05-31\", departmentId: $department, first: $n) { nodes { id
        ifRenewedToday { outcome } } } }";
const DUE_COUNTED: &str = "{ renewalsDue(from: \"2026-03-01\", to: \"2026-05-31\", first: 0) {
    totalCount counts { month readiness count } } }";
const EXPOSURE: &str = "{ exposure(groupBy: COMPONENT) { groups { component contracts
    compensation { known { amount } unknown } } } }";
const WAIVERS: &str = "query($n: Int) { waivers(first: $n) { nodes { id rule status } } }";
const EXEMPTIONS: &str = "query($n: Int) { exemptions(first: $n) { nodes { id kind } } }";
const QUEUE: &str = "query($n: Int, $last: Int, $kinds: [ReviewItemKind!]! = [],
    $sort: QueueSort! = DUE_AT) {
    reviewQueue(first: $n, last: $last, kinds: $kinds, sort: $sort) { nodes { id kind dueAt
    organizations { legalName } } } }";
const QUEUE_COUNTED: &str = "{ reviewQueue(first: 0) { totalCount } }";
const MATCHES: &str = "query($n: Int) { awardMatches(first: $n) { nodes { id score
    organization { legalName } award { awardId recipient { name } } } } }";
const FIRM: &str = "query($firm: ID!) { organization(id: $firm) { legalName identifiers { id }
    disclosures(first: 5) { nodes { id status } } } }";
const PARTY: &str = "{ findParty(text: \"Firm 77\") { __typename } }";
const NAME: &str = "{ screenName(name: \"Firm 7 Harbor\", limit: 5) { name awards } }";
const FIRMS_COUNTED: &str = "{ organizations(first: 0) { totalCount } }";
const DISCLOSURES_COUNTED: &str = "{ disclosures(first: 0) { totalCount } }";

/// The rows of a page.
const ROWS: usize = 20;

/// Adds the officer who sends some of the requests.
pub async fn add_officer(app: &TestApp) {
    app.add_officer(&department_id(DEPARTMENT), OFFICER).await;
}

/// Returns all requests, in the order of the report.
pub fn requests() -> Vec<Request> {
    let mut list = List::default();
    add_firms(&mut list);
    add_bids(&mut list);
    add_contracts(&mut list);
    add_desk(&mut list);
    add_officers_lists(&mut list);
    add_counts(&mut list);
    list.0
}

#[derive(Default)]
struct List(Vec<Request>);

impl List {
    fn page(&mut self, name: &'static str, document: &'static str, variables: Value) {
        self.add(Kind::Page, Reader::Everything, name, document, variables);
    }

    fn page_of_officer(&mut self, name: &'static str, document: &'static str, variables: Value) {
        self.add(Kind::Page, Reader::Officer, name, document, variables);
    }

    fn count(&mut self, name: &'static str, document: &'static str, variables: Value) {
        self.add(Kind::Count, Reader::Everything, name, document, variables);
    }

    fn add(
        &mut self,
        kind: Kind,
        reader: Reader,
        name: &'static str,
        document: &'static str,
        mut variables: Value,
    ) {
        if variables.get("last").is_none() && variables.get("n").is_none() {
            variables["n"] = json!(ROWS);
        }
        self.0.push(Request { name, kind, reader, document, variables });
    }
}

/// Firms, their disclosures, and solicitations.
fn add_firms(list: &mut List) {
    list.page("firms with their newest filing", FIRMS, json!({}));
    list.page("firms, the last page", FIRMS, json!({ "last": ROWS }));
    list.page("firms by two words", FIRMS, json!({ "text": "firm harb" }));
    list.page("a firm", FIRM, json!({ "firm": organization_id(7) }));
    list.page("a party by words", PARTY, json!({}));
    list.page("disclosures", DISCLOSURES, json!({}));
    list.page(
        "disclosures to be reviewed",
        DISCLOSURES,
        json!({ "filter": {
        "review": ["UNREVIEWED"] } }),
    );
    list.page("disclosures by a word", DISCLOSURES, json!({ "filter": { "text": "shelter" } }));
    list.page("solicitations", SOLICITATIONS, json!({}));
    // As many as a department of the smallest city has.
    let of_department = json!({ "department": department_id(DEPARTMENT), "n": 3 });
    list.page("solicitations of a department", SOLICITATIONS, of_department);
    list.page("solicitations by a word", SOLICITATIONS, json!({ "text": "solicitation" }));
}

fn add_bids(list: &mut List) {
    for (name, field, direction) in [
        ("bids, the last submitted first", "SUBMITTED_AT", "DESC"),
        ("bids by decision", "DECIDED_AT", "ASC"),
        ("bids by amount", "AMOUNT", "DESC"),
    ] {
        let order = json!({ "field": field, "direction": direction });
        list.page(name, BIDS, json!({ "order": order }));
    }
    list.page("bids, the last page", BIDS, json!({ "last": ROWS }));
    list.page(
        "bids of a department",
        BIDS,
        json!({ "filter": { "departmentId": department_id(DEPARTMENT) } }),
    );
    list.page(
        "bids of a firm",
        BIDS,
        json!({ "filter": { "organizationId": organization_id(8) } }),
    );
    list.page("bids held", BIDS, json!({ "filter": { "status": ["HELD"] } }));
    list.page(
        "bids with a finding",
        BIDS,
        json!({ "filter": { "findings": ["disclosure.stale"] } }),
    );
    list.page(
        "bids of firms with ICE and detention",
        BIDS,
        json!({ "filter": { "agreement": {
        "components": ["ICE"], "natureOfWork": ["DETENTION"] } } }),
    );
    list.page("bids by two words", BIDS, json!({ "filter": { "text": "shelter harb" } }));
}

/// Contracts and their renewals.
fn add_contracts(list: &mut List) {
    for (name, field) in [
        ("contracts by end", "END_DATE"),
        ("contracts by number", "NUMBER"),
        ("contracts by value", "VALUE"),
    ] {
        let order = json!({ "field": field, "direction": "ASC" });
        list.page(name, CONTRACTS, json!({ "order": order }));
    }
    list.page("contracts, the last page", CONTRACTS, json!({ "last": ROWS }));
    list.page(
        "contracts of a department",
        CONTRACTS,
        json!({ "filter": {
        "departmentId": department_id(DEPARTMENT) } }),
    );
    list.page(
        "contracts of a firm",
        CONTRACTS,
        json!({ "filter": {
        "organizationId": organization_id(8) } }),
    );
    list.page(
        "contracts blocked at their end",
        CONTRACTS,
        json!({ "filter": {
        "readinessAtEnd": ["BLOCK"] } }),
    );
    list.page(
        "contracts of firms with ICE and detention",
        CONTRACTS,
        json!({ "filter": {
        "agreement": { "components": ["ICE"], "natureOfWork": ["DETENTION"] } } }),
    );
    list.page("renewals due", DUE, json!({}));
    list.page(
        "renewals due in a department",
        DUE,
        json!({ "department": department_id(DEPARTMENT) }),
    );
}

/// What the City's staff have to decide.
fn add_desk(list: &mut List) {
    list.page("waivers", WAIVERS, json!({}));
    list.page("exemptions", EXEMPTIONS, json!({}));
    list.page("review queue", QUEUE, json!({}));
    list.page("review queue by cure deadline", QUEUE, json!({ "sort": "CURE_DEADLINE" }));
    let unreviewed = json!({ "kinds": ["FILING_UNREVIEWED"] });
    list.page("filings in the review queue", QUEUE, unreviewed);
    list.page("review queue, the last page", QUEUE, json!({ "last": ROWS }));
    list.page("matches with federal awards", MATCHES, json!({}));
    list.page("a name among federal recipients", NAME, json!({}));
}

/// What a contract officer reads: of disclosures and decisions those that the department received.
fn add_officers_lists(list: &mut List) {
    list.page_of_officer("an officer's firms with their newest filing", FIRMS, json!({}));
    list.page_of_officer("an officer's disclosures", DISCLOSURES, json!({}));
    let word = json!({ "filter": { "text": "shelter" } });
    list.page_of_officer("an officer's disclosures by a word", DISCLOSURES, word);
    list.page_of_officer("an officer's bids", BIDS, json!({}));
    list.page_of_officer("an officer's contracts", CONTRACTS, json!({}));
    list.page_of_officer("an officer's review queue", QUEUE, json!({}));
}

fn add_counts(list: &mut List) {
    list.count("number of firms", FIRMS_COUNTED, json!({}));
    list.count("number of disclosures", DISCLOSURES_COUNTED, json!({}));
    list.count("length of the review queue", QUEUE_COUNTED, json!({}));
    list.count("bids: number and seven facets", BIDS_COUNTED, json!({}));
    list.count(
        "bids held: number and seven facets",
        BIDS_COUNTED,
        json!({ "filter": {
        "status": ["HELD"] } }),
    );
    list.count("contracts: number and two facets", CONTRACTS_COUNTED, json!({}));
    list.count("renewals due by month", DUE_COUNTED, json!({}));
    list.count("exposure by component", EXPOSURE, json!({}));
}

impl Request {
    /// Sends the request. Returns whether it was answered: a count over everything may take longer than a request
    /// may.
    pub async fn send(&self, app: &TestApp) -> bool {
        let token = match self.reader {
            Reader::Everything => {
                app.token("reader of everything", &[Role::CaoAnalyst, Role::BcaReviewer])
            }
            Reader::Officer => app.token(OFFICER, &[Role::ContractOfficer]),
        };
        let answer = app.execute(&token, self.document, self.variables.clone()).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        let timed_out = self.kind == Kind::Count && code == "UNAVAILABLE";
        assert!(answer["errors"].is_null() || timed_out, "{}: {answer:#}", self.name);
        !timed_out
    }
}
