//! What the guard admits, and how fast it refuses the rest.
use std::fmt::Write;
use std::time::{Duration, Instant};

use async_graphql::{ServerError, Value, Variables, value};

use super::{Admitted, Guard};

fn guard() -> Guard {
    Guard::new(
        "type Query { bids(first: Int, last: Int): Int solicitations(first: Int, last: Int): Int \
         list: [Int!]! }",
    )
}

fn admit(query: &str) -> Result<Admitted, ServerError> {
    guard().admit(query, None, Variables::default())
}

fn variables(value: Value) -> Variables {
    Variables::from_value(value)
}

fn code(error: &ServerError) -> String {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.map(ToString::to_string).unwrap_or_default().replace('"', "")
}

/// Requires that a document is refused with a code and returns the message.
fn refused(query: &str, expected: &str) -> String {
    let start = Instant::now();
    let error = admit(query).expect_err("it is refused");
    // What is not refused at once takes minutes; a busy machine takes half a second.
    assert!(start.elapsed() < Duration::from_secs(10), "took {:?}", start.elapsed());
    assert_eq!(code(&error), expected, "{}", error.message);
    error.message
}

#[test]
fn a_fragment_bomb_is_refused_at_once() {
    let mut bomb = String::from("{ a { ...f0 } }");
    for level in 0..6 {
        let spreads = format!("...f{} ", level + 1).repeat(20);
        write!(bomb, " fragment f{level} on Query {{ {spreads} }}").expect("a String takes it");
    }
    bomb.push_str(" fragment f6 on Query { __typename }");
    refused(&bomb, "LIMIT_EXCEEDED");
    let unused = bomb.replacen("{ a { ...f0 } }", "{ __typename }", 1);
    assert!(refused(&unused, "LIMIT_EXCEEDED").contains("with fragments expanded"));
    let in_another_operation = bomb.replacen("{ a {", "query a { a } query b { a {", 1);
    let error = guard().admit(&in_another_operation, Some("a"), Variables::default());
    assert_eq!(code(&error.expect_err("validation walks b too")), "LIMIT_EXCEEDED");
}

#[test]
fn a_fragment_inside_itself_is_refused() {
    let message = refused("{ ...a } fragment a on Q { b { ...a } }", "BAD_USER_INPUT");
    assert_eq!(message, "the fragment a contains itself");
    refused("{ x } fragment a on Q { ...b } fragment b on Q { ...a }", "BAD_USER_INPUT");
}

#[test]
fn the_fields_of_a_page_count_once_per_row() {
    let inside = "nodes { id title status } ".repeat(15);
    let page = |first: &str| {
        format!("{{ solicitations{first} {{ nodes {{ bids(first: 100) {{ {inside} }} }} }} }}")
    };
    admit(&page("(first: 30)")).expect("30 x 100 x 60");
    refused(&page("(first: 100)"), "LIMIT_EXCEEDED");
    refused(&page("(last: 100)"), "LIMIT_EXCEEDED");
    admit(&page("")).expect("the usual page is of 20");
    let in_a_variable = page("(first: $n)").replacen('{', "query ($n: Int = 100) {", 1);
    refused(&in_a_variable, "LIMIT_EXCEEDED");
    let few = variables(value!({ "n": 5 }));
    guard().admit(&in_a_variable, None, few.clone()).expect("5 x 100 x 60");
    // A size that the field itself refuses, in better words, is not ours to refuse.
    admit("{ bids(first: -1) { nodes { id } } a: bids(first: 2000000000) { nodes { id } } }")
        .expect("the field says it better");
}

#[test]
fn depth_root_fields_and_numbers_are_bounded() {
    let nested = |levels: usize| format!("{}{}", "{ a ".repeat(levels), "}".repeat(levels));
    admit(&nested(24)).expect("24 levels");
    assert!(refused(&nested(25), "LIMIT_EXCEEDED").contains("deeper than 24"));
    let mut chain = String::from("{ ...f0 }");
    for level in 0..50 {
        write!(chain, " fragment f{level} on Q {{ ...f{} }}", level + 1)
            .expect("a String takes it");
    }
    refused(&chain, "LIMIT_EXCEEDED");
    let roots = |kind: &str, count: usize| {
        format!("{kind} {{ {} ...rest }} fragment rest on Q {{ z }}", "a ".repeat(count - 1))
    };
    admit(&roots("mutation", 10)).expect("ten");
    assert!(refused(&roots("mutation", 11), "LIMIT_EXCEEDED").contains("more than 10 root fields"));
    refused(&roots("query", 51), "LIMIT_EXCEEDED");
    let operations: Vec<_> = (0..11).map(|name| format!("query q{name} {{ a }}")).collect();
    let operations = operations.join(" ");
    refused(&operations, "LIMIT_EXCEEDED");
    refused(&format!("{{ a {} }}", "@x ".repeat(10_001)), "LIMIT_EXCEEDED");
    refused(&format!("{{ a }} #{}", "x".repeat(64 * 1024)), "LIMIT_EXCEEDED");
}

#[test]
fn a_large_variable_is_not_used_often() {
    let text = "x".repeat(900_000);
    let large = variables(value!({ "v": text }));
    let uses = |count: usize| {
        let fields = (0..count).map(|field| format!("b{field}(x: $v) "));
        format!("query ($v: String) {{ a {{ {} }} }}", fields.collect::<String>())
    };
    guard().admit(&uses(2), None, large.clone()).expect("twice");
    let error = guard().admit(&uses(100), None, large.clone()).expect_err("90 MB of copies");
    assert_eq!(code(&error), "LIMIT_EXCEEDED");
}

#[test]
fn a_required_variable_is_given() {
    let message = refused("query ($id: ID!) { a(id: $id) b }", "BAD_USER_INPUT");
    assert_eq!(message, "the variable $id is missing; send a value of type ID!");
    let query = "query ($id: ID! = \"x\", $n: Int) { a(id: $id, n: $n) }";
    admit(query).expect("its default counts");
    let null = guard().admit(query, None, variables(value!({ "id": null })));
    assert!(null.expect_err("null is no value").message.contains("is null"));
}

#[test]
fn an_unknown_operation_is_refused() {
    let two = "query a { x } query b($v: Int!) { y(v: $v) }";
    let none = Variables::default();
    assert!(refused(two, "BAD_USER_INPUT").contains("operationName"));
    guard().admit(two, Some("a"), none.clone()).expect("a needs no variable");
    let error = guard().admit(two, Some("c"), none.clone()).expect_err("there is no c");
    assert_eq!(error.message, "the document has no operation named \"c\"");
    guard().admit("{ x }", Some("a"), none.clone()).expect_err("it has no name");
    refused("", "BAD_USER_INPUT");
    refused("fragment a on Q { b }", "BAD_USER_INPUT");
}

/// The parser recurses for each level, so each of these would overflow the stack.
#[test]
fn nested_values_do_not_reach_the_parser() {
    let small_stack = std::thread::Builder::new().stack_size(512 * 1024);
    let nested = move || {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("[ #[\n", "]"), ("[\"[\\\"\",", "]")] {
            for levels in [63, 20_000] {
                let value = format!("{}1{}", open.repeat(levels), close.repeat(levels));
                let query = format!("{{ a(b: {value}) }}");
                if levels == 63 {
                    refused(&query, "LIMIT_EXCEEDED");
                    let fewer = query.replacen(open, "", 1).replacen(close, "", 1);
                    admit(&fewer).expect("62 inside { and (");
                } else {
                    refused(&query, "LIMIT_EXCEEDED");
                    refused(&format!("{{ a(b: {}", open.repeat(levels)), "LIMIT_EXCEEDED");
                }
            }
        }
        let list_of_lists = format!("query ($v: {}Int{}) {{ a }}", "[".repeat(70), "]".repeat(70));
        refused(&list_of_lists, "LIMIT_EXCEEDED");
    };
    small_stack.spawn(nested).expect("a thread").join().expect("the stack holds");
}

#[test]
fn brackets_in_texts_and_comments_do_not_count() {
    let many = "[".repeat(100);
    for text in ["\"M\"", "\"\\\"M\"", "\"\"\"M \" \"\" \\\"\"\" M\"\"\"", "\"\" # M\n"] {
        let query = format!("{{ a(b: {}) }}", text.replace('M', &many));
        admit(&query).expect("a text");
    }
    // Where such a text ends is a guess, and the parser might guess otherwise.
    for open in ["\"\"\"x\"", "\"x", "\"x\n\"", "\"\\"] {
        let message = refused(&format!("{{ a(b: {open}{many}"), "BAD_USER_INPUT");
        assert!(message.contains("does not end"), "{message}");
    }
}

#[test]
fn a_cached_document_is_not_parsed_again() {
    let guard = guard();
    let first = guard.admit("{ a }", None, Variables::default()).expect("small");
    assert!(first.uncached_text.is_some());
    guard.cache(first);
    let again = guard.admit("{ a }", None, Variables::default()).expect("small");
    assert!(again.uncached_text.is_none());
    for name in 0..700 {
        let inside = (0..200).map(|field| format!("b{field} ")).collect::<Vec<_>>().concat();
        let query = format!("{{ a{name} {{ {inside} }} }}");
        guard.cache(guard.admit(&query, None, Variables::default()).expect("small"));
    }
    assert!(guard.documents.weight() <= super::CACHE_BYTES);
    assert!(guard.documents.len() > 100);
}

/// Nested introspection of 189 bytes once ended the process.
#[test]
fn introspection_is_bounded() {
    let nested = |lists: &[&str]| {
        let inside = lists.iter().rev().fold("name".to_owned(), |inner, list| {
            if *list == "fields" || *list == "inputFields" {
                format!("{list} {{ type {{ {inner} }} }}")
            } else {
                format!("{list} {{ {inner} }}")
            }
        });
        format!("{{ __type(name: \"Node\") {{ {inside} }} }}")
    };
    admit(&nested(&["possibleTypes", "interfaces", "fields"])).expect("three");
    for four in [
        ["fields", "fields", "fields", "fields"],
        ["possibleTypes", "interfaces", "possibleTypes", "interfaces"],
        ["inputFields", "fields", "interfaces", "inputFields"],
    ] {
        assert!(refused(&nested(&four), "LIMIT_EXCEEDED").contains("more than 3 of fields"));
    }
    let through_fragments = "{ __schema { types { ...a } } } \
        fragment a on __Type { fields { type { ...b } } possibleTypes { ...b } } \
        fragment b on __Type { interfaces { possibleTypes { ... on __Type { inputFields { name } } } } }";
    refused(through_fragments, "LIMIT_EXCEEDED");
    let elsewhere = "{ a { fields { fields { fields { fields { fields { b } } } } } } }";
    admit(elsewhere).expect("it is no introspection");
}

#[test]
fn a_field_occurs_in_one_selection_at_most_twenty_times() {
    let aliases = |count: usize, from: usize| {
        (from..from + count).map(|alias| format!("k{alias}: text ")).collect::<Vec<_>>().concat()
    };
    let (twenty, one, ten) = (aliases(20, 0), aliases(1, 20), aliases(10, 10));
    admit(&format!("{{ a {{ {twenty} }} b {{ {twenty} }} }}")).expect("twenty in each");
    for document in [
        format!("{{ a {{ {twenty} {one} }} }}"),
        format!("{{ a {{ {twenty} ... on X {{ {one} }} }} }}"),
        format!("{{ a {{ {twenty} ...f }} }} fragment f on X {{ ... {{ {one} }} }}"),
        format!("{{ a {{ {twenty} }} a {{ {one} }} }}"),
        format!("{{ a {{ b {{ {ten} }} }} a {{ b {{ {ten} }} ...f }} }} fragment f on X {{ b {{ {one} }} }}"),
        "{ a { text text text text text text text text text text text text text text text text text \
         text text text text } }"
            .to_owned(),
    ] {
        assert!(refused(&document, "LIMIT_EXCEEDED").contains("field text occurs"), "{document}");
    }
    let roots = (0..50).map(|alias| format!("k{alias}: node ")).collect::<Vec<_>>().concat();
    admit(&format!("{{ {roots} }}")).expect("root fields have a number of their own");
}

#[test]
fn a_name_is_at_most_100_bytes_long() {
    let (longest, longer) = ("a".repeat(100), "a".repeat(101));
    admit(&format!("{{ {longest}: b(c: \"{longer}\") }}")).expect("a text is no name");
    for document in ["{ L: b }", "{ L }", "query L { b }", "{ b(L: 1) }", "{ b(a: $L) }"] {
        refused(&document.replace('L', &longer), "LIMIT_EXCEEDED");
    }
    refused(&format!("{{ b(a: {}) }}", "1".repeat(101)), "LIMIT_EXCEEDED");
}

#[test]
fn the_first_size_that_is_not_null_counts() {
    let inside = "nodes { id title status } ".repeat(15);
    let page = |sizes: &str| {
        format!(
            "query ($n: Int, $d: Int = 100) {{ solicitations({sizes}) {{ nodes {{ \
             bids(first: 100) {{ {inside} }} }} }} }}"
        )
    };
    let null = variables(value!({ "n": null, "d": null }));
    let hundred = variables(value!({ "n": 100 }));
    for (sizes, variables, is_admitted) in [
        ("first: null, last: 100", &Variables::default(), false),
        ("first: $n, last: 100", &Variables::default(), false),
        ("first: $n, last: 100", &null, false),
        ("first: $n, last: 5", &hundred, false),
        ("first: $d", &Variables::default(), false),
        ("first: $d", &null, true),
        ("first: $n", &Variables::default(), true),
        ("last: 5", &Variables::default(), true),
    ] {
        let admitted = guard().admit(&page(sizes), None, variables.clone());
        assert_eq!(admitted.is_ok(), is_admitted, "{sizes} {variables:?}");
    }
}

#[test]
fn a_variable_counts_at_each_use() {
    let large = variables(value!({ "v": "x".repeat(900_000) }));
    for used in ["x: $v", "x: [[$v]]", "x: { y: { z: $v } }", "x: [{ y: $v }]"] {
        let uses = (0..20).map(|field| format!("b{field}({used}) ")).collect::<Vec<_>>().concat();
        let in_directives = (0..20).map(|_| format!("@d({used}) ")).collect::<Vec<_>>().concat();
        for document in [format!("{{ a {{ {uses} }} }}"), format!("{{ a {in_directives} }}")] {
            let error = guard().admit(&document, None, large.clone()).map(|_| ());
            assert_eq!(code(&error.expect_err("18 MB of copies")), "LIMIT_EXCEEDED");
        }
    }
    let default = format!(
        "query ($v: [String] = [\"{}\"]) {{ a {{ {} }} }}",
        "x".repeat(30_000),
        (0..600).map(|field| format!("b{field}(x: $v) ")).collect::<Vec<_>>().concat()
    );
    refused(&default, "LIMIT_EXCEEDED");
}

#[test]
fn a_document_that_does_not_parse_is_not_repeated() {
    let long = format!("{{ a(b: \"{}\" }} }}", "x".repeat(60_000));
    let message = refused(&long, "BAD_USER_INPUT");
    assert!(message.starts_with("the document does not parse at line 1, column"), "{message}");
    assert!(message.contains("expected") && message.len() < 300, "{message}");
    let twice = refused("query a { b } query a { b }", "BAD_USER_INPUT");
    assert_eq!(twice, "operation a is defined twice");
}

/// graphql-js's `getIntrospectionQuery` with every option.
const STANDARD_INTROSPECTION: &str = "query IntrospectionQuery { __schema { description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations
        args(includeDeprecated: true) { ...InputValue } } } }
    fragment FullType on __Type { kind name description specifiedByURL isOneOf
        fields(includeDeprecated: true) { name description
            args(includeDeprecated: true) { ...InputValue }
            type { ...TypeRef } isDeprecated deprecationReason }
        inputFields(includeDeprecated: true) { ...InputValue }
        interfaces { ...TypeRef }
        enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
        possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue
        isDeprecated deprecationReason }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

/// A guard for the schema that is served.
fn service_guard() -> Guard {
    Guard::new(&crate::graphql::sdl())
}

#[test]
fn the_standard_introspection_query_is_admitted() {
    let guard = service_guard();
    let none = Variables::default();
    guard.admit(STANDARD_INTROSPECTION, None, none.clone()).expect("every tool sends it");
    let twice = "{ a: __schema { types { ...F } } b: __schema { types { ...F } }
        c: __schema { types { ...F } } d: __schema { types { ...F } } e: __schema { types { ...F } }
        f: __schema { types { ...F } } g: __schema { types { ...F } } h: __schema { types { ...F } }
    }";
    let fragments = STANDARD_INTROSPECTION.split_once("fragment").expect("fragments").1;
    let often = format!("{twice} fragment {}", fragments.replace("FullType", "F"));
    let error = guard.admit(&often, None, none.clone()).expect_err("eight times the schema");
    assert_eq!(code(&error), "LIMIT_EXCEEDED");
}

/// The GraphQL blocks of README and the tours.
#[test]
fn admits_the_operations_of_the_documents() {
    let documents = [
        include_str!("../../../../README.md"),
        include_str!("../../../../docs/federal-awards.md"),
        include_str!("../../../../docs/graphql.md"),
        include_str!("../../../../docs/tour-bidder.md"),
        include_str!("../../../../docs/tour-officer.md"),
        include_str!("../../../../docs/tour-reviewer.md"),
    ];
    let guard = service_guard();
    let blocks = documents.iter().flat_map(|text| text.split("```graphql").skip(1));
    let operations = blocks.filter_map(|block| block.split_once('\n')?.1.split("```").next());
    let mut count = 0;
    for document in operations {
        count += 1;
        // The tours fill in identifiers, so that only the size can be checked here.
        if let Err(error) = guard.admit(document, None, Variables::default()) {
            assert_ne!(code(&error), "LIMIT_EXCEEDED", "{document}\n{}", error.message);
        }
    }
    assert!(count > 30, "{count}");
}

/// A reviewer's page with every field.
#[test]
fn a_full_page_of_screened_bids_is_admitted() {
    let document = "{ screenBids(first: 100) { totalCount pageInfo { endCursor }
        facets { outcome { value count } component { value count } finding { value count } }
        nodes { id bid { status amount { amount currency } solicitation { number title }
                organization { id legalName identifiers { scheme id } } }
            components { component natureOfWork agreements
                compensation { known { amount currency } unknown notAsked } }
            compensation { known { amount currency } unknown }
            findings { code severity message remedy citation path cureBy }
            disclosureId disclosureVersion paper review reviewer
            changedSinceLastFiling { fields { path before after }
                agreements { change fields { path before after } } }
            waivers { rule status expiresOn } } } }";
    service_guard().admit(document, None, Variables::default()).expect("an honest page");
}
