//! The module rules as `docs/architecture.md` states them: its tables of modules and of rooms.
use std::collections::BTreeSet;
use std::fs;

/// What the tables say.
#[derive(Debug)]
pub struct Tables {
    /// Modules with a layer of their own. Every other module at the crate root is on the floor.
    pub modules: Vec<ModuleRow>,
    pub rooms: Vec<Room>,
}

/// A row of the modules' table.
#[derive(Debug)]
pub struct ModuleRow {
    pub name: String,
    pub layer: Layer,
}

/// The layer of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Uses the floor only.
    Floor,
    /// Uses the floor and the shared modules listed. Features use it.
    Shared(Vec<String>),
    /// Uses the floor, shared modules and the features before it: its place among the features.
    Feature(usize),
    /// Uses everything.
    Root,
}

/// A row of the rooms' table: the rooms that code in this room may use.
#[derive(Debug)]
pub struct Room {
    pub name: String,
    pub own: BTreeSet<String>,
    pub others: BTreeSet<String>,
}

impl Tables {
    /// Reads the tables of `docs/architecture.md`.
    pub fn read() -> Self {
        let file = super::root().join("docs/architecture.md");
        Self::parse(&fs::read_to_string(file).expect("docs/architecture.md"))
    }

    /// Reads the tables of a Markdown text.
    ///
    /// # Panics
    /// If a table is missing or a cell says something that this check does not know.
    pub fn parse(markdown: &str) -> Self {
        let mut modules = Vec::new();
        let mut features = 0;
        for [name, layer, may_use] in
            rows(markdown, ["module", "layer", "may use, besides the floor"])
        {
            for name in quoted(&name) {
                let layer = match (layer.as_str(), may_use.as_str()) {
                    ("shared", may_use) => Layer::Shared(quoted(may_use)),
                    ("feature", "shared modules, features above") => {
                        features += 1;
                        Layer::Feature(features)
                    }
                    ("root", "everything") => Layer::Root,
                    (layer, may_use) => panic!("{name}: unknown layer: {layer}, {may_use}"),
                };
                modules.push(ModuleRow { name, layer });
            }
        }
        let rooms =
            rows(markdown, ["room", "may use in its own feature", "may use in other features"]);
        let rooms: Vec<_> = rooms
            .into_iter()
            .map(|[name, own, others]| {
                let [name] = quoted(&name).try_into().expect("one room in a row");
                Room {
                    name,
                    own: quoted(&own).into_iter().collect(),
                    others: quoted(&others).into_iter().collect(),
                }
            })
            .collect();
        let names: BTreeSet<_> = rooms.iter().map(|room| room.name.clone()).collect();
        for room in &rooms {
            let unknown: Vec<_> =
                room.own.union(&room.others).filter(|it| !names.contains(*it)).collect();
            assert!(unknown.is_empty(), "{}: unknown rooms {unknown:?}", room.name);
        }
        Self { modules, rooms }
    }

    /// Returns the layer of a module at the crate root.
    pub fn layer(&self, module: &str) -> Layer {
        let row = self.modules.iter().find(|row| row.name == module);
        row.map_or(Layer::Floor, |row| row.layer.clone())
    }

    /// Lists the features in their order.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        let features = self.modules.iter().filter(|row| matches!(row.layer, Layer::Feature(_)));
        features.map(|row| row.name.as_str())
    }

    /// Returns a room's row.
    pub fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == name)
    }
}

/// Returns the cells of the columns `wanted` in the first table that has them all.
fn rows<const N: usize>(markdown: &str, wanted: [&str; N]) -> Vec<[String; N]> {
    let mut lines = markdown.lines().map(|line| {
        let cells = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(cells.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
    });
    let columns = lines.find_map(|cells| {
        let cells = cells?;
        let columns = wanted.map(|name| cells.iter().position(|cell| cell == name));
        columns.iter().all(Option::is_some).then(|| columns.map(Option::unwrap_or_default))
    });
    let columns = columns.unwrap_or_else(|| panic!("no table with the columns {wanted:?}"));
    // The first row is the rule below the head.
    let rows = lines.map_while(|cells| cells).skip(1);
    let rows: Vec<_> = rows.map(|cells| columns.map(|column| cells[column].clone())).collect();
    assert!(!rows.is_empty(), "the table with the columns {wanted:?} is empty");
    rows
}

/// Returns the words in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
