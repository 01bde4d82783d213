//! What takes long: lists in lists, heavy fields, mutations.
use serde_json::json;

use super::{Attack, INVALID, LIMIT, Targets, query, times, with};

pub(super) fn lists(all: &mut Vec<Attack>, targets: Targets<'_>) {
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
        None,
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

pub(super) fn heavy(all: &mut Vec<Attack>, targets: Targets<'_>) {
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

pub(super) fn mutations(all: &mut Vec<Attack>, targets: Targets<'_>) {
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
