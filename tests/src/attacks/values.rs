//! What is written in documents, variables and requests: names, texts, numbers, JSON.
use serde_json::{Value, json};

use super::{Attack, INVALID, LIMIT, nested, query, times, with};

pub(super) fn texts(all: &mut Vec<Attack>) {
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

pub(super) fn arguments(all: &mut Vec<Attack>) {
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

pub(super) fn requests(all: &mut Vec<Attack>) {
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
