//! Names labeled with their firms.
use std::path::Path;

use crate::rows::{Row, rows};

/// A name and its firm; none if the firm is not known.
pub struct Named {
    pub name: String,
    pub firm: Option<String>,
}

/// Known names, and names to search among them.
pub struct Labeled {
    /// Source of the names.
    pub source: &'static str,
    pub known: Vec<Named>,
    pub queries: Vec<Named>,
}

impl Labeled {
    /// Reads the names of patent assignees that were clustered by hand: thousands, not without
    /// errors.
    pub fn public(folder: &Path) -> Self {
        let named =
            |row: &Row| Named { name: row.text("name").into(), firm: row.non_empty("entity") };
        let all = |file: &str| rows(&folder.join(file)).iter().map(named).collect();
        Self {
            source: "patent assignees",
            known: all("matching/index.csv"),
            queries: all("matching/queries.csv"),
        }
    }

    /// Reads our own small sample of well-known and invented firms.
    pub fn sample() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/labelled_names.csv");
        let (mut known, mut queries) = (Vec::new(), Vec::new());
        for row in rows(Path::new(path)) {
            let named = Named { name: row.text("name").into(), firm: row.non_empty("entity") };
            match row.text("role") {
                "known" => known.push(named),
                "asked" => queries.push(named),
                role => panic!("{} is neither known nor asked but {role:?}", named.name),
            }
        }
        Self { source: "our own sample", known, queries }
    }
}
