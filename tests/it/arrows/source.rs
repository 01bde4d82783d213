//! The modules of a crate, the paths they name, and what a path leads to.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::reader::Reader;

/// A path by segments. In `Module` it is as written; after resolving it starts below the crate root.
pub type Segments = Vec<String>;

/// A path that a module names.
#[derive(Clone, Debug)]
pub struct NamedPath {
    /// As written, with `crate`, `self` or `super`.
    pub path: Segments,
    pub line: usize,
    /// Whether it is below `#[cfg(test)]`.
    pub is_test: bool,
}

/// A string literal outside documentation.
#[derive(Clone, Debug)]
pub struct Literal {
    pub value: String,
    pub line: usize,
    pub is_test: bool,
}

/// A module: a file, or a `mod` block in one.
#[derive(Debug, Default)]
pub struct Module {
    /// The file, relative to the source folder.
    pub file: String,
    pub is_test: bool,
    /// The paths of `use` declarations, groups expanded, and of everything else but visibilities.
    pub named: Vec<NamedPath>,
    pub literals: Vec<Literal>,
    /// Names that `use` declarations bring in, with the paths that they stand for. Names of inner
    /// scopes count for the whole module.
    pub imports: BTreeMap<String, Segments>,
    /// Paths imported by `*`.
    pub globs: Vec<Segments>,
    /// The `mod` declarations, with the line and whether others may name the module.
    pub declared: BTreeMap<String, Declaration>,
    /// The items that are neither `mod` nor `use`: name, empty for an `impl` or a macro call, and line.
    pub items: Vec<(String, usize)>,
    /// The tables of this module's entities: `table_name` attributes.
    pub tables: BTreeSet<String>,
}

/// A `mod` declaration.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    pub line: usize,
    pub is_public: bool,
    pub is_test: bool,
}

/// The modules of a crate by their path from the crate root.
#[derive(Debug, Default)]
pub struct Sources {
    pub modules: BTreeMap<Segments, Module>,
    /// The number of files read.
    pub files: usize,
}

impl Sources {
    /// Adds a file of the crate. `file` is relative to the source folder.
    ///
    /// # Panics
    /// If the text is not Rust.
    pub fn add(&mut self, file: &Path, text: &str) {
        let display = file.display().to_string();
        let syntax = syn::parse_file(text).unwrap_or_else(|error| {
            panic!("{display}:{}: {error}", error.span().start().line);
        });
        self.files += 1;
        let module = Module { file: display, ..Module::default() };
        Reader::new(self, module_path(file), module).read(&syntax);
    }

    /// Marks modules as tests whose `mod` declaration, or that of a parent, is below `#[cfg(test)]`.
    /// Call it after the last `add`.
    pub fn mark_tests(&mut self) {
        // Parents come before their children in the map's order.
        let paths: Vec<_> = self.modules.keys().cloned().collect();
        for path in paths {
            let Some((name, parent)) = path.split_last() else { continue };
            let is_test = self.modules.get(parent).is_some_and(|parent| {
                parent.is_test || parent.declared.get(name).is_some_and(|it| it.is_test)
            });
            if let Some(module) = self.modules.get_mut(&path).filter(|_| is_test) {
                module.is_test = true;
                module.named.iter_mut().for_each(|named| named.is_test = true);
                module.literals.iter_mut().for_each(|literal| literal.is_test = true);
            }
        }
    }

    /// Returns a path as named in `module`, from the crate root; `None` for another crate's path or
    /// a local name.
    pub fn absolute(&self, module: &[String], path: &[String]) -> Option<Segments> {
        self.absolute_within(module, path, 8)
    }

    fn absolute_within(&self, from: &[String], path: &[String], depth: usize) -> Option<Segments> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let join = |base: &[String], rest: &[String]| Some([base, rest].concat());
        match first.as_str() {
            "crate" => return join(&[], rest),
            "self" => return join(from, rest),
            "super" => {
                let mut base = from;
                let mut rest = path;
                while let [first, after @ ..] = rest
                    && first == "super"
                {
                    base = base.split_last()?.1;
                    rest = after;
                }
                return join(base, rest);
            }
            _ => {}
        }
        let module = self.modules.get(from)?;
        if let Some(target) = module.imports.get(first) {
            // `use policy;` would stand for itself.
            if target.first() != Some(first) {
                let target = self.absolute_within(from, target, depth)?;
                return join(&target, rest);
            }
        }
        if self.modules.contains_key(&join(from, std::slice::from_ref(first))?) {
            return join(from, path);
        }
        // A name from `use super::*`.
        module.globs.iter().find_map(|glob| {
            let base = self.absolute_within(from, glob, depth)?;
            let target = self.modules.get(&base)?;
            let is_known = target.imports.contains_key(first)
                || self.modules.contains_key(&join(&base, std::slice::from_ref(first))?);
            if is_known { join(&base, path) } else { None }
        })
    }

    /// Follows one re-export of a path from the crate root. Returns the module with the `use`
    /// declaration and the path that it stands for; `None` if the path names an item itself, or one
    /// of another crate.
    pub fn reexport(&self, path: &[String]) -> Option<(Segments, Segments)> {
        // The longest prefix that is a module, and the name in it.
        let depth =
            (0..path.len()).take_while(|n| self.modules.contains_key(&path[..*n])).last()?;
        if self.modules.contains_key(path) {
            return None;
        }
        let (base, [name, rest @ ..]) = path.split_at(depth) else { return None };
        let module = self.modules.get(base)?;
        if let Some(target) = module.imports.get(name) {
            let target = self.absolute(base, target)?;
            let target = [target.as_slice(), rest].concat();
            return (target != path).then(|| (base.to_vec(), target));
        }
        // An item found through `pub use entity::*` counts as the item of the module behind.
        module.globs.iter().find_map(|glob| {
            let target = self.absolute(base, glob)?;
            let is_item_here = module.items.iter().any(|(item, _)| item == name);
            let target = [target.as_slice(), &path[depth..]].concat();
            (!is_item_here && target != path).then(|| (base.to_vec(), target))
        })
    }
}

/// Returns the module path of a source file: `bidding/store/mod.rs` is `bidding::store`.
pub fn module_path(file: &Path) -> Segments {
    let file = file.with_extension("");
    let names = file.iter().map(|name| name.to_string_lossy().into_owned());
    let mut path: Segments = names.collect();
    if path.last().is_some_and(|name| name == "mod") || path == ["lib"] {
        path.pop();
    }
    path
}
