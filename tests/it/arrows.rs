//! The shape of the house: features point one way, and what is a feature's own stays shut.
use std::fs;
use std::path::{Path, PathBuf};

/// What every feature stands on. It knows none of them.
const FLOOR: [&str; 20] = [
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
    "turns",
    "vocabulary",
    "lib",
];
/// Each feature may use itself and those before it.
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

/// Where a module stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Floor,
    /// `gate`, `ledger` or `reevaluation`: they stand on the floor, and features use them.
    Leaf(&'static str),
    /// A feature by its order, and whether the module is one of its `graphql` rooms.
    Feature(usize, bool),
    /// The roots of the graph, of verification and of the service's own clock, which see all.
    Roots,
}

/// The place of a path of modules from the crate's root, if it has one.
fn place(path: &[String]) -> Option<Place> {
    let [first, rest @ ..] = path else { return Some(Place::Floor) };
    // A type or macro named at the root comes from the floor.
    if FLOOR.contains(&first.as_str()) || first.starts_with(char::is_uppercase) {
        return Some(Place::Floor);
    }
    let leaves = ["gate", "ledger", "reevaluation"];
    if let Some(leaf) = leaves.into_iter().find(|leaf| leaf == first) {
        return Some(Place::Leaf(leaf));
    }
    if ["graphql", "service_clock", "verify"].contains(&first.as_str()) {
        return Some(Place::Roots);
    }
    let feature = FEATURES.iter().position(|feature| feature == first)?;
    Some(Place::Feature(feature, rest.first().is_some_and(|room| room == "graphql")))
}

/// Whether a module there may name something here.
fn may_name(from: Place, to: Place) -> bool {
    match (from, to) {
        (Place::Roots, _) | (_, Place::Floor) | (Place::Feature(..), Place::Leaf(_)) => true,
        (Place::Floor, _) => false,
        // The gate is the innermost: what is noted names its rules.
        (Place::Leaf(from), to) => to == Place::Leaf(from) || to == Place::Leaf("gate"),
        // The graph of types is cyclic: its rooms name each other in both directions.
        (Place::Feature(_, graphql), Place::Roots | Place::Feature(_, true)) => graphql,
        (Place::Feature(from, _), Place::Feature(to, false)) => to <= from,
    }
}

/// The code of a file, without what stands after `//`.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// Every path that starts with `root`, groups taken apart: `crate::{a, b::c}` names two.
fn paths(code: &str, root: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (at, root) in code.match_indices(root) {
        let whole_word =
            |before: char| !before.is_alphanumeric() && !matches!(before, '_' | '$' | ':');
        if code[..at].chars().next_back().is_none_or(whole_word) {
            branches(&code[at + root.len()..], &mut Vec::new(), &mut paths);
        }
    }
    paths
}

/// Reads one tree of a `use`, and returns what follows it.
fn branches<'a>(code: &'a str, stem: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut inside) = code.strip_prefix('{') {
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
    let end = code.find(|next: char| !next.is_alphanumeric() && next != '_');
    let (name, rest) = code.split_at(end.unwrap_or(code.len()));
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

/// The modules that a source file stands for: `bidding/store/mod.rs` is `bidding::store`.
fn module(file: &Path) -> Vec<String> {
    let file = file.with_extension("");
    let names = file.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != "mod").collect()
}

/// What is wrong with the names that `text`, the file at `module`, uses.
fn pointing_back(module: &[String], text: &str) -> Vec<String> {
    let Some(from) = place(module) else {
        return vec!["is in no known place: add it to the floor or to the features".to_owned()];
    };
    let code = code(text);
    let allowed = |path: &[String]| place(path).is_some_and(|to| may_name(from, to));
    let mut named = paths(&code, "crate::");
    named.retain(|path| !allowed(path));
    // So many steps up end at the root too; a name that is no place there is a nested module's.
    if !module.is_empty() {
        let climbed = paths(&code, &"super::".repeat(module.len()));
        named.extend(climbed.into_iter().filter(|path| place(path).is_some() && !allowed(path)));
    }
    named.iter().map(|path| format!("may not name crate::{}", path.join("::"))).collect()
}

/// Every source file below a folder of the workspace, by its path from there.
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
fn no_arrow_points_back() {
    let root = root().join("schema/src");
    let mut wrong = Vec::new();
    for file in sources("schema/src") {
        let text = fs::read_to_string(&file).expect("a file to read");
        let file = file.strip_prefix(&root).expect("a file below the root");
        let complaints = pointing_back(&module(file), &text);
        wrong.extend(complaints.iter().map(|what| format!("{} {what}", file.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_features_own_rooms_are_private() {
    let (mut wrong, mut read) = (Vec::new(), 0);
    for feature in FEATURES {
        let Ok(text) = fs::read_to_string(root().join(format!("schema/src/{feature}/mod.rs")))
        else {
            continue;
        };
        read += 1;
        for line in code(&text).lines().map(str::trim).filter(|line| line.starts_with("pub")) {
            let opened = |room: &&str| line.contains(&format!("mod {room}"));
            if ["entity", "store", "rules"].iter().any(opened) {
                wrong.push(format!("{feature}: {line}"));
            }
        }
    }
    assert!(read > 0, "the features are elsewhere now");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_is_named_by_what_it_holds() {
    let nameless = ["utils", "util", "helpers", "helper", "common", "misc", "types"];
    for folder in ["api", "schema", "migrations", "tests"] {
        for file in sources(folder) {
            let below = file.strip_prefix(root()).expect("a file below the root");
            let named = module(below).iter().all(|name| !nameless.contains(&name.as_str()));
            assert!(named, "{} says nothing of what it holds", below.display());
        }
    }
}

#[test]
fn an_arrow_that_points_back_is_seen() {
    let wrong = |module: &str, text: &str| {
        let module: Vec<_> = module.split("::").map(str::to_owned).collect();
        pointing_back(&module, text)
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
