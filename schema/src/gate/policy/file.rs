//! The policy file: TOML, whose lines the problems name.
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use super::{Policy, PolicyProblem, Written, check};

pub(super) fn read(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    let slip = |error: &Error| {
        let line = error.span().map(|span| line_of(text, span.start));
        vec![PolicyProblem { line, message: error.message().to_owned() }]
    };
    let table = DeTable::parse(text).map_err(|error| slip(&error))?;
    let written = Written::deserialize(Deserializer::from(table.clone()));
    let written = written.map_err(|error| slip(&error))?;
    let refusals = check::refusals(&written);
    if refusals.is_empty() {
        return Ok(Policy(written));
    }
    let problem = |refusal: &check::Refusal| PolicyProblem {
        line: Some(line_of(text, place(&table, &refusal.path))),
        message: refusal.to_string(),
    };
    Err(refusals.iter().map(problem).collect())
}

/// Where the innermost part of a path begins that the file has.
fn place(table: &Spanned<DeTable<'_>>, path: &[String]) -> usize {
    let root = DeValue::Table(table.get_ref().clone());
    let (mut start, mut value) = (table.span().start, &root);
    for step in path {
        let Some((inner_start, inner)) = part(value, step) else { break };
        (start, value) = (inner_start, inner);
    }
    start
}

/// A field of a table, which begins at its name, or an item of a list.
fn part<'a, 'i>(of: &'a DeValue<'i>, step: &str) -> Option<(usize, &'a DeValue<'i>)> {
    match of {
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

/// The line that a byte of the text is on, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
