//! What is selected: introspection, aliases, fragments, floods.
use std::fmt::Write;

use super::{Attack, INVALID, LIMIT, Targets, nested, query, times};

pub(super) fn introspection(all: &mut Vec<Attack>) {
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
    query(all, "introspection: the schema fifty times", None, &format!("{{ {schemas} }}"));
    let of_type = nested(22, "ofType { ", "name", " }");
    query(
        all,
        "introspection: ofType 22 deep",
        LIMIT,
        &format!("{{ __schema {{ types {{ fields {{ type {{ {of_type} }} }} }} }} }}"),
    );
}

pub(super) fn aliases(all: &mut Vec<Attack>, targets: Targets<'_>) {
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

pub(super) fn fragments(all: &mut Vec<Attack>) {
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

pub(super) fn floods(all: &mut Vec<Attack>, targets: Targets<'_>) {
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
        LIMIT,
        &format!(
            "{{ {} }}",
            times(49, |r| format!("u{r} {{ {} }}", times(120, |k| format!("a{k} "))))
        ),
    );
    for (count, refused) in [(8_000, LIMIT), (4_500, INVALID)] {
        let unknown = times(count, |k| format!("u{k} "));
        query(
            all,
            &format!("flood: {count} unknown fields of one type"),
            refused,
            &format!("{{ viewer {{ {unknown} }} }}"),
        );
    }
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
