//! The size of an answer, counted while its values are resolved.
//!
//! Every GraphQL type of this crate is derived with `crate = "crate::budget"`: the code that the
//! derive macros generate then calls [`resolver_utils::resolve_container`] of this module, which
//! charges each field to the request's [`AnswerBudget`]. An extension of async-graphql could count
//! the same, but even an empty one slows every field 1.4 to 2.3 times.
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use async_graphql::parser::types::{Field, Selection, SelectionSet};
pub use async_graphql::*;

/// The largest answer, in bytes as they are charged: see [`AnswerBudget`].
pub const MAX_ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// What a field is charged beside its key and its value, in bytes: an answer is held in memory
/// until it is written, and there a small value takes many times what it takes in JSON.
const FIELD_BYTES: usize = 16;
/// The error's words; what to do comes with them.
const TOO_LARGE: &str = "The answer is larger than 8 MiB. Ask for fewer rows a page or for fewer \
    fields, and for the rest in further requests.";

/// What the functions that the derive macros generate call.
pub mod resolver_utils {
    pub use async_graphql::resolver_utils::*;
    use async_graphql::{ContextSelectionSet, ServerResult, Value};

    use std::sync::Arc;

    use super::{AnswerBudget, Metered};

    /// Resolves an object's fields, as the library does, and charges each to the request's budget.
    ///
    /// # Errors
    /// As the library's own function; `LIMIT_EXCEEDED` from the field that is too much.
    pub async fn resolve_container<'a, T: ContainerType + ?Sized>(
        ctx: &ContextSelectionSet<'a>,
        object: &'a T,
    ) -> ServerResult<Value> {
        let Some(budget) = ctx.data_opt::<Arc<AnswerBudget>>() else {
            return async_graphql::resolver_utils::resolve_container(ctx, object).await;
        };
        if budget.is_exceeded() {
            return Ok(Value::Null);
        }
        let name_bytes = object.introspection_type_name().len();
        budget.charge_type_names(ctx, &ctx.item.node, name_bytes);
        let metered = Metered { object, budget };
        async_graphql::resolver_utils::resolve_container(ctx, &metered).await
    }
}

/// Counts what is written of one answer, in bytes: keys, values, their quotes, commas and
/// brackets as JSON has them, and 16 bytes for each field.
#[derive(Debug, Default)]
pub struct AnswerBudget {
    charged: AtomicUsize,
    is_exceeded: AtomicBool,
}

impl AnswerBudget {
    /// Whether the answer is larger than it may be. What is not resolved yet stays unresolved.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded.load(Relaxed)
    }

    /// What was charged so far, in bytes.
    #[must_use]
    pub fn charged(&self) -> usize {
        self.charged.load(Relaxed)
    }

    /// Charges some bytes; whether it is these that exceed the budget, which is true once.
    fn charge(&self, bytes: usize) -> bool {
        let charged = self.charged.fetch_add(bytes, Relaxed).saturating_add(bytes);
        charged > MAX_ANSWER_BYTES && !self.is_exceeded.swap(true, Relaxed)
    }

    /// Charges each `__typename` of a selection: the library answers them by itself.
    fn charge_type_names(
        &self,
        ctx: &ContextSelectionSet<'_>,
        set: &SelectionSet,
        name_bytes: usize,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.name.node == "__typename" => {
                    // An error would be answered with the object's next field.
                    self.charge(key_bytes(&field.node) + name_bytes + 2);
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let set = &fragment.node.selection_set.node;
                    self.charge_type_names(ctx, set, name_bytes);
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = &ctx.query_env.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        let set = &fragment.node.selection_set.node;
                        self.charge_type_names(ctx, set, name_bytes);
                    }
                }
            }
        }
    }

    /// Resolves one field unless the budget is exceeded, and charges it.
    async fn meter(
        &self,
        ctx: &Context<'_>,
        resolved: impl Future<Output = ServerResult<Option<Value>>>,
    ) -> ServerResult<Option<Value>> {
        // One error says it; one for each further field would be an answer without bound, too.
        if self.is_exceeded() {
            return Ok(None);
        }
        let value = match resolved.await {
            Ok(value) => value,
            Err(error) => {
                let bytes = error_bytes(&error);
                return Err(if self.charge(bytes) { too_large(Some(ctx.item.pos)) } else { error });
            }
        };
        let field = &ctx.item.node;
        // What has no selection is a scalar, whatever its value looks like.
        let is_scalar = field.selection_set.node.items.is_empty();
        let written = if is_scalar { json_bytes } else { written_bytes };
        let bytes = key_bytes(field) + value.as_ref().map_or(4, written);
        if self.charge(bytes) {
            return Err(too_large(Some(ctx.item.pos)));
        }
        Ok(value)
    }
}

/// The error of an answer that is larger than [`MAX_ANSWER_BYTES`].
#[must_use]
pub fn too_large(at: Option<Pos>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", "LIMIT_EXCEEDED");
    ServerError { extensions: Some(extensions), ..ServerError::new(TOO_LARGE, at) }
}

/// What an error takes beside its words, in bytes: its path and its place.
const ERROR_BYTES: usize = 512;

fn error_bytes(error: &ServerError) -> usize {
    let problems = error.extensions.as_ref().and_then(|it| it.get("userErrors"));
    ERROR_BYTES + text_bytes(&error.message) + problems.map_or(0, json_bytes)
}

/// What a field is charged beside its value: `"key":` and a comma.
fn key_bytes(field: &Field) -> usize {
    FIELD_BYTES + field.response_key().node.len() + 4
}

/// The bytes of a value in JSON, without the fields of objects: these were charged when they were
/// resolved.
fn written_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Boolean(true) => 4,
        Value::Boolean(false) => 5,
        Value::Number(number) => number_bytes(number),
        Value::String(text) => text_bytes(text),
        Value::Enum(name) => name.len() + 2,
        Value::Binary(bytes) => bytes.len() * 4 + 2,
        Value::List(values) => 2 + values.iter().map(|it| written_bytes(it) + 1).sum::<usize>(),
        Value::Object(_) => 2,
    }
}

/// As [`written_bytes`], with the members of objects: of scalars that are JSON.
fn json_bytes(value: &Value) -> usize {
    match value {
        Value::List(values) => 2 + values.iter().map(|it| json_bytes(it) + 1).sum::<usize>(),
        Value::Object(members) => {
            let member = |(name, value): (&Name, &Value)| text_bytes(name) + 2 + json_bytes(value);
            2 + members.iter().map(member).sum::<usize>()
        }
        scalar => written_bytes(scalar),
    }
}

/// The bytes of a number, rounded up: the longest float has 24.
fn number_bytes(number: &Number) -> usize {
    match number.as_u64() {
        Some(whole) => whole.checked_ilog10().map_or(1, |digits| digits as usize + 1),
        None => 24,
    }
}

/// The bytes of a text with its quotes, escaped as serde_json does.
fn text_bytes(text: &str) -> usize {
    let escape = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 1,
        0..=0x1F => 5,
        _ => 0,
    };
    2 + text.len() + text.bytes().map(escape).sum::<usize>()
}

/// An object whose fields are charged as they are resolved.
struct Metered<'a, T: ?Sized> {
    object: &'a T,
    budget: &'a AnswerBudget,
}

#[async_graphql::async_trait::async_trait]
impl<T: resolver_utils::ContainerType + ?Sized> OutputType for Metered<'_, T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.object.introspection_type_name()
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.object.resolve(ctx, field).await
    }
}

#[async_graphql::async_trait::async_trait]
impl<T: resolver_utils::ContainerType + ?Sized> resolver_utils::ContainerType for Metered<'_, T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.budget.meter(ctx, self.object.resolve_field(ctx)).await
    }
}

/// A root of the schema whose fields are charged as they are resolved: the library resolves roots
/// by itself.
#[derive(Debug, Default)]
pub struct Root<T>(T);

#[async_graphql::async_trait::async_trait]
impl<T: ObjectType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut registry::Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

#[async_graphql::async_trait::async_trait]
impl<T: ObjectType> resolver_utils::ContainerType for Root<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        match ctx.data_opt::<Arc<AnswerBudget>>() {
            Some(budget) => budget.meter(ctx, self.0.resolve_field(ctx)).await,
            None => self.0.resolve_field(ctx).await,
        }
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_charged_is_what_is_written() {
        let text = "\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F}\"\\/<é漢\u{2028}𝄞";
        for value in [
            value!(null),
            value!([true, false, 0, 9, 10, 18_446_744_073_709_551_615_u64, text]),
            value!({ "a": [{ "b": "c" }, {}], "d\"": -1.5 }),
        ] {
            let written = serde_json::to_string(&value).expect("JSON").len();
            let charged = json_bytes(&value);
            assert!((written..written + 32).contains(&charged), "{charged} for {written}: {value}");
        }
        assert_eq!(text_bytes(text), serde_json::to_string(text).expect("JSON").len());
    }

    #[test]
    fn the_charge_that_exceeds_says_so_once() {
        let budget = AnswerBudget::default();
        assert!(!budget.charge(MAX_ANSWER_BYTES));
        assert!(!budget.is_exceeded());
        assert!(budget.charge(1));
        assert!(!budget.charge(1));
        assert!(budget.is_exceeded());
    }

    /// One that is not derived so would be answered without bound.
    #[test]
    fn every_type_is_charged() {
        const CRATE: &str = "crate = \"crate::budget\"";
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut directories = vec![root];
        let (mut uncharged, mut count) = (Vec::new(), 0);
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    directories.push(path);
                    continue;
                }
                if path.ends_with("src/budget.rs") {
                    continue;
                }
                let source = std::fs::read_to_string(&path).expect("a source");
                // The roots are charged by `Root`.
                let is_roots = path.ends_with("graphql/mod.rs") && source.contains("CandorSchema");
                let objects = source.split("#[Object").skip(1);
                let derives = source.split("derive(").skip(1).filter_map(|rest| {
                    let (derived, rest) = rest.split_once(")]")?;
                    let merges = derived.contains("MergedObject") && !is_roots;
                    (derived.contains("SimpleObject") || merges).then_some(rest.trim_start())
                });
                let objects = objects.map(|rest| (rest, "("));
                for (rest, before) in objects.chain(derives.map(|rest| (rest, "#[graphql("))) {
                    count += 1;
                    if !rest.strip_prefix(before).is_some_and(|rest| rest.starts_with(CRATE)) {
                        let line = rest.lines().next().unwrap_or_default();
                        uncharged.push(format!("{}: {line}", path.display()));
                    }
                }
            }
        }
        assert!(count > 90, "{count}");
        assert_eq!(uncharged, Vec::<String>::new(), "write {CRATE} first there");
    }
}
