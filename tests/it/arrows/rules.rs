//! Checks the modules of a crate against the tables.
use std::collections::{BTreeMap, BTreeSet};

use super::source::{Literal, Module, Segments, Sources};
use super::tables::{Layer, Tables};

/// Rooms that only their feature may name.
const PRIVATE_ROOMS: [&str; 3] = ["entity", "rules", "store"];
/// Rooms that hold statements, where any literal may be a part of one.
const STATEMENT_ROOMS: [&str; 3] = ["access", "entity", "store"];
/// Rooms without a statement: they name nothing of the database library.
const ROOMS_WITHOUT_STATEMENTS: [&str; 2] = ["rules", "graphql"];

/// What a check saw. A test compares it with least numbers, so that it cannot pass by seeing nothing.
#[derive(Debug, Default)]
pub struct Report {
    /// Each as `file:line: what is wrong`.
    pub violations: BTreeSet<String>,
    /// Paths that name something of the crate.
    pub paths: usize,
    /// Paths from a room of a feature into a room.
    pub room_paths: usize,
    /// Literals compared with the names of tables.
    pub literals: usize,
    /// Tables of features and shared modules.
    pub tables: usize,
}

/// Checks every module. `views` are the views that migrations declare: any feature may name them.
pub fn check(sources: &Sources, tables: &Tables, views: &BTreeSet<String>) -> Report {
    let (report, seen) = (Report::default(), BTreeSet::new());
    let mut check = Check { sources, tables, views, report, seen };
    let owners = check.table_owners();
    check.report.tables = owners.len();
    for (path, module) in &sources.modules {
        check.structure(path, module);
        check.names(path, module);
        check.literals(path, module, &owners);
    }
    check.report
}

/// Lists what a pure crate must not name: a runtime, a clock, files, the network, the environment or
/// chance; and of `sea_orm` and `async_graphql` anything but what a derive needs. Returns it with the
/// number of paths seen.
pub fn list_impurities(sources: &Sources) -> (Vec<String>, usize) {
    const DERIVES: [&str; 4] = ["DeriveActiveEnum", "Enum", "EnumIter", "SimpleObject"];
    const IMPURE_CRATES: [&str; 5] = ["fastrand", "rand", "sqlx", "tokio", "tracing"];
    const IMPURE_STD: [&str; 6] = ["env", "fs", "io", "net", "process", "time"];
    let (mut violations, mut paths) = (Vec::new(), 0);
    for module in sources.modules.values() {
        for named in module.named.iter().filter(|named| !named.is_test) {
            paths += 1;
            let path: Vec<_> = named.path.iter().map(String::as_str).collect();
            let is_impure = match path.as_slice() {
                ["sea_orm" | "async_graphql", .., last] => !DERIVES.contains(last),
                ["std", module, ..] => IMPURE_STD.contains(module),
                [.., kind, "now"] => kind.starts_with(char::is_uppercase),
                [first, ..] => IMPURE_CRATES.contains(first),
                [] => false,
            };
            if is_impure {
                violations.push(format!("{}:{}: {}", module.file, named.line, path.join("::")));
            }
        }
    }
    (violations, paths)
}

struct Check<'a> {
    sources: &'a Sources,
    tables: &'a Tables,
    views: &'a BTreeSet<String>,
    report: Report,
    /// File and complaint: each is reported once for a file, at its first line.
    seen: BTreeSet<(String, String)>,
}

/// Where a path leads: a module at the crate root, and the room below it if it has one.
#[derive(Debug)]
struct Place<'a> {
    module: &'a str,
    layer: Layer,
    room: Option<&'a str>,
}

impl Check<'_> {
    fn complain(&mut self, file: &str, line: usize, what: &str) {
        if self.seen.insert((file.to_owned(), what.to_owned())) {
            self.report.violations.insert(format!("{file}:{line}: {what}"));
        }
    }

    /// Returns where a path from the crate root leads. A room is a module directly below a feature,
    /// or below a shared module if the table has a room of its name.
    fn place<'p>(&self, path: &'p [String]) -> Place<'p> {
        let module = path.first().map_or("", String::as_str);
        let layer = self.tables.layer(module);
        let is_module = path.len() > 1 && self.sources.modules.contains_key(&path[..2]);
        let room = path.get(1).map(String::as_str).filter(|_| is_module);
        let room = room.filter(|room| match layer {
            Layer::Feature(_) => true,
            Layer::Shared(_) => self.tables.room(room).is_some(),
            Layer::Floor | Layer::Root => false,
        });
        Place { module, layer, room }
    }

    /// A feature's `mod.rs` declares rooms that the table has and nothing else, the private ones
    /// privately.
    fn structure(&mut self, path: &[String], module: &Module) {
        let place = self.place(path);
        if path.len() != 1 || matches!(place.layer, Layer::Floor | Layer::Root) {
            return;
        }
        let is_feature = matches!(place.layer, Layer::Feature(_));
        for (name, declared) in &module.declared {
            if declared.is_public && PRIVATE_ROOMS.contains(&name.as_str()) {
                let what = format!("the room `{name}` is private to its feature");
                self.complain(&module.file, declared.line, &what);
            }
            if is_feature && self.tables.room(name).is_none() && !declared.is_test {
                let what = format!("the table of docs/architecture.md has no room `{name}`");
                self.complain(&module.file, declared.line, &what);
            }
        }
        if is_feature {
            let uses = module.named.iter().map(|named| named.line);
            for line in module.items.iter().map(|(_, line)| *line).chain(uses) {
                let what = "a feature's mod.rs declares rooms and nothing else".to_owned();
                self.complain(&module.file, line, &what);
            }
        }
    }

    fn names(&mut self, path: &[String], module: &Module) {
        let from = self.place(path);
        for named in &module.named {
            let Some(target) = self.sources.absolute(path, &named.path) else {
                let is_database = ["sea_orm", "sea_query"].contains(&named.path[0].as_str());
                if let Some(room) = from.room.filter(|_| is_database && !named.is_test)
                    && ROOMS_WITHOUT_STATEMENTS.contains(&room)
                {
                    let what = format!("`{room}` names `{}`", named.path.join("::"));
                    self.complain(&module.file, named.line, &what);
                }
                continue;
            };
            self.report.paths += 1;
            for stage in self.stages(&from, target) {
                let complaint = self.order_complaint(&from, &stage).or_else(|| {
                    let is_free = named.is_test || path.len() < 2;
                    if is_free { None } else { self.room_complaint(&from, &stage) }
                });
                if let Some(what) = complaint {
                    self.complain(&module.file, named.line, &what);
                    break;
                }
            }
        }
    }

    /// Lists what a path from the crate root names: itself, and through each re-export the path behind
    /// it. What a service re-exports is the service's own to every other room, except a table: of an
    /// entity only its `Model`, a struct of values, may leave the feature.
    fn stages(&self, from: &Place, path: Segments) -> Vec<Segments> {
        let mut stages = vec![path];
        let mut facade_at = None;
        while let Some((base, target)) = self.sources.reexport(&stages[stages.len() - 1]) {
            let base = self.place(&base);
            if base.room == Some("service")
                && (base.module, base.room) != (from.module, from.room)
                && facade_at.is_none()
            {
                facade_at = Some(stages.len());
            }
            if stages.contains(&target) {
                break;
            }
            stages.push(target);
        }
        if let Some(at) = facade_at {
            let last = &stages[stages.len() - 1];
            let is_table = self.place(last).room == Some("entity")
                && last.last().is_none_or(|name| name != "Model");
            if !is_table {
                stages.truncate(at);
            }
        }
        stages
    }

    fn order_complaint(&self, from: &Place, path: &[String]) -> Option<String> {
        let to = self.place(path);
        let both_graphql = from.room == Some("graphql") && to.room == Some("graphql");
        let is_allowed = match (&from.layer, &to.layer) {
            (Layer::Root, _) | (_, Layer::Floor) | (Layer::Feature(_), Layer::Shared(_)) => true,
            (Layer::Shared(uses), Layer::Shared(_)) => {
                from.module == to.module || uses.iter().any(|used| used == to.module)
            }
            (Layer::Floor | Layer::Shared(_), _) => false,
            (Layer::Feature(from), Layer::Feature(to)) => to <= from || both_graphql,
            (Layer::Feature(_), Layer::Root) => {
                from.room == Some("graphql") && to.module == "graphql"
            }
        };
        (!is_allowed).then(|| format!("names a later module: `{}`", path.join("::")))
    }

    fn room_complaint(&mut self, from: &Place, path: &[String]) -> Option<String> {
        let Layer::Feature(_) = from.layer else { return None };
        let (to, from_room) = (self.place(path), from.room?);
        let (to_room, row) = (to.room?, self.tables.room(from_room)?);
        self.report.room_paths += 1;
        let is_own = to.module == from.module;
        let is_allowed = if is_own {
            to_room == from_room || row.own.contains(to_room)
        } else {
            row.others.contains(to_room)
        };
        // An entity of a view is the declared way to another feature's tables.
        let is_view = to_room == "entity" && STATEMENT_ROOMS.contains(&from_room) && {
            let entity = (0..=path.len()).rev().find_map(|n| self.sources.modules.get(&path[..n]));
            let tables = entity.map(|entity| &entity.tables);
            tables.is_some_and(|it| !it.is_empty() && it.is_subset(self.views))
        };
        let whose = if is_own { "its" } else { "another" };
        (!is_allowed && !is_view).then(|| {
            format!("`{from_room}` uses {whose} feature's `{to_room}`: `{}`", path.join("::"))
        })
    }

    /// Returns the module at the crate root that owns each table. Two entities on one table are a
    /// violation: the second would be another way to its rows.
    fn table_owners(&mut self) -> BTreeMap<String, String> {
        let mut entities = BTreeMap::<&String, Vec<(&Segments, &Module)>>::new();
        for (path, module) in &self.sources.modules {
            for table in module.tables.difference(self.views) {
                entities.entry(table).or_default().push((path, module));
            }
        }
        for (table, entities) in entities.iter().filter(|(_, entities)| entities.len() > 1) {
            for (_, module) in entities {
                self.complain(&module.file, 1, &format!("the table `{table}` has two entities"));
            }
        }
        let owners = entities.into_iter().map(|(table, entities)| {
            (table.clone(), entities[0].0.first().cloned().unwrap_or_default())
        });
        owners.collect()
    }

    fn literals(&mut self, path: &[String], module: &Module, owners: &BTreeMap<String, String>) {
        let from = self.place(path);
        if from.layer == Layer::Root {
            return;
        }
        let has_statements = from.room.is_some_and(|room| STATEMENT_ROOMS.contains(&room));
        for literal in module.literals.iter().filter(|literal| !literal.is_test) {
            self.report.literals += 1;
            for word in table_words(literal, has_statements) {
                if let Some(owner) = owners.get(word).filter(|owner| *owner != from.module) {
                    let what = format!("a statement names the table `{word}` of `{owner}`");
                    self.complain(&module.file, literal.line, &what);
                }
            }
        }
    }
}

/// Returns the words of a literal that may name a table: all of them if the literal reads like SQL,
/// and in a room with statements also a word that stands alone or before a column, as in
/// `contract.end_date`.
fn table_words(literal: &Literal, has_statements: bool) -> Vec<&str> {
    const KEYWORDS: [&str; 8] =
        ["SELECT", "FROM", "JOIN", "UPDATE", "INSERT", "DELETE", "WHERE", "EXISTS"];
    let text = literal.value.as_str();
    let is_name = |symbol: char| symbol.is_ascii_alphanumeric() || symbol == '_';
    let words: Vec<_> = text.split(|symbol| !is_name(symbol)).filter(|it| !it.is_empty()).collect();
    let lower_case_sql = words.contains(&"select") && words.contains(&"from");
    if lower_case_sql || words.iter().any(|word| KEYWORDS.contains(word)) {
        return words;
    }
    if !has_statements {
        return Vec::new();
    }
    let is_table = |word: &&str| {
        text == *word || text.contains(&format!("{word}.")) || text.contains(&format!("\"{word}\""))
    };
    words.into_iter().filter(is_table).collect()
}
