//! Names that people have said of who is who.
use std::path::Path;

use crate::rows::{Row, rows};

/// A name, and which firm it is; no firm, where none that is known has it.
pub struct Named {
    pub name: String,
    pub firm: Option<String>,
}

/// Names that are known, and names to find among them.
pub struct Labelled {
    /// Where they are from.
    pub source: &'static str,
    pub known: Vec<Named>,
    pub asked: Vec<Named>,
}

impl Labelled {
    /// Names of patent assignees that were clustered by hand: thousands, and not perfect.
    pub fn public(folder: &Path) -> Self {
        let named = |row: &Row| Named { name: row.text("name").into(), firm: row.given("entity") };
        let all = |file: &str| rows(&folder.join(file)).iter().map(named).collect();
        Self {
            source: "patent assignees",
            known: all("matching/index.csv"),
            asked: all("matching/queries.csv"),
        }
    }

    /// Our own few, of well-known firms and invented ones.
    pub fn sample() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/labelled_names.csv");
        let (mut known, mut asked) = (Vec::new(), Vec::new());
        for row in rows(Path::new(path)) {
            let named = Named { name: row.text("name").into(), firm: row.given("entity") };
            match row.text("role") {
                "known" => known.push(named),
                "asked" => asked.push(named),
                role => panic!("{} is neither known nor asked but {role:?}", named.name),
            }
        }
        Self { source: "our own sample", known, asked }
    }
}
