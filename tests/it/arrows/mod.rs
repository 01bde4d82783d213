//! Module rules: features depend in one direction, each room uses what the tables of
//! `docs/architecture.md` allow, and only its feature names a table.
mod examples;
mod reader;
mod rules;
mod source;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rules::{check, list_impurities};
use source::{Sources, module_path};
use tables::Tables;

/// Lists every source file in a workspace folder, by path.
fn list_files(folder: &str) -> Vec<PathBuf> {
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

/// Reads the crate whose sources are in a workspace folder.
fn read_sources(folder: &str) -> Sources {
    let mut sources = Sources::default();
    for file in list_files(folder) {
        let text = fs::read_to_string(&file).expect("a file to read");
        let file = file.strip_prefix(root().join(folder)).expect("a file below the folder");
        sources.add(file, &text);
    }
    sources.mark_tests();
    sources
}

/// Lists the views that migrations declare.
fn list_views() -> BTreeSet<String> {
    let mut views = BTreeSet::new();
    for file in list_files("migrations/src") {
        let text = fs::read_to_string(file).expect("a migration");
        let declared = text.split("CREATE VIEW ").skip(1);
        views.extend(
            declared.filter_map(|after| after.split_whitespace().next()).map(str::to_owned),
        );
    }
    views
}

#[test]
fn modules_follow_the_tables() {
    let (sources, tables, views) = (read_sources("schema/src"), Tables::read(), list_views());
    for row in &tables.modules {
        let is_known = sources.modules.contains_key([row.name.clone()].as_slice());
        assert!(is_known, "docs/architecture.md names `{}`, which does not exist", row.name);
    }
    for room in &tables.rooms {
        let exists = tables.features().any(|feature| {
            sources.modules.contains_key([feature.to_owned(), room.name.clone()].as_slice())
        });
        assert!(exists, "docs/architecture.md has the room `{}`, which no feature has", room.name);
    }
    let report = check(&sources, &tables, &views);
    // About half of what there was when this was written.
    let seen = [
        ("files", sources.files, 200),
        ("paths", report.paths, 8_000),
        ("paths between rooms", report.room_paths, 5_000),
        ("literals", report.literals, 1_000),
        ("tables", report.tables, 25),
        ("views", views.len(), 4),
        ("features", tables.features().count(), 9),
    ];
    for (what, number, least) in seen {
        assert!(number >= least, "the check saw only {number} {what}");
    }
    let violations: Vec<_> = report.violations.iter().map(String::as_str).collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn gate_and_matcher_are_pure() {
    for (folder, least) in [("schema/gate/src", 500), ("schema/matcher/src", 300)] {
        let sources = read_sources(folder);
        let (violations, paths) = list_impurities(&sources);
        assert!(paths >= least, "{folder}: the check saw only {paths} paths");
        assert!(violations.is_empty(), "{folder}: {}", violations.join("\n"));
    }
}

#[test]
fn file_names_are_specific() {
    let nameless = ["utils", "util", "helpers", "helper", "common", "misc", "types"];
    let mut files = 0;
    for folder in ["api", "schema", "migrations", "tests"] {
        for file in list_files(folder) {
            let below = file.strip_prefix(root()).expect("a file below the root");
            let is_named = module_path(below).iter().all(|name| !nameless.contains(&name.as_str()));
            assert!(is_named, "{} has a name that does not describe its content", below.display());
            files += 1;
        }
    }
    assert!(files > 500, "only {files} files were found");
}
