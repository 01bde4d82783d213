//! Reads Rust sources with `syn`: modules, the paths they name, and their string literals.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

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
        let is_test = is_cfg_test(&syntax.attrs);
        let mut reader = Reader { sources: self, path: module_path(file), module, is_test };
        reader.visit_file(&syntax);
        let Reader { path, module, .. } = reader;
        self.modules.insert(path, module);
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

struct Reader<'a> {
    sources: &'a mut Sources,
    path: Segments,
    module: Module,
    is_test: bool,
}

impl Reader<'_> {
    fn name(&mut self, path: Segments, line: usize) {
        let is_test = self.is_test;
        self.module.named.push(NamedPath { path, line, is_test });
    }

    fn literal(&mut self, literal: &syn::LitStr) {
        let (value, line) = (literal.value(), literal.span().start().line);
        self.module.literals.push(Literal { value, line, is_test: self.is_test });
    }

    /// Reads a tree of a `use` declaration, below the segments before it.
    fn use_tree(&mut self, tree: &syn::UseTree, mut before: Segments) {
        let text = |name: &syn::Ident| name.unraw().to_string();
        match tree {
            syn::UseTree::Path(path) => {
                before.push(text(&path.ident));
                self.use_tree(&path.tree, before);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, before.clone());
                }
            }
            syn::UseTree::Glob(glob) => {
                self.name(before.clone(), glob.star_token.spans[0].start().line);
                self.module.globs.push(before);
            }
            syn::UseTree::Name(name) => self.import(before, &name.ident, &name.ident),
            syn::UseTree::Rename(name) => self.import(before, &name.ident, &name.rename),
        }
    }

    fn import(&mut self, mut path: Segments, name: &syn::Ident, known_as: &syn::Ident) {
        let mut known_as = known_as.unraw().to_string();
        // `use a::b::{self}` brings in `b`.
        if name != "self" {
            path.push(name.unraw().to_string());
        } else if known_as == "self" {
            known_as = path.last().cloned().unwrap_or_default();
        }
        self.name(path.clone(), name.span().start().line);
        self.module.imports.insert(known_as, path);
    }

    /// Reads the paths and literals of a macro's tokens: of its definition or of a call.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let is_mark = |at: usize, mark: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
        let (mut at, mut is_next_test) = (0, false);
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => {
                    let is_attribute =
                        group.delimiter() == Delimiter::Bracket && at > 0 && is_mark(at - 1, '#');
                    let first = group.stream().into_iter().next();
                    let is_doc = matches!(first, Some(TokenTree::Ident(name)) if name == "doc");
                    if !(is_attribute && is_doc) {
                        self.tokens(group.stream());
                    }
                }
                TokenTree::Literal(_) => {
                    if let Ok(literal) = syn::parse2::<syn::LitStr>(token.clone().into()) {
                        self.literal(&literal);
                    }
                }
                // `$name::Entity` is a path of the caller's choice; `$crate::…` is ours.
                TokenTree::Ident(name) if name == "crate" || at == 0 || !is_mark(at - 1, '$') => {
                    at = self.token_path(&tokens, at, Vec::new());
                    continue;
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    /// Reads the path that starts at a name among a macro's tokens, and returns where it ends.
    fn token_path(&mut self, tokens: &[TokenTree], at: usize, mut path: Segments) -> usize {
        let (mut at, line) = (at, tokens[at].span().start().line);
        let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(name)) => path.push(name.unraw().to_string()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.token_use_group(group.stream(), &path);
                    return at + 1;
                }
                _ => break,
            }
            at += 1;
            if !(is_colon(at) && is_colon(at + 1)) {
                break;
            }
            at += 2;
        }
        if path.len() > 1 {
            self.name(path, line);
        }
        at
    }

    /// Reads the group of a `use` declaration among a macro's tokens.
    fn token_use_group(&mut self, group: TokenStream, before: &[String]) {
        let tokens: Vec<_> = group.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match tokens[at] {
                TokenTree::Ident(_) => self.token_path(&tokens, at, before.to_vec()),
                _ => at + 1,
            };
        }
    }

    /// Reads what `read` visits as below `#[cfg(test)]` if the attributes say so.
    fn below(&mut self, attributes: &[syn::Attribute], read: impl FnOnce(&mut Self)) {
        let outer = self.is_test;
        self.is_test |= is_cfg_test(attributes);
        read(self);
        self.is_test = outer;
    }
}

/// Returns whether the attributes have `#[cfg(test)]` or `#[test]`.
fn is_cfg_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"));
        is_cfg || attribute.path().is_ident("test")
    })
}

/// Returns the attributes of an item, and its name if it has one.
fn attributes_and_name(item: &syn::Item) -> (&[syn::Attribute], Option<&syn::Ident>) {
    match item {
        syn::Item::Const(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        syn::Item::Impl(item) => (&item.attrs, None),
        syn::Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        syn::Item::Mod(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Static(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Type(item) => (&item.attrs, Some(&item.ident)),
        syn::Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

/// Returns the items that are neither `mod` nor `use`.
fn named_items(items: &[syn::Item]) -> Vec<(String, usize)> {
    let items = items.iter().filter(|it| !matches!(it, syn::Item::Mod(_) | syn::Item::Use(_)));
    let named = items.map(|item| {
        let name = attributes_and_name(item).1.map(ToString::to_string);
        (name.unwrap_or_default(), item.span().start().line)
    });
    named.collect()
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.below(attributes_and_name(item).0, |this| visit::visit_item(this, item));
    }

    fn visit_file(&mut self, file: &'ast syn::File) {
        self.module.is_test = self.is_test;
        self.module.items = named_items(&file.items);
        visit::visit_file(self, file);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let name = item.ident.unraw().to_string();
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        let line = item.ident.span().start().line;
        let declaration = Declaration { line, is_public, is_test: self.is_test };
        self.module.declared.insert(name.clone(), declaration);
        let Some((_, items)) = &item.content else { return };
        self.path.push(name);
        let module = Module {
            file: self.module.file.clone(),
            is_test: self.is_test,
            items: named_items(items),
            ..Module::default()
        };
        let outer = std::mem::replace(&mut self.module, module);
        items.iter().for_each(|item| self.visit_item(item));
        let module = std::mem::replace(&mut self.module, outer);
        self.sources.modules.insert(self.path.clone(), module);
        self.path.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        // `use ::name` is always another crate.
        if item.leading_colon.is_none() {
            self.use_tree(&item.tree, Vec::new());
        }
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let known_as = item.rename.as_ref().map_or(&item.ident, |(_, rename)| rename);
        self.module
            .imports
            .insert(known_as.unraw().to_string(), vec![item.ident.unraw().to_string()]);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.below(&item.attrs, |this| visit::visit_impl_item_fn(this, item));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|it| it.ident.unraw().to_string()).collect();
            let line = path.segments.first().map_or(0, |it| it.ident.span().start().line);
            self.name(segments, line);
        }
        visit::visit_path(self, path);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        let syn::Meta::List(list) = &attribute.meta else { return };
        let before = self.module.literals.len();
        self.tokens(list.tokens.clone());
        // `#[serde(with = "crate::…")]` names a path in a literal.
        for literal in self.module.literals.split_off(before) {
            if literal.value.contains("::")
                && let Ok(path) = syn::parse_str::<syn::Path>(&literal.value)
            {
                let path = path.segments.iter().map(|it| it.ident.unraw().to_string()).collect();
                self.name(path, literal.line);
            }
        }
        if attribute.path().is_ident("sea_orm") {
            // An attribute that is not of this form, such as `primary_key`, has no table.
            let _ = list.parse_nested_meta(|meta| {
                if meta.path.is_ident("table_name") {
                    let table: syn::LitStr = meta.value()?.parse()?;
                    self.module.tables.insert(table.value());
                } else if meta.input.peek(syn::Token![=]) {
                    meta.value()?.parse::<syn::Expr>()?;
                }
                Ok(())
            });
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.literal(literal);
    }
}
