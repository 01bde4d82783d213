//! Module rules: features depend in one direction, and their internal modules are private.
use std::fs;
use std::path::{Path, PathBuf};

/// Base modules that every feature may use. They depend on no feature.
const BASE_MODULES: [&str; 22] = [
    "budget",
    "canonical",
    "clock",
    "compute",
    "database",
    "deadline",
    "fault",
    "fold",
    "id",
    "money",
    "page",
    "preloaded",
    "principal",
    "quota",
    "scalar",
    "search",
    "text",
    "transition",
    "turns",
    "user_message",
    "vocabulary",
    "lib",
];
/// Features in order: each may use itself and those before it.
const FEATURES: [&str; 9] = [
    "organization",
    "policy",
    "disclosure",
    "award",
    "waiver",
    "decision",
    "bidding",
    "contracting",
    "screening",
];

/// The layer of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Floor,
    /// `gate`, `ledger` or `reevaluation`: they use the base modules, and features use them.
    Leaf(&'static str),
    /// A feature by index, and whether the module is in its `graphql` folder.
    Feature(usize, bool),
    /// The schema root, verification and the service clock, which may use everything.
    Roots,
}

/// Returns the layer of a module path from the crate root, if it has one.
fn find_layer(path: &[String]) -> Option<Layer> {
    let [first, rest @ ..] = path else { return Some(Layer::Floor) };
    // A type or macro at the root is from the base modules.
    if BASE_MODULES.contains(&first.as_str()) || first.starts_with(char::is_uppercase) {
        return Some(Layer::Floor);
    }
    let leaves = ["gate", "ledger", "reevaluation"];
    if let Some(leaf) = leaves.into_iter().find(|leaf| leaf == first) {
        return Some(Layer::Leaf(leaf));
    }
    if ["graphql", "service_clock", "verify"].contains(&first.as_str()) {
        return Some(Layer::Roots);
    }
    let feature = FEATURES.iter().position(|feature| feature == first)?;
    Some(Layer::Feature(feature, rest.first().is_some_and(|room| room == "graphql")))
}

/// Returns whether a module in `from` may use a module in `to`.
fn may_name(from: Layer, to: Layer) -> bool {
    match (from, to) {
        (Layer::Roots, _) | (_, Layer::Floor) | (Layer::Feature(..), Layer::Leaf(_)) => true,
        (Layer::Floor, _) => false,
        // The gate is innermost: others use its rules.
        (Layer::Leaf(from), to) => to == Layer::Leaf(from) || to == Layer::Leaf("gate"),
        // GraphQL types refer to each other in both directions.
        (Layer::Feature(_, graphql), Layer::Roots | Layer::Feature(_, true)) => graphql,
        (Layer::Feature(from, _), Layer::Feature(to, false)) => to <= from,
    }
}

/// Returns a file's code without `//` comments.
fn strip_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// Returns every path that starts with `root`, with groups expanded: `crate::{a, b::c}` yields two.
fn paths(strip_comments: &str, root: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, root) in strip_comments.match_indices(root) {
        let whole_word =
            |before: char| !before.is_alphanumeric() && !matches!(before, '_' | '$' | ':');
        if strip_comments[..at].chars().next_back().is_none_or(whole_word) {
            branches(&strip_comments[at + root.len()..], &mut Vec::new(), &mut paths);
        }
    }
    paths
}

/// Reads one tree of a `use`, and returns the code after it.
fn branches<'a>(
    strip_comments: &'a str,
    stem: &mut Vec<String>,
    paths: &mut Vec<Vec<String>>,
) -> &'a str {
    let strip_comments = strip_comments.trim_start();
    if let Some(mut inside) = strip_comments.strip_prefix('{') {
        loop {
            inside = inside.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = inside.strip_prefix('}') {
                return after;
            }
            let rest = branches(inside, &mut stem.clone(), paths);
            let rest = rest.find([',', '}']).map_or("", |end| &rest[end..]);
            if rest.is_empty() {
                return rest;
            }
            inside = rest;
        }
    }
    let end = strip_comments.find(|next: char| !next.is_alphanumeric() && next != '_');
    let (name, rest) = strip_comments.split_at(end.unwrap_or(strip_comments.len()));
    if !name.is_empty() {
        stem.push(name.to_owned());
    }
    match rest.strip_prefix("::") {
        Some(rest) if !name.is_empty() => branches(rest, stem, paths),
        _ => {
            paths.push(stem.clone());
            rest
        }
    }
}

/// Returns the module path of a source file: `bidding/store/mod.rs` is `bidding::store`.
fn module(file: &Path) -> Vec<String> {
    let file = file.with_extension("");
    let names = file.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != "mod").collect()
}

/// Lists the names used in `text`, the file of `module`, that break the rules.
fn list_violations(module: &[String], text: &str) -> Vec<String> {
    let Some(from) = find_layer(module) else {
        return vec!["is in no known place: add it to the floor or to the features".to_owned()];
    };
    let strip_comments = strip_comments(text);
    let allowed = |path: &[String]| find_layer(path).is_some_and(|to| may_name(from, to));
    let mut is_named = paths(&strip_comments, "crate::");
    is_named.retain(|path| !allowed(path));
    // This many `super` steps may reach the root; a name without a layer is in a nested module.
    if !module.is_empty() {
        let climbed = paths(&strip_comments, &"super::".repeat(module.len()));
        is_named.extend(
            climbed.into_iter().filter(|path| find_layer(path).is_some() && !allowed(path)),
        );
    }
    is_named.iter().map(|path| format!("may not name crate::{}", path.join("::"))).collect()
}

/// Lists every source file in a workspace folder, by path.
fn sources(folder: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder to read") {
            let path = entry.expect("an entry to read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

#[test]
fn no_dependency_points_backward() {
    let root = root().join("schema/src");
    let mut wrong = Vec::new();
    for file in sources("schema/src") {
        let text = fs::read_to_string(&file).expect("a file to read");
        let file = file.strip_prefix(&root).expect("a file below the root");
        let complaints = list_violations(&module(file), &text);
        wrong.extend(complaints.iter().map(|what| format!("{} {what}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn stores_and_rules_of_a_feature_are_private() {
    let (mut wrong, mut modules_read) = (Vec::new(), 0);
    for feature in FEATURES {
        let Ok(text) = fs::read_to_string(root().join(format!("schema/src/{feature}/mod.rs")))
        else {
            continue;
        };
        modules_read += 1;
        for line in
            strip_comments(&text).lines().map(str::trim).filter(|line| line.starts_with("pub"))
        {
            let opened = |room: &&str| line.contains(&format!("mod {room}"));
            if ["entity", "store", "rules"].iter().any(opened) {
                wrong.push(format!("{feature}: {line}"));
            }
        }
    }
    assert!(modules_read > 0, "no feature was found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn file_names_are_specific() {
    let nameless = ["utils", "util", "helpers", "helper", "common", "misc", "types"];
    for folder in ["api", "schema", "migrations", "tests"] {
        for file in sources(folder) {
            let below = file.strip_prefix(root()).expect("a file below the root");
            let is_named = module(below).iter().all(|name| !nameless.contains(&name.as_str()));
            assert!(is_named, "{} has a name that does not describe its content", below.display());
        }
    }
}

#[test]
fn a_backward_dependency_is_detected() {
    let wrong = |module: &str, text: &str| {
        let module: Vec<_> = module.split("::").map(str::to_owned).collect();
        list_violations(&module, text)
    };
    for (module, text) in [
        ("policy::service", "use crate::bidding::model::Bid;"),
        (
            "policy::service",
            "use crate::{\n    fault::Result,\n    bidding::{model, service as b}};",
        ),
        ("policy::service", "let a = crate::bidding::service::bids();"),
        ("policy::service", "use crate::policy::graphql::Policy;"),
        ("policy::service", "use super::super::bidding::model::Bid;"),
        ("policy::graphql", "use crate::bidding::service;"),
        ("gate::facts", "use crate::organization::model::OrganizationId;"),
        ("ledger::service", "use crate::organization::model::Viewer;"),
        ("page", "use crate::gate::Policy;"),
        ("policy::store", "use crate::graphql::connection::Connection;"),
        ("novelty::store", ""),
    ] {
        assert!(!wrong(module, text).is_empty(), "{module}: {text}");
    }
    for (module, text) in [
        ("bidding::service", "use crate::{policy::{self, model::Terms}, ledger::service};"),
        (
            "policy::graphql::policy",
            "use crate::bidding::graphql::Bid; use super::super::model::A;",
        ),
        ("policy::graphql", "use crate::graphql::connection::Connection;"),
        ("policy::service", "pub(in crate::policy) fn a() {} // crate::bidding\n"),
        ("graphql::query", "use crate::screening::service;"),
        ("policy::model", "use crate::SubjectId; pub(crate) use crate::policy::model::A;"),
    ] {
        assert_eq!(wrong(module, text), Vec::<String>::new(), "{module}: {text}");
    }
}
