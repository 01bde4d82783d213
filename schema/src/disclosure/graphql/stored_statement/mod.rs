//! The statement of a filing, answered from its stored canonical text.
//!
//! Lists of filings spend most of their time on statements: as a value of type [`Statement`] each is
//! parsed whole, and async-graphql then allocates a future for each field of each agreement. A stored
//! statement is JSON with the names of the schema, so the answer is read from its text instead: parts
//! that were not selected are skipped, and the rest is copied into the answer as JSON. The types of the
//! schema say what each field is, and a test compares both ways.
#[cfg(test)]
mod tests;
mod writer;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::{MetaField, MetaType, MetaTypeName, Registry};
use async_graphql::{ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value};

use crate::budget::{charge_read_text, charge_written_fields, write_json, written_value};
use crate::disclosure::model::{DisclosureId, Statement};
use crate::disclosure::service::parse_statement;

/// A statement as canonical JSON. In GraphQL it has the type [`Statement`].
#[derive(Clone, Copy, Debug)]
pub struct StoredStatement<'a> {
    /// The disclosure, named if the text is damaged.
    pub id: DisclosureId,
    pub text: &'a str,
}

#[async_graphql::async_trait::async_trait]
impl OutputType for StoredStatement<'_> {
    fn type_name() -> Cow<'static, str> {
        Statement::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Statement::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let failed = |fault| async_graphql::Error::from(fault).into_server_error(field.pos);
        charge_read_text(ctx.data_opt(), self.text.len()).map_err(failed)?;
        if let Some(selected) = SelectedFields::of_request(ctx)
            && let Some(written) = selected.write(self.text)
        {
            charge_written_fields(ctx, written.fields, field.pos)?;
            return Ok(written_value(written.json));
        }
        parse_statement(self.id, self.text).map_err(failed)?.resolve(ctx, field).await
    }
}

/// The selections of a request's statements, compiled once for all statements of a list.
#[derive(Debug, Default)]
pub struct CompiledSelections {
    /// By their address in the document.
    by_address: Mutex<HashMap<usize, Option<Arc<SelectedFields>>>>,
    /// See [`merges_statements`].
    merges_statements: OnceLock<bool>,
}

/// The selected fields of an object, in the order of the answer.
#[derive(Debug, Default)]
struct SelectedFields(Vec<SelectedField>);

/// A selected field.
#[derive(Debug)]
struct SelectedField {
    /// The key in the answer: the alias, or the name.
    key: Name,
    /// The name in the schema and in the stored text.
    name: String,
    shape: Shape,
    /// The value of a field that the text omits, as JSON.
    absent: Vec<u8>,
}

/// What the value of a field is.
#[derive(Debug)]
enum Shape {
    /// A scalar, an enum, or a list of them.
    Plain,
    /// An object, or a list of objects.
    Object(SelectedFields),
}

impl SelectedFields {
    /// The selection of a statement; none if it needs what only async-graphql does.
    fn of_request(ctx: &ContextSelectionSet<'_>) -> Option<Arc<Self>> {
        let compile = || {
            let registry = &ctx.schema_env.registry;
            let statement = registry.types.get(&*Statement::type_name())?;
            Self::compile(ctx, &ctx.item.node, statement).map(Arc::new)
        };
        let kept = ctx.data_opt::<CompiledSelections>();
        let merges = || merges_statements(ctx, &ctx.query_env.operation.node.selection_set.node);
        // The values of one key are merged, and JSON that is written already cannot be.
        if kept.map_or_else(merges, |kept| *kept.merges_statements.get_or_init(merges)) {
            return None;
        }
        let Some(kept) = kept else { return compile() };
        // The document outlives the request, so its addresses identify its selections.
        let address = std::ptr::from_ref(&ctx.item.node).addr();
        let mut compiled = kept.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(address).or_insert_with(compile).clone()
    }

    /// Compiles the selection of an object. None with a directive, or with a field that is selected twice.
    fn compile(ctx: &ContextSelectionSet<'_>, set: &SelectionSet, of: &MetaType) -> Option<Self> {
        let mut compiled = Self::default();
        compiled.add(ctx, set, of)?;
        Some(compiled)
    }

    fn add(
        &mut self,
        ctx: &ContextSelectionSet<'_>,
        set: &SelectionSet,
        of: &MetaType,
    ) -> Option<()> {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.directives.is_empty() => {
                    self.add_field(ctx, &field.node, of)?;
                }
                // No type here is an interface or a union, so every fragment applies.
                Selection::InlineFragment(fragment) if fragment.node.directives.is_empty() => {
                    self.add(ctx, &fragment.node.selection_set.node, of)?;
                }
                Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = &ctx.query_env.fragments.get(name)?.node;
                    self.add(ctx, &fragment.selection_set.node, of)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn add_field(
        &mut self,
        ctx: &ContextSelectionSet<'_>,
        field: &Field,
        of: &MetaType,
    ) -> Option<()> {
        let (key, name) = (&field.response_key().node, field.name.node.to_string());
        let MetaType::Object { fields, .. } = of else { return None };
        // `__typename` is not among them.
        let its_type = fields.get(&name)?;
        if self.0.iter().any(|other| other.name == name || other.key == *key) {
            return None;
        }
        let inner = ctx.schema_env.registry.concrete_type_by_name(&its_type.ty)?;
        let shape = match inner {
            MetaType::Object { .. } => {
                Shape::Object(Self::compile(ctx, &field.selection_set.node, inner)?)
            }
            MetaType::Scalar { .. } | MetaType::Enum { .. } => Shape::Plain,
            _ => return None,
        };
        let mut absent = Vec::new();
        write_json(&shape.absent_value(its_type), &mut absent).ok()?;
        self.0.push(SelectedField { key: key.clone(), name, shape, absent });
        Some(())
    }

    /// The object of which every field is absent.
    fn absent_object(&self) -> Value {
        let field =
            |field: &SelectedField| (field.key.clone(), written_value(field.absent.clone()));
        Value::Object(self.0.iter().map(field).collect())
    }
}

/// Whether objects are selected twice under one key of an object of the answer, at any depth, and a statement is
/// or is in one of them.
fn merges_statements(ctx: &ContextSelectionSet<'_>, set: &SelectionSet) -> bool {
    let mut repeated = Vec::new();
    collect_repeated(ctx, set, &mut repeated);
    if repeated.is_empty() {
        return false;
    }
    let names = names_of_statements(&ctx.schema_env.registry);
    repeated.into_iter().any(|field| selects_statement(ctx, field, &names))
}

/// Collects the objects that are selected twice under one key, at any depth.
fn collect_repeated<'a>(
    ctx: &'a ContextSelectionSet<'_>,
    set: &'a SelectionSet,
    repeated: &mut Vec<&'a Field>,
) {
    let (mut fields, mut latest) = (Vec::new(), HashMap::new());
    collect_objects(ctx, set, &mut fields);
    for field in fields {
        if let Some(other) = latest.insert(&field.response_key().node, field) {
            repeated.extend([other, field]);
        }
        collect_repeated(ctx, &field.selection_set.node, repeated);
    }
}

/// Returns the names of the fields that are statements, in any type.
fn names_of_statements(registry: &Registry) -> HashSet<&str> {
    let fields = registry.types.values().filter_map(|of| match of {
        MetaType::Object { fields, .. } | MetaType::Interface { fields, .. } => Some(fields),
        _ => None,
    });
    let is_statement =
        |it: &&MetaField| MetaTypeName::concrete_typename(&it.ty) == Statement::type_name();
    fields.flat_map(|it| it.values()).filter(is_statement).map(|it| it.name.as_str()).collect()
}

/// Whether a field is a statement by its name, or has one among its selections, at any depth.
fn selects_statement(ctx: &ContextSelectionSet<'_>, field: &Field, names: &HashSet<&str>) -> bool {
    let mut inner = Vec::new();
    collect_objects(ctx, &field.selection_set.node, &mut inner);
    names.contains(field.name.node.as_str())
        || inner.into_iter().any(|field| selects_statement(ctx, field, names))
}

/// Collects the selected fields that have selections themselves, also those of fragments.
fn collect_objects<'a>(
    ctx: &'a ContextSelectionSet<'_>,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Field>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if !field.node.selection_set.node.items.is_empty() => {
                fields.push(&field.node);
            }
            Selection::Field(_) => {}
            Selection::InlineFragment(fragment) => {
                collect_objects(ctx, &fragment.node.selection_set.node, fields);
            }
            Selection::FragmentSpread(spread) => {
                let fragment = ctx.query_env.fragments.get(&spread.node.fragment_name.node);
                if let Some(fragment) = fragment {
                    collect_objects(ctx, &fragment.node.selection_set.node, fields);
                }
            }
        }
    }
}

impl Shape {
    /// The value of a field that the stored text omits because it has its default value, by its type.
    fn absent_value(&self, field: &MetaField) -> Value {
        let MetaTypeName::NonNull(of) = MetaTypeName::create(&field.ty) else {
            return Value::Null;
        };
        match (MetaTypeName::create(of), self) {
            (MetaTypeName::List(_), _) => Value::List(Vec::new()),
            (_, Self::Object(fields)) => fields.absent_object(),
            (MetaTypeName::Named("Boolean"), _) => Value::Boolean(false),
            // The parts of an amount, which are always written together.
            _ => Value::Null,
        }
    }
}
