//! Documents that ask for more than anybody needs, written for this schema.
use std::fmt::Write;

use serde_json::{Value, json};

/// What is sent, and what comes of it.
#[derive(Debug)]
pub struct Attack {
    pub name: String,
    /// The body of the request.
    pub body: String,
    /// The code of the error that refuses it; none if it is answered, however that ends.
    pub refused: Option<&'static str>,
}

/// What the documents ask about: identifiers of things that there are.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    pub organization: &'a str,
    pub disclosure: &'a str,
    pub solicitation: &'a str,
    pub bid: &'a str,
}

const LIMIT: Option<&str> = Some("LIMIT_EXCEEDED");
const INVALID: Option<&str> = Some("BAD_USER_INPUT");

/// `count` times what `part` makes of each number from 0.
fn times(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// `inner` inside `levels` of `open` and `close`.
fn nested(levels: usize, open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
}

/// All of them.
#[must_use]
pub fn attacks(targets: Targets<'_>) -> Vec<Attack> {
    let mut all = Vec::new();
    introspection(&mut all);
    aliases(&mut all, targets);
    fragments(&mut all);
    floods(&mut all, targets);
    texts(&mut all);
    arguments(&mut all);
    lists(&mut all, targets);
    heavy(&mut all, targets);
    mutations(&mut all, targets);
    requests(&mut all);
    all
}

fn query(all: &mut Vec<Attack>, name: &str, refused: Option<&'static str>, document: &str) {
    with(all, name, refused, document, &json!({}));
}

fn with(
    all: &mut Vec<Attack>,
    name: &str,
    refused: Option<&'static str>,
    document: &str,
    variables: &Value,
) {
    let body = json!({ "query": document, "variables": variables }).to_string();
    all.push(Attack { name: name.to_owned(), body, refused });
}

fn introspection(all: &mut Vec<Attack>) {
    for (name, open, close) in [
        ("fields", "fields { type { ", " } }"),
        ("interfaces", "possibleTypes { interfaces { ", " } }"),
        ("inputFields", "inputFields { type { ", " } }"),
        ("a mix", "fields { type { possibleTypes { interfaces { ", " } } } }"),
    ] {
        for levels in [2, 4, 6] {
            let inside = nested(levels, open, "name", close);
            // Of `interfaces` and of the mix a level has two and more lists.
            let lists = match name {
                "interfaces" => 2 * levels,
                "a mix" => 3 * levels,
                _ => levels,
            };
            let refused = if lists > 3 { LIMIT } else { None };
            let document = format!("{{ __type(name: \"Node\") {{ {inside} }} }}");
            query(all, &format!("introspection: {name}, {levels} deep"), refused, &document);
        }
    }
    query(
        all,
        "introspection: the 189 bytes that ended the process",
        LIMIT,
        "{__type(name:\"Node\"){possibleTypes{interfaces{possibleTypes{interfaces{possibleTypes{\
         interfaces{possibleTypes{interfaces{possibleTypes{interfaces{possibleTypes{name}}}}}}}}}}}}}",
    );
    query(
        all,
        "introspection: through fragments",
        LIMIT,
        "{ __schema { types { ...a } } } fragment a on __Type { fields { type { ...b } } } \
         fragment b on __Type { possibleTypes { ...c } } fragment c on __Type { interfaces { ...d } } \
         fragment d on __Type { possibleTypes { name } }",
    );
    let twenty = times(20, |k| format!("a{k}: description "));
    let every = times(20, |k| format!("f{k}: fields {{ {twenty} }} "));
    query(
        all,
        "introspection: every text of it under 400 aliases",
        LIMIT,
        &format!("{{ __schema {{ types {{ {every} }} }} }}"),
    );
    let schemas =
        times(50, |k| format!("s{k}: __schema {{ types {{ fields {{ description }} }} }} "));
    query(all, "introspection: the schema fifty times", LIMIT, &format!("{{ {schemas} }}"));
    let of_type = nested(22, "ofType { ", "name", " }");
    query(
        all,
        "introspection: ofType 22 deep",
        LIMIT,
        &format!("{{ __schema {{ types {{ fields {{ type {{ {of_type} }} }} }} }} }}"),
    );
}

fn aliases(all: &mut Vec<Attack>, targets: Targets<'_>) {
    let Targets { disclosure, organization, .. } = targets;
    let at = |id: &str, inside: &str| format!("{{ node(id: \"{id}\") {{ {inside} }} }}");
    let canonical = times(3_600, |k| format!("k{k}: canonical "));
    let document = at(disclosure, &format!("... on Disclosure {{ {canonical} }}"));
    query(all, "aliases: one stored text 3,600 times", LIMIT, &document);
    let twenty = times(20, |k| format!("k{k}: canonical "));
    let document = at(disclosure, &format!("... on Disclosure {{ {twenty} }}"));
    query(all, "aliases: one stored text 20 times", None, &document);
    let roots = times(50, |k| format!("r{k}: disclosure(id: \"{disclosure}\") {{ canonical }} "));
    query(all, "aliases: one stored text in 50 root fields", None, &format!("{{ {roots} }}"));
    let roots = times(51, |k| format!("r{k}: viewer {{ subject }} "));
    query(all, "aliases: 51 root fields", LIMIT, &format!("{{ {roots} }}"));
    let roots = times(3_000, |k| format!("r{k}: viewer {{ subject }} "));
    query(all, "aliases: 3,000 root fields", LIMIT, &format!("{{ {roots} }}"));
    let long = "k".repeat(90);
    let texts = times(20, |k| format!("{long}{k}: description "));
    let statement = format!(
        "statement {{ dhs {{ {} }} }}",
        times(20, |k| format!("a{k}: agreements {{ {texts} }} "))
    );
    query(
        all,
        "aliases: each text of a statement 400 times",
        None,
        &format!("{{ disclosure(id: \"{disclosure}\") {{ {statement} }} }}"),
    );
    let ids = times(20, |k| format!("{long}{k}: ongoing "));
    let statement = format!(
        "statement {{ dhs {{ {} }} }}",
        times(20, |k| format!("a{k}: agreements {{ {ids} }} "))
    );
    query(
        all,
        "aliases: small values under long keys",
        None,
        &format!("{{ disclosure(id: \"{disclosure}\") {{ {statement} }} }}"),
    );
    let names = times(5_000, |k| format!("t{k}: __typename "));
    query(all, "aliases: __typename 5,000 times", LIMIT, &at(disclosure, &names));
    query(all, "aliases: __typename 5,000 times at the root", LIMIT, &format!("{{ {names} }}"));
    query(
        all,
        "aliases: __typename 4,000 times without one",
        LIMIT,
        &at(disclosure, &"__typename ".repeat(4_000)),
    );
    let orgs = (0..10).fold("legalName".to_owned(), |inner, _| {
        format!(
            "a: draft {{ organization {{ {inner} }} }} b: draft {{ organization {{ {inner} }} }} "
        )
    });
    query(
        all,
        "aliases: two a level, ten levels",
        LIMIT,
        &format!("{{ organization(id: \"{organization}\") {{ {orgs} }} }}"),
    );
    query(
        all,
        "aliases: one key for different fields",
        INVALID,
        &at(disclosure, "... on Disclosure { a: sha256 a: canonical }"),
    );
    let same =
        at(disclosure, &"... on Disclosure { statement { dhs { noneAttested } } } ".repeat(900));
    query(all, "merged: 900 selections of one key", LIMIT, &same);
    let halves = times(25, |k| format!("dhs {{ k{k}: noneAttested }} "));
    query(
        all,
        "merged: 25 times one field in as many selections of one key",
        LIMIT,
        &at(disclosure, &format!("... on Disclosure {{ statement {{ {halves} }} }}")),
    );
    let overlapping = times(2_000, |k| format!("k{}: subject ", k % 20));
    query(
        all,
        "merged: 2,000 fields of 20 keys",
        LIMIT,
        &format!("{{ viewer {{ {overlapping} }} }}"),
    );
    let nested_same = (0..12).fold("id".to_owned(), |inner, _| {
        format!("organization {{ {inner} }} organization {{ {inner} }}")
    });
    query(
        all,
        "merged: twice the same, twelve deep",
        LIMIT,
        &at(disclosure, &format!("... on Disclosure {{ {nested_same} }}")),
    );
}

fn fragments(all: &mut Vec<Attack>) {
    let bomb = |levels: usize, spreads: usize| {
        let mut document = String::from("{ viewer { ...f0 } }");
        for level in 0..levels {
            let inside = format!("...f{} ", level + 1).repeat(spreads);
            write!(document, " fragment f{level} on Viewer {{ {inside} }}").expect("a String");
        }
        write!(document, " fragment f{levels} on Viewer {{ subject }}").expect("a String");
        document
    };
    query(all, "fragments: a bomb of 6 x 20", LIMIT, &bomb(6, 20));
    query(all, "fragments: a bomb of 18 x 2", LIMIT, &bomb(18, 2));
    query(all, "fragments: a chain of 90", LIMIT, &bomb(90, 1));
    query(all, "fragments: 100,000 in a product", LIMIT, &bomb(2, 320));
    let unused = bomb(6, 20).replacen("{ viewer { ...f0 } }", "{ viewer { subject } }", 1);
    query(all, "fragments: a bomb that nobody spreads", LIMIT, &unused);
    query(
        all,
        "fragments: one inside itself",
        INVALID,
        "{ viewer { ...f } } fragment f on Viewer { subject ...f }",
    );
    query(
        all,
        "fragments: a cycle of three",
        INVALID,
        "{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...c } \
         fragment c on Viewer { ...a }",
    );
    let many = times(1_500, |k| format!(" fragment f{k} on Viewer {{ subject }}"));
    query(all, "fragments: 1,500 unused", LIMIT, &format!("{{ viewer {{ subject }} }}{many}"));
    let wide = times(99, |k| format!(" fragment f{k} on Viewer {{ subject }}"));
    let spreads = times(99, |k| format!("...f{k} "));
    query(all, "fragments: a wide spread", LIMIT, &format!("{{ viewer {{ {spreads} }} }}{wide}"));
    query(all, "fragments: one that is not there", INVALID, "{ viewer { ...gone } }");
    let inline = nested(22, "... { ", "subject", " }");
    query(all, "fragments: 22 inline", None, &format!("{{ viewer {{ {inline} }} }}"));
    let inline = nested(60, "... { ", "subject", " }");
    query(all, "fragments: 60 inline", LIMIT, &format!("{{ viewer {{ {inline} }} }}"));
}

fn floods(all: &mut Vec<Attack>, targets: Targets<'_>) {
    let directives = "@include(if: true) ".repeat(3_000);
    query(
        all,
        "flood: 3,000 directives",
        INVALID,
        &format!("{{ viewer {directives} {{ subject }} }}"),
    );
    query(
        all,
        "flood: 12,000 unknown directives",
        LIMIT,
        &format!("{{ viewer {{ subject {} }} }}", "@x ".repeat(12_000)),
    );
    let operations = times(2_000, |k| format!("query q{k} {{ viewer {{ subject }} }} "));
    query(all, "flood: 2,000 operations", LIMIT, &operations);
    let ten = times(10, |k| format!("query q{k} {{ viewer {{ subject }} }} "));
    query(all, "flood: ten operations, none chosen", INVALID, &ten);
    query(
        all,
        "flood: 6,000 unknown fields",
        INVALID,
        &format!(
            "{{ {} }}",
            times(49, |r| format!("u{r} {{ {} }}", times(120, |k| format!("a{k} "))))
        ),
    );
    let unknown = times(8_000, |k| format!("u{k} "));
    query(
        all,
        "flood: 8,000 unknown fields of one type",
        INVALID,
        &format!("{{ viewer {{ {unknown} }} }}"),
    );
    let arguments = times(4_000, |k| format!("a{k}: 1, "));
    query(
        all,
        "flood: 4,000 unknown arguments",
        INVALID,
        &format!("{{ viewer({arguments}) {{ subject }} }}"),
    );
    let same = "id: \"x\", ".repeat(5_000);
    query(all, "flood: one argument 5,000 times", INVALID, &format!("{{ node({same}) {{ id }} }}"));
    let variables = times(3_000, |k| format!("$v{k}: Int = {k} "));
    query(
        all,
        "flood: 3,000 variables",
        INVALID,
        &format!("query({variables}) {{ viewer {{ subject }} }}"),
    );
    let same = "$v: Int = 1 ".repeat(4_000);
    query(
        all,
        "flood: one variable 4,000 times",
        INVALID,
        &format!("query({same}) {{ viewer {{ subject }} }}"),
    );
    let required = times(3_000, |k| format!("$v{k}: ID! "));
    query(
        all,
        "flood: 3,000 required variables",
        INVALID,
        &format!("query({required}) {{ viewer {{ subject }} }}"),
    );
    let deep = nested(24, "organization { draft { ", "id", " } }");
    query(
        all,
        "flood: selections 48 deep",
        LIMIT,
        &format!("{{ disclosure(id: \"{}\") {{ {deep} }} }}", targets.disclosure),
    );
    query(all, "flood: 30,000 opening braces", LIMIT, &"{".repeat(30_000));
    query(all, "flood: 30,000 closing braces", INVALID, &"}".repeat(30_000));
    query(
        all,
        "flood: 60,000 commas",
        None,
        &format!("{{ viewer {{ subject {} }} }}", ",".repeat(60_000)),
    );
    query(all, "flood: 60,000 exclamation marks", INVALID, &"!".repeat(60_000));
    query(all, "flood: 20,000 spread dots", INVALID, &"...".repeat(20_000));
}

fn texts(all: &mut Vec<Attack>) {
    let long = "n".repeat(60_000);
    query(all, "text: a name of 60,000 bytes", LIMIT, &format!("{{ {long} }}"));
    query(
        all,
        "text: an alias of 60,000 bytes",
        LIMIT,
        &format!("{{ {long}: viewer {{ subject }} }}"),
    );
    query(
        all,
        "text: an alias of 101 bytes",
        LIMIT,
        &format!("{{ {}: viewer {{ subject }} }}", &long[..101]),
    );
    query(
        all,
        "text: an operation's name of 60,000 bytes",
        LIMIT,
        &format!("query {long} {{ viewer {{ subject }} }}"),
    );
    query(
        all,
        "text: a variable's name of 60,000 bytes",
        LIMIT,
        &format!("query(${long}: ID!) {{ viewer {{ subject }} }}"),
    );
    query(
        all,
        "text: an unknown type of 90 bytes",
        INVALID,
        &format!("query($v: {}) {{ viewer {{ subject }} }}", "T".repeat(90)),
    );
    query(
        all,
        "text: a number of 60,000 digits",
        LIMIT,
        &format!("{{ organizations(first: {}) {{ totalCount }} }}", "9".repeat(60_000)),
    );
    query(
        all,
        "text: a number beyond all",
        INVALID,
        "{ organizations(first: 1e400) { totalCount } }",
    );
    query(
        all,
        "text: a string of 60,000 bytes",
        INVALID,
        &format!("{{ node(id: \"{long}\") {{ id }} }}"),
    );
    query(
        all,
        "text: a block string of 60,000 bytes",
        INVALID,
        &format!("{{ node(id: \"\"\"{long}\"\"\") {{ id }} }}"),
    );
    query(
        all,
        "text: a string of escapes",
        INVALID,
        &format!("{{ node(id: \"{}\") {{ id }} }}", "\\u0001".repeat(10_000)),
    );
    query(
        all,
        "text: a string of lone surrogates",
        INVALID,
        &format!("{{ node(id: \"{}\") {{ id }} }}", "\\ud800".repeat(9_000)),
    );
    query(all, "text: a string that does not end", INVALID, &format!("{{ node(id: \"{long} }}"));
    query(
        all,
        "text: a block string that does not end",
        INVALID,
        &format!("{{ node(id: \"\"\"{long} }}"),
    );
    query(
        all,
        "text: a comment of 60,000 bytes",
        None,
        &format!("{{ viewer {{ subject }} }} #{long}"),
    );
    query(
        all,
        "text: 20,000 comments",
        None,
        &format!("{{ viewer {{ subject }} }} {}", "#x\n".repeat(20_000)),
    );
    query(
        all,
        "text: a document of 70,000 bytes",
        LIMIT,
        &format!("{{ viewer {{ subject }} }} {}", " ".repeat(70_000)),
    );
    query(all, "text: unicode where a name should be", INVALID, &"\u{1D11E}".repeat(15_000));
    query(all, "text: no document", INVALID, "");
    query(all, "text: marks of direction", INVALID, &"\u{202E}\u{200F}".repeat(9_000));
    let missing = format!("{{ node(id: \"{}\" }} }}", "\\\"".repeat(25_000));
    query(all, "text: a syntax error after a long line", INVALID, &missing);
}

fn arguments(all: &mut Vec<Attack>) {
    let bids = |value: &str| format!("{{ screenBids(filter: {value}) {{ totalCount }} }}");
    query(all, "argument: lists 70 deep", LIMIT, &bids(&nested(70, "[", "1", "]")));
    query(all, "argument: lists 30,000 deep", LIMIT, &bids(&"[".repeat(30_000)));
    query(all, "argument: objects 70 deep", LIMIT, &bids(&nested(70, "{a:", "1", "}")));
    query(all, "argument: objects 55 deep", INVALID, &bids(&nested(55, "{a:", "1", "}")));
    let keys = times(5_000, |k| format!("k{k}: 1, "));
    query(all, "argument: 5,000 unknown keys", INVALID, &bids(&format!("{{ {keys} }}")));
    let numbers = "1,".repeat(20_000);
    query(
        all,
        "argument: a list of 20,000 numbers",
        INVALID,
        &bids(&format!("{{ status: [{numbers}] }}")),
    );
    let words = "HELD,".repeat(10_000);
    query(
        all,
        "argument: a list of 10,000 enum values",
        None,
        &bids(&format!("{{ status: [{words}] }}")),
    );
    let filter = "query($f: BidFilter) { screenBids(filter: $f) { totalCount } }";
    let keys: serde_json::Map<_, _> = (0..20_000).map(|k| (format!("k{k}"), json!(1))).collect();
    with(all, "variable: 20,000 unknown keys", INVALID, filter, &json!({ "f": keys }));
    let words = vec!["HELD"; 50_000];
    with(all, "variable: 50,000 enum values", None, filter, &json!({ "f": { "status": words } }));
    let long = "x".repeat(900_000);
    with(
        all,
        "variable: a search of 900,000 characters",
        None,
        filter,
        &json!({ "f": { "text": long } }),
    );
    with(
        all,
        "variable: a value of 900,000 characters nobody uses",
        None,
        "{ viewer { subject } }",
        &json!({ "v": long }),
    );
    let uses = times(40, |k| format!("r{k}: screenBids(filter: {{ text: $v }}) {{ totalCount }} "));
    with(
        all,
        "variable: 900,000 characters used 40 times",
        LIMIT,
        &format!("query($v: String) {{ {uses} }}"),
        &json!({ "v": long }),
    );
    let uses = times(20, |k| format!("r{k}: organization(id: $v) {{ id }} "));
    with(
        all,
        "variable: 800,000 characters as an identifier",
        None,
        &format!("query($v: ID!) {{ {uses} }}"),
        &json!({ "v": "x".repeat(800_000) }),
    );
    let deep = (0..120).fold(json!(1), |inner, _| json!([inner]));
    with(all, "variable: a list 120 deep", INVALID, filter, &json!({ "f": deep }));
    let deep = (0..120).fold(json!(1), |inner, _| json!({ "a": inner }));
    with(all, "variable: an object 120 deep", INVALID, filter, &json!({ "f": deep }));
    let many: serde_json::Map<_, _> = (0..30_000).map(|k| (format!("v{k}"), json!(k))).collect();
    with(all, "variable: 30,000 of them", None, "{ viewer { subject } }", &Value::Object(many));
    let default = format!(
        "query($v: String = \"{}\") {{ {} }}",
        "d".repeat(50_000),
        times(50, |k| format!("r{k}: screenBids(filter: {{ text: $v }}) {{ totalCount }} "))
    );
    query(all, "variable: a long default used 50 times", None, &default);
}

fn lists(all: &mut Vec<Attack>, targets: Targets<'_>) {
    let nested_lists = "{ organizations(first: 100) { nodes { disclosures(first: 100) { nodes { \
        organization { disclosures(first: 100) { nodes { id } } } } } } } }";
    query(all, "lists: a million rows", LIMIT, nested_lists);
    let nulls = nested_lists.replace("first: 100", "first: null, last: 100");
    query(all, "lists: a million rows, with first null", LIMIT, &nulls);
    let variables = format!(
        "query($n: Int, $m: Int = 100) {}",
        nested_lists.replace("first: 100", "first: $n, last: $m")
    );
    query(all, "lists: a million rows, by a default", LIMIT, &variables);
    with(
        all,
        "lists: a million rows, by a variable",
        LIMIT,
        &variables.replace(" = 100", ""),
        &json!({ "m": 100 }),
    );
    let plain = "{ organizations(first: 100) { nodes { disclosures(first: 100) { nodes { \
        clarifications { path question answer } reviews { explanation reasons } } } } } }";
    query(all, "lists: without first, inside 10,000 rows", LIMIT, plain);
    let deep = format!(
        "{{ solicitation(id: \"{}\") {{ bids(first: 100) {{ nodes {{ decisions {{ findings {{ message }} \
         changes {{ before {{ message }} after {{ message }} }} previous {{ findings {{ message }} changes {{ before {{ message }} }} }} }} \
         organization {{ disclosures(first: 100) {{ nodes {{ id }} }} }} }} }} }} }}",
        targets.solicitation
    );
    query(all, "lists: decisions of a hundred bids, filings of each", None, &deep);
    let statement =
        "statement { dhs { agreements { description natureOfWork withheld { note } } } }";
    let pages =
        times(20, |k| format!("p{k}: disclosures(first: 100) {{ nodes {{ {statement} }} }} "));
    query(
        all,
        "lists: twenty pages of statements",
        LIMIT,
        &format!("{{ organization(id: \"{}\") {{ {pages} }} }}", targets.organization),
    );
    query(all, "lists: a negative page", INVALID, "{ organizations(first: -1) { nodes { id } } }");
    query(
        all,
        "lists: a page of two billion",
        INVALID,
        "{ organizations(first: 2000000000) { nodes { id } } }",
    );
    let pages = times(50, |k| {
        format!(
            "p{k}: organizations(first: 100) {{ nodes {{ id legalName }} edges {{ cursor node {{ id }} }} }} "
        )
    });
    query(all, "lists: fifty pages of organizations", None, &format!("{{ {pages} }}"));
}

fn heavy(all: &mut Vec<Attack>, targets: Targets<'_>) {
    let Targets { disclosure, .. } = targets;
    let flood = |field: &str| format!("{{ {} }}", times(50, |k| format!("h{k}: {field} ")));
    query(all, "heavy: exposure 50 times", LIMIT, &flood("exposure(groupBy: COMPONENT) { asOf }"));
    query(
        all,
        "heavy: simulatePolicy 50 times",
        LIMIT,
        &flood("simulatePolicy(change: {}, scope: {}) { subjects }"),
    );
    query(
        all,
        "heavy: screenName 50 times",
        LIMIT,
        &flood("screenName(name: \"Acosta\", limit: 100) { name names }"),
    );
    query(
        all,
        "heavy: compareDisclosures 50 times",
        None,
        &flood(&format!(
            "compareDisclosures(a: \"{disclosure}\", b: \"{disclosure}\") {{ fields {{ path }} }}"
        )),
    );
    let gaps = times(20, |k| format!("g{k}: gaps {{ message }} "));
    query(
        all,
        "heavy: gaps 1,000 times",
        None,
        &flood(&format!("disclosure(id: \"{disclosure}\") {{ {gaps} }}")),
    );
    let statements = times(20, |k| format!("s{k}: statement {{ dhs {{ noneAttested }} }} "));
    query(
        all,
        "heavy: a statement 1,000 times",
        None,
        &flood(&format!("disclosure(id: \"{disclosure}\") {{ {statements} }}")),
    );
    query(
        all,
        "heavy: facets 1,000 times",
        LIMIT,
        &flood(&format!(
            "screenBids {{ {} }}",
            times(20, |k| format!("f{k}: facets {{ outcome {{ value }} }} "))
        )),
    );
}

fn mutations(all: &mut Vec<Attack>, targets: Targets<'_>) {
    let Targets { bid, disclosure, .. } = targets;
    let flood = |count: usize, field: &str| {
        format!("mutation {{ {} }}", times(count, |k| format!("m{k}: {field} ")))
    };
    let withdraw = format!("withdrawBid(id: \"{bid}\") {{ userErrors {{ message }} }}");
    query(all, "mutations: eleven", LIMIT, &flood(11, &withdraw));
    query(all, "mutations: 1,000", LIMIT, &flood(900, &withdraw));
    let spread =
        format!("mutation {{ {} }} fragment f on Mutation {{ {withdraw} }}", "...f ".repeat(500));
    query(all, "mutations: 500 through a fragment", LIMIT, &spread);
    let reopen = format!(
        "reopenReview(id: \"{disclosure}\", reason: \"{}\") {{ userErrors {{ message }} }}",
        "r".repeat(50_000)
    );
    query(all, "mutations: a reason of 50,000 characters", None, &flood(1, &reopen));
}

fn requests(all: &mut Vec<Attack>) {
    let mut body = |name: &str, refused, body: String| {
        all.push(Attack { name: format!("request: {name}"), body, refused });
    };
    let small = "{ viewer { subject } }";
    let long = "o".repeat(900_000);
    body(
        "an operationName of 900,000 bytes",
        INVALID,
        json!({ "query": small, "operationName": long }).to_string(),
    );
    body(
        "extensions of 900,000 bytes",
        None,
        json!({ "query": small, "extensions": { "x": long } }).to_string(),
    );
    body("JSON 100,000 deep", INVALID, format!("{{\"query\": {}", "[".repeat(100_000)));
    body(
        "variables 100,000 deep",
        INVALID,
        format!("{{\"query\": \"{small}\", \"variables\": {}", "{\"a\":".repeat(100_000)),
    );
    body(
        "extensions 100,000 deep",
        INVALID,
        format!("{{\"query\": \"{small}\", \"extensions\": {}", "{\"a\":".repeat(100_000)),
    );
    body(
        "duplicate keys",
        INVALID,
        format!("{{{}\"query\": \"{small}\"}}", format!("\"query\": \"{small}\", ").repeat(1_000)),
    );
    body(
        "variables of another type",
        INVALID,
        json!({ "query": small, "variables": [1, 2] }).to_string(),
    );
    body("50,000 unknown members", None, {
        let members: serde_json::Map<_, _> =
            (0..50_000).map(|k| (format!("m{k}"), json!(k))).collect();
        let mut members = Value::Object(members);
        members["query"] = json!(small);
        members.to_string()
    });
    body(
        "a list of 1,000 requests",
        INVALID,
        Value::Array(vec![json!({ "query": small }); 1_000]).to_string(),
    );
    body("a body of two mebibytes", LIMIT, json!({ "query": "x".repeat(2 << 20) }).to_string());
}
