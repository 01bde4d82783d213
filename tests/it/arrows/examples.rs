//! Small crates that break one rule each, and must be reported; and one that breaks none.
use std::collections::BTreeSet;
use std::path::Path;

use super::rules::{Report, check, list_impurities};
use super::source::Sources;
use super::tables::Tables;

const TABLES: &str = "
| module | layer | may use, besides the floor |
| --- | --- | --- |
| `ledger` | shared | nothing |
| `queue` | shared | `ledger` |
| `policy` | feature | shared modules, features above |
| `bidding` | feature | shared modules, features above |
| `graphql`, `verify` | root | everything |

| room | holds | may use in its own feature | may use in other features |
| --- | --- | --- | --- |
| `model` | | nothing | `model` |
| `rules` | | `model` | `model` |
| `entity` | | `model` | `model` |
| `store` | | `entity`, `model`, `rules` | `model`, entities of views |
| `service` | | `entity`, `model`, `rules`, `store` | `model`, `service` |
| `graphql` | | `model`, `service` | `graphql`, `model`, `service` |
";

/// A crate that follows the rules, by file. `CREATE VIEW open_bid` is declared.
const OBEDIENT: &[(&str, &str)] = &[
    (
        "lib.rs",
        "pub extern crate candor_gate as gate; #[macro_use] mod id; pub mod bidding;
        pub mod graphql; pub mod ledger; pub mod policy; pub mod queue; pub mod verify;
        pub use id::SubjectId;",
    ),
    (
        "id.rs",
        "use crate::gate::Money; pub struct SubjectId; macro_rules! typed_id { () => { $crate::id::SubjectId } }",
    ),
    ("queue.rs", "use crate::SubjectId; use crate::ledger::service::append;"),
    ("ledger/mod.rs", "mod store; pub mod model; pub mod service;"),
    ("ledger/model.rs", "pub struct Event;"),
    ("ledger/service.rs", "use crate::gate::decide; pub fn append() { decide() }"),
    ("ledger/store.rs", "use super::model::Event;"),
    ("graphql/mod.rs", "use crate::bidding::service; pub struct Connection;"),
    ("verify.rs", "fn all() { \"SELECT 1 FROM bid, policy\"; crate::bidding::service::submit(); }"),
    (
        "policy/mod.rs",
        "mod entity; pub mod graphql; pub mod model; mod rules; pub mod service; mod store;",
    ),
    ("policy/model.rs", "use crate::SubjectId; pub struct Version(SubjectId);"),
    ("policy/rules.rs", "use super::model::Version; pub fn newest(_: Version) {}"),
    ("policy/entity/mod.rs", "pub mod policy; pub mod open_bid;"),
    (
        "policy/entity/policy.rs",
        "#[derive(DeriveEntityModel)] #[sea_orm(table_name = \"policy\")] pub struct Model;",
    ),
    (
        "policy/entity/open_bid.rs",
        "#[derive(DeriveEntityModel)] #[sea_orm(comment = \"\", table_name = \"open_bid\")]
        pub struct Model;",
    ),
    (
        "policy/store.rs",
        "use super::entity::policy::Entity; pub fn load() { \"SELECT id FROM policy\"; }",
    ),
    (
        "policy/service/mod.rs",
        "pub use super::entity::policy::Model as Policy; pub use load::load;
        use super::store as rows; mod load;",
    ),
    (
        "policy/service/load.rs",
        "use super::rows; pub fn load() { rows::load() } pub struct Loaded;",
    ),
    (
        "policy/graphql.rs",
        "use super::service::Policy; use crate::bidding::graphql::Bid;
        use crate::graphql::Connection;",
    ),
    (
        "bidding/mod.rs",
        "mod entity; pub mod graphql; pub mod model; mod rules; pub mod service; mod store;",
    ),
    ("bidding/model.rs", "use crate::policy::model::*; pub enum BidStatus {}"),
    (
        "bidding/rules.rs",
        "use super::model::BidStatus; fn amount() { \"The bid and the policy differ.\" }
        #[cfg(test)] mod tests { use crate::bidding::{service, store}; }",
    ),
    (
        "bidding/entity.rs",
        "#[derive(DeriveEntityModel)] #[sea_orm(table_name = \"bid\")] pub struct Model;
        pub struct Entity;",
    ),
    (
        "bidding/store.rs",
        "use super::entity; use crate::policy::model::Version; use crate::ledger::model::Event;
        use sea_orm::ConnectionTrait; use crate::policy::entity::open_bid;
        /// Selects FROM policy.
        fn load() { \"SELECT id FROM bid JOIN open_bid\"; }",
    ),
    (
        "bidding/service.rs",
        "use crate::{policy::{self, model::Version}, ledger::service as ledger};
        use super::{entity, rules, store};
        fn submit() { policy::service::load(); ledger::append(); format!(\"{}\", store::load()); }
        pub(in crate::bidding) fn a() {} // crate::graphql",
    ),
    ("bidding/graphql.rs", "use super::{model::BidStatus, service}; pub struct Bid;"),
];

/// Checks the obedient crate with these files instead of, or beside, its own.
fn check_with(changed: &[(&str, &str)]) -> Report {
    let mut sources = Sources::default();
    let is_changed = |file: &&(&str, &str)| changed.iter().any(|(name, _)| *name == file.0);
    for (file, text) in OBEDIENT.iter().filter(|file| !is_changed(file)).chain(changed) {
        sources.add(Path::new(file), text);
    }
    sources.mark_tests();
    check(&sources, &Tables::parse(TABLES), &BTreeSet::from(["open_bid".to_owned()]))
}

#[test]
fn an_obedient_crate_has_no_violation() {
    let report = check_with(&[]);
    assert_eq!(report.violations, BTreeSet::new());
    assert_eq!(report.tables, 2);
    assert!(report.paths >= 40 && report.room_paths >= 20, "{report:?}");
}

const LATER: &str = "names a later module";

/// The file that breaks a rule, its text, and what is reported of it.
const BROKEN: &[(&str, &str, &str)] = &[
    // The order of modules, by every form of a path.
    ("policy/service/load.rs", "use crate::bidding::model::BidStatus;", LATER),
    ("policy/service/load.rs", "use crate::{gate, bidding::{model, service as b}};", LATER),
    ("policy/service/load.rs", "fn a() { let a = crate::bidding::service::submit(); }", LATER),
    (
        "policy/service/load.rs",
        "fn a() -> super::super::super::bidding::model::BidStatus {}",
        LATER,
    ),
    ("policy/service/load.rs", "mod inner { use super::super::super::super::bidding; }", LATER),
    (
        "policy/service/load.rs",
        "mod inner { use super::*; } use crate::bidding as b; fn a() { b::x() }",
        LATER,
    ),
    ("policy/service/load.rs", "fn a() { vec![crate::bidding::service::submit()]; }", LATER),
    (
        "policy/service/load.rs",
        "macro_rules! a { () => { $crate::bidding::service::submit() } }",
        LATER,
    ),
    (
        "policy/service/load.rs",
        "macro_rules! a { () => { use crate::{gate, bidding::service}; } }",
        LATER,
    ),
    (
        "policy/service/load.rs",
        "#[derive(S)] #[serde(with = \"crate::bidding::model\")] struct A;",
        LATER,
    ),
    ("policy/service/load.rs", "#[cfg(test)] mod tests { use crate::bidding::service; }", LATER),
    ("policy/service/load.rs", "impl crate::bidding::service::Submit for A {}", LATER),
    ("policy/service/load.rs", "fn a() { use crate::graphql::Connection; }", LATER),
    ("policy/graphql.rs", "use crate::bidding::service;", LATER),
    ("policy/graphql.rs", "use crate::verify;", LATER),
    ("queue.rs", "use crate::policy::model::Version;", LATER),
    ("ledger/service.rs", "use crate::queue;", LATER),
    ("ledger/service.rs", "use crate::policy::model::Version;", LATER),
    ("id.rs", "use crate::ledger::model::Event;", LATER),
    // A module that no table names is on the floor.
    ("novelty/service.rs", "use crate::policy::service;", LATER),
    // A module's import leads on: the one that names it is reported too.
    ("policy/model.rs", "pub use crate::bidding::model::BidStatus; pub struct Version;", LATER),
    // Private rooms.
    ("policy/mod.rs", "pub(crate) mod store;", "the room `store` is private"),
    ("policy/mod.rs", "pub mod entity;", "the room `entity` is private"),
    ("policy/mod.rs", "pub mod rules;", "the room `rules` is private"),
    ("ledger/mod.rs", "pub mod service; pub mod store;", "the room `store` is private"),
    ("policy/mod.rs", "pub mod helpers;", "has no room `helpers`"),
    ("policy/mod.rs", "pub use store::load;", "declares rooms and nothing else"),
    ("policy/mod.rs", "pub fn load() {}", "declares rooms and nothing else"),
    // No store calls a service.
    ("bidding/store.rs", "use super::service;", "`store` uses its feature's `service`"),
    (
        "bidding/store.rs",
        "use crate::policy::service::load;",
        "`store` uses another feature's `service`",
    ),
    (
        "bidding/store.rs",
        "use crate::policy; fn a() { policy::service::load() }",
        "`store` uses another",
    ),
    ("bidding/store.rs", "use crate::ledger::service;", "`store` uses another feature's `service`"),
    // No rule or resolver touches an entity or the database.
    ("bidding/rules.rs", "use super::entity;", "`rules` uses its feature's `entity`"),
    ("bidding/rules.rs", "fn a(_: super::entity::Model) {}", "`rules` uses its feature's `entity`"),
    ("bidding/rules.rs", "use super::store;", "`rules` uses its feature's `store`"),
    (
        "bidding/rules.rs",
        "use crate::policy::service::Policy;",
        "`rules` uses another feature's `service`",
    ),
    ("bidding/rules.rs", "use sea_orm::EntityTrait;", "`rules` names `sea_orm"),
    ("bidding/graphql.rs", "use super::entity::Entity;", "`graphql` uses its feature's `entity`"),
    ("bidding/graphql.rs", "use super::store::load;", "`graphql` uses its feature's `store`"),
    ("bidding/graphql.rs", "fn a() { sea_orm::Statement::new(); }", "`graphql` names `sea_orm"),
    ("bidding/model.rs", "use super::entity::Model;", "`model` uses its feature's `entity`"),
    // A service uses the services and models of others.
    (
        "bidding/service.rs",
        "use crate::policy::entity::policy;",
        "`service` uses another feature's `entity`",
    ),
    ("bidding/service.rs", "use crate::policy::store;", "`service` uses another feature's `store`"),
    ("bidding/service.rs", "use crate::policy::rules;", "`service` uses another feature's `rules`"),
    (
        "bidding/service.rs",
        "use crate::policy::graphql;",
        "`service` uses another feature's `graphql`",
    ),
    // Another feature's tables.
    (
        "bidding/store.rs",
        "fn a() { \"SELECT 1 FROM bid JOIN policy\"; }",
        "names the table `policy`",
    ),
    (
        "bidding/store.rs",
        "fn a() { \"select id from \\\"policy\\\"\"; }",
        "names the table `policy`",
    ),
    ("bidding/store.rs", "fn a() { Alias::new(\"policy\"); }", "names the table `policy`"),
    (
        "bidding/store.rs",
        "fn a() { Expr::cust(\"policy.id = bid.id\"); }",
        "names the table `policy`",
    ),
    (
        "bidding/service.rs",
        "fn a() { format!(\"DELETE FROM policy\"); }",
        "names the table `policy`",
    ),
    (
        "bidding/service.rs",
        "macro_rules! a { () => { \"UPDATE policy SET a = 1\" } }",
        "names the table `policy`",
    ),
    ("id.rs", "const A: &str = \"SELECT 1 FROM policy\";", "names the table `policy`"),
    (
        "bidding/store.rs",
        "#[sea_orm(table_name = \"policy\")] struct Model;",
        "the table `policy` has two entities",
    ),
    (
        "bidding/store.rs",
        "use crate::policy::entity::policy;",
        "`store` uses another feature's `entity`",
    ),
];

#[test]
fn a_broken_rule_is_reported() {
    for (file, text, expected) in BROKEN {
        let found = check_with(&[(*file, *text)]).violations;
        let is_found = found.iter().any(|it| it.starts_with(file) && it.contains(*expected));
        assert!(is_found, "{file}: {text}\nexpected: {expected}\nfound: {found:#?}");
    }
}

#[test]
fn a_table_behind_reexports_is_reported() {
    // A row is a struct of values, which a service may pass on; a table is not.
    for (table, is_reported) in [("Model", false), ("Entity", true), ("Column", true)] {
        let service = format!("pub use super::entity::{table} as Bid;");
        let graphql = "use crate::bidding::service::Bid; pub struct A(Bid);";
        let files = [("bidding/service.rs", service.as_str()), ("bidding/graphql.rs", graphql)];
        let found = check_with(&files).violations;
        let expected = "bidding/graphql.rs:1: `graphql` uses its feature's `entity`";
        let is_found = found.iter().any(|it| it.starts_with(expected));
        assert_eq!(is_found, is_reported, "{table}: {found:#?}");
    }
    // An index of entities in a room of another name, and a model that passes a table on.
    let index = [("bidding/index.rs", ""), ("bidding/model.rs", "pub use super::entity::*;")];
    let found = check_with(&index).violations;
    assert!(found.iter().any(|it| it.starts_with("bidding/model.rs:1:")), "{found:#?}");
    let chain = [
        ("policy/model.rs", "pub use super::entity::policy::Entity; pub struct Version;"),
        ("bidding/store.rs", "use crate::policy::model::Entity;"),
    ];
    let found = check_with(&chain).violations;
    let expected = "bidding/store.rs:1: `store` uses another feature's `entity`";
    assert!(found.iter().any(|it| it.starts_with(expected)), "{found:#?}");
}

#[test]
fn a_test_file_is_bound_by_the_order_alone() {
    let files = [
        ("bidding/rules.rs", "#[cfg(test)] mod tests;"),
        (
            "bidding/rules/tests.rs",
            "use crate::bidding::{entity, store}; fn a() { \"FROM policy\"; }",
        ),
    ];
    assert_eq!(check_with(&files).violations, BTreeSet::new());
    let files = [
        ("policy/rules.rs", "#[cfg(test)] mod tests;"),
        ("policy/rules/tests.rs", "use crate::bidding::model;"),
    ];
    assert_eq!(check_with(&files).violations.len(), 1);
}

#[test]
#[should_panic(expected = "no table with the columns")]
fn a_document_without_the_tables_is_refused() {
    Tables::parse("# Architecture\n| room | holds |\n| --- | --- |\n");
}

#[test]
#[should_panic(expected = "unknown layer: feature, everything")]
fn an_unknown_cell_is_refused() {
    let lax = "feature | shared modules, features above";
    Tables::parse(&TABLES.replacen(lax, "feature | everything", 1));
}

#[test]
fn an_impure_crate_is_reported() {
    for (text, is_pure) in [
        ("use async_graphql::Enum; use std::collections::BTreeMap;", true),
        ("#[derive(Enum, sea_orm::EnumIter)] #[sea_orm(db_type = \"Text\")] enum A {}", true),
        (
            "macro_rules! a { () => { #[cfg(test)] mod tests { use async_graphql::Schema; } } }",
            true,
        ),
        ("#[cfg(test)] mod tests { use async_graphql::Schema; }", true),
        ("use async_graphql::Schema;", false),
        ("macro_rules! a { () => { sea_orm::ActiveEnum::to_value(&self) } }", false),
        ("#[test] fn a() {} fn b() { sea_orm::Database::connect(); }", false),
        ("fn a() { chrono::Utc::now(); }", false),
        ("use chrono::Utc; fn a() { vec![Utc::now()]; }", false),
        ("use std::{fmt, time::Instant};", false),
        ("use tokio::sync::Mutex;", false),
        ("fn a() { std::env::var(\"A\"); }", false),
    ] {
        let mut sources = Sources::default();
        sources.add(Path::new("lib.rs"), text);
        sources.mark_tests();
        let (violations, _) = list_impurities(&sources);
        assert_eq!(violations.is_empty(), is_pure, "{text}: {violations:?}");
    }
}
