//! Parsing of policy files (TOML), with the line of each problem.
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::{CURRENT_FORM, Policy, PolicyProblem, UncheckedPolicy, check};

pub(super) fn parse(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    let syntax_problem = |error: &Error| {
        let line = error.span().map(|span| line_number(text, span.start));
        vec![PolicyProblem { line, message: error.message().to_owned() }]
    };
    let table = DeTable::parse(text).map_err(|error| syntax_problem(&error))?;
    let unchecked = UncheckedPolicy::deserialize(Deserializer::from(table.clone()));
    let mut unchecked = unchecked.map_err(|error| syntax_problem(&error))?;
    let mut violations = check::find_omissions(&unchecked);
    violations.extend(check::find_violations(&unchecked));
    if violations.is_empty() {
        unchecked.form = Some(CURRENT_FORM);
        return Ok(Policy(unchecked));
    }
    let problem = |violation: &check::Violation| PolicyProblem {
        line: Some(line_number(text, byte_offset(&table, &violation.path))),
        message: violation.to_string(),
    };
    Err(violations.iter().map(problem).collect())
}

/// The byte offset of the innermost step of a path that the file contains.
fn byte_offset(table: &Spanned<DeTable<'_>>, path: &[String]) -> usize {
    let root = DeValue::Table(table.get_ref().clone());
    let (mut start, mut value) = (table.span().start, &root);
    for step in path {
        let Some((inner_start, inner)) = child(value, step) else { break };
        (start, value) = (inner_start, inner);
    }
    start
}

/// A field of a table or an item of a list, with its byte offset; a field's is that of its key.
fn child<'a, 'i>(parent: &'a DeValue<'i>, step: &str) -> Option<(usize, &'a DeValue<'i>)> {
    match parent {
        DeValue::Table(table) => {
            let (key, value) = table.get_key_value(step)?;
            Some((key.span().start, value.get_ref()))
        }
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
