//! Reads a Rust file with `syn`: the paths it names, in code, attributes and macros, and its string
//! literals.
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Declaration, Literal, Module, NamedPath, Segments, Sources};

/// Reads one file into modules.
pub struct Reader<'a> {
    sources: &'a mut Sources,
    path: Segments,
    module: Module,
    is_test: bool,
}

impl<'a> Reader<'a> {
    /// Creates a reader that adds the modules inside the file, and the file's module at `path`, to
    /// the sources.
    pub fn new(sources: &'a mut Sources, path: Segments, module: Module) -> Self {
        Self { sources, path, module, is_test: false }
    }

    /// Reads the file.
    pub fn read(mut self, file: &syn::File) {
        self.is_test = is_cfg_test(&file.attrs);
        self.visit_file(file);
        self.sources.modules.insert(self.path, self.module);
    }

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
                TokenTree::Group(group)
                    if group.delimiter() == Delimiter::Bracket
                        && at > 0
                        && is_mark(at - 1, '#') =>
                {
                    let attribute = group.stream().to_string().replace(' ', "");
                    is_next_test |= attribute == "cfg(test)" || attribute == "test";
                    if !attribute.starts_with("doc") {
                        self.tokens(group.stream());
                    }
                }
                TokenTree::Group(group) => {
                    let outer = self.is_test;
                    if group.delimiter() == Delimiter::Brace {
                        self.is_test |= std::mem::take(&mut is_next_test);
                    }
                    self.tokens(group.stream());
                    self.is_test = outer;
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
        for item in items {
            self.visit_item(item);
        }
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
