//! Parsing of policy files (TOML), with the line of each problem.
use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::Violation;
use super::decode::{decode, find_omissions, find_retired_names};
use super::{CURRENT_FORM, Policy, PolicyProblem, check};

/// The most problems of a file that are listed, from its start.
const MAX_PROBLEMS: usize = 100;

/// Parses a policy file for publication.
pub(super) fn parse(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    let table = parse_syntax(text)?;
    let tree = table_to_json(table.get_ref());
    let mut violations = find_omissions(&tree);
    violations.extend(find_retired_names(&tree));
    let found = match decode(&tree) {
        Ok(mut unchecked) => {
            let found = check::find_violations(&unchecked);
            if violations.is_empty() && found.is_empty() {
                unchecked.form = Some(CURRENT_FORM);
                return Ok(Policy(unchecked));
            }
            found
        }
        Err(malformed) => malformed,
    };
    // What is missing is found twice.
    let found = found.into_iter().filter(|it| !violations.contains(it)).collect::<Vec<_>>();
    violations.extend(found);
    let with_offset = |it: Violation| (byte_offset(&table, &it.path), it);
    let mut violations: Vec<_> = violations.into_iter().map(with_offset).collect();
    violations.sort_by_key(|(offset, _)| *offset);
    let problems = violations.iter().take(MAX_PROBLEMS).map(|(offset, violation)| PolicyProblem {
        line: Some(line_number(text, *offset)),
        message: violation.to_string(),
    });
    Err(problems.collect())
}

/// Parses a policy file to the tree of its values, whatever they mean. A date without quotes is its text.
pub(super) fn parse_tree(text: &str) -> Result<Value, Vec<PolicyProblem>> {
    let table = parse_syntax(text)?;
    Ok(table_to_json(table.get_ref()))
}

fn parse_syntax(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<PolicyProblem>> {
    DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(text.len(), |span| span.start);
        let message = "this line cannot be read: write a name, an equals sign and a value, put texts in \
                       quotes, close every quote and bracket, and write each name only once";
        vec![PolicyProblem { line: Some(line_number(text, start)), message: message.to_owned() }]
    })
}

fn to_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::from(f64::MAX), Value::from),
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or(Value::Null, Value::Number)
        }
        DeValue::Boolean(truth) => Value::from(*truth),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(fields) => table_to_json(fields),
    }
}

fn table_to_json(fields: &DeTable<'_>) -> Value {
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| (name.get_ref().to_string(), to_json(value.get_ref())));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The byte offset of the innermost step of a path that the file contains.
fn byte_offset(table: &Spanned<DeTable<'_>>, path: &[String]) -> usize {
    let mut steps = path.iter();
    let first = steps.next().and_then(|step| field(table.get_ref(), step));
    let Some((mut start, mut value)) = first else { return table.span().start };
    for step in steps {
        let Some((inner_start, inner)) = child(value, step) else { break };
        (start, value) = (inner_start, inner);
    }
    start
}

/// A field of a table, with the byte offset of its key.
fn field<'a, 'i>(table: &'a DeTable<'i>, name: &str) -> Option<(usize, &'a DeValue<'i>)> {
    let (key, value) = table.get_key_value(name)?;
    Some((key.span().start, value.get_ref()))
}

/// A field of a table or an item of a list, with its byte offset; a field's is that of its key.
fn child<'a, 'i>(parent: &'a DeValue<'i>, step: &str) -> Option<(usize, &'a DeValue<'i>)> {
    match parent {
        DeValue::Table(table) => field(table, step),
        DeValue::Array(array) => {
            let item = array.get(step.parse::<usize>().ok()?)?;
            Some((item.span().start, item.get_ref()))
        }
        _ => None,
    }
}

/// The line of a byte offset, from 1.
fn line_number(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
