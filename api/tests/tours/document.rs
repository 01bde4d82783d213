//! Follows one document: its blocks, what they answer, and the text with the answers in it.
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use candor::command::Arguments;
use chrono::TimeDelta;
use clap::Parser as _;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::Value;
use snapbox::data::DataFormat;
use snapbox::{Data, IntoData};

use super::city::{City, Outputs};
use super::layout::{laid_out, redactions};

/// A fenced block.
struct Block {
    language: String,
    /// What follows the language in the info string.
    attributes: Vec<(String, String)>,
    text: String,
    /// Where the text is in the document.
    range: Range<usize>,
    line: usize,
}

/// The folders of the repository that documents name files of.
const FOLDERS: [&str; 9] =
    [".ci", "api", "deploy", "docs", "migrations", "policies", "samples", "schema", "tests"];

/// The root of the repository.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The documents, from the root of the repository.
pub fn all() -> Vec<String> {
    let mut names = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned).to_vec();
    for entry in fs::read_dir(repository().join("docs")).expect("the documents") {
        names.push(format!("docs/{}", entry.expect("a file").file_name().to_string_lossy()));
    }
    names
}

/// Names in a document of files and documents that do not exist, each with its document.
pub fn missing_files(name: &str) -> Vec<String> {
    let path = repository().join(name);
    let folder = path.parent().expect("a folder");
    let document = fs::read_to_string(&path).expect(name);
    let missing = |target: &str, from: &Path| {
        (!from.join(target).exists()).then(|| format!("{name}: {target}"))
    };
    let events = Parser::new(&document);
    let found = events.filter_map(|event| match event {
        Event::Code(code) => {
            let is_path = code.split_once('/').is_some_and(|(first, _)| FOLDERS.contains(&first));
            let is_plain = !code.contains(['*', ' ', '{', '<', '…']);
            (is_path && is_plain).then(|| missing(&code, &repository())).flatten()
        }
        Event::Start(Tag::Link { dest_url, .. }) if !dest_url.contains("://") => {
            let target = dest_url.split('#').next().unwrap_or_default();
            if target.is_empty() { None } else { missing(target, folder) }
        }
        _ => None,
    });
    found.collect()
}

/// Runs what a document shows and compares it with what is answered.
///
/// # Panics
/// If a block cannot be run, or an answer is another than the document's.
pub async fn follow(name: &str) {
    let path = repository().join(name);
    let document = fs::read_to_string(&path).expect(name);
    let blocks = blocks(&document);
    assert!(!blocks.is_empty(), "{name} has no fenced block");
    let mut city = City::copy().await;
    let mut answers: Vec<(Range<usize>, String)> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for block in &blocks {
        let place = format!("{name}:{}", block.line);
        if let Some((at, answer)) = open.take() {
            assert_eq!(block.language, "json", "{at} needs a block `json` after it: {answer}");
            answers.push((block.range.clone(), answer_text(&block.text, &answer)));
            continue;
        }
        match block.language.as_str() {
            "graphql" => open = Some((place.clone(), asked(&mut city, block, &place).await)),
            "console" => {
                for (_, after) in block.attributes.iter().filter(|(name, _)| name == "after") {
                    city.advance(duration(after, &place));
                }
                city.work().await;
                answers.push((block.range.clone(), console(&mut city, block, &place)));
            }
            "sh" => commands_exist(block, &place),
            "json" => panic!("{place}: no block `graphql` stands before this answer"),
            _ => write_file(&city, block),
        }
    }
    assert!(open.is_none(), "{name}: the last question needs a block `json` after it");
    let mut actual = document.clone();
    for (range, answer) in answers.into_iter().rev() {
        actual.replace_range(range, &answer);
    }
    let expected = Data::read_from(&path, Some(DataFormat::Text)).raw();
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(actual.into_data().raw(), expected);
}

/// Writes the text of a block that names a file into that file.
fn write_file(city: &City, block: &Block) {
    for (_, file) in block.attributes.iter().filter(|(name, _)| name == "file") {
        fs::write(city.directory().join(file), &block.text).expect(file);
    }
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_inside = false;
    for (event, range) in Parser::new(document).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let mut words = info.split_whitespace();
                let language = words.next().unwrap_or_default().to_owned();
                let attributes = words.filter_map(|word| word.split_once('='));
                let attributes = attributes.map(|(name, value)| (name.into(), value.into()));
                // The text begins on the line after the fence, also where it is empty.
                let start = document[range.start..].find('\n').expect("a line after the fence");
                let start = range.start + start + 1;
                let line = document[..range.start].lines().count() + 1;
                let attributes = attributes.collect();
                let text = String::new();
                blocks.push(Block { language, attributes, text, range: start..start, line });
                is_inside = true;
            }
            Event::Text(text) if is_inside => {
                let block = blocks.last_mut().expect("a block that has begun");
                block.text.push_str(&text);
                block.range.end = range.end;
            }
            Event::End(TagEnd::CodeBlock) => is_inside = false,
            _ => {}
        }
    }
    blocks
}

/// Asks what a block asks, keeps what it keeps, and returns the answer with its redactions.
async fn asked(city: &mut City, block: &Block, place: &str) -> String {
    let mut token = None;
    for (name, value) in &block.attributes {
        match name.as_str() {
            "as" => token = Some(value.as_str()),
            "after" => city.advance(duration(value, place)),
            "keep" => {}
            _ => panic!("{place}: {name}= is not known here"),
        }
    }
    let name = token.unwrap_or_else(|| panic!("{place}: say who asks, such as as=REVIEWER"));
    let token = city.value(name).unwrap_or_else(|| panic!("{place}: no token {name}"));
    let answer = city.ask(token, &filled_in(city, &block.text, place)).await;
    let value: Value = serde_json::from_str(&answer).expect(&answer);
    let code = value.pointer("/errors/0/extensions/code").and_then(Value::as_str);
    assert_ne!(code, Some("INTERNAL"), "{place}: the service failed: {value:#}");
    for (_, kept) in block.attributes.iter().filter(|(name, _)| name == "keep") {
        let (name, pointer) = kept.split_once(':').expect("keep=NAME:/pointer");
        let found = value.pointer(pointer).and_then(Value::as_str);
        let found = found.unwrap_or_else(|| panic!("{place}: no text at {pointer}: {value:#}"));
        city.keep(name, found);
    }
    redactions().redact(&answer)
}

/// A block's text with the values of the names in it.
fn filled_in(city: &City, text: &str, place: &str) -> String {
    let name = regex::Regex::new(r"\$([A-Z][A-Z0-9_]*)").expect("a pattern");
    let value = |found: &regex::Captures<'_>| {
        let value = city.value(&found[1]);
        value.unwrap_or_else(|| panic!("{place}: nothing is kept as {}", &found[1])).to_owned()
    };
    name.replace_all(text, value).into_owned()
}

fn duration(text: &str, place: &str) -> TimeDelta {
    let (count, unit) = text.split_at(text.len().saturating_sub(1));
    let count = count.parse().unwrap_or_else(|_| panic!("{place}: after={text}"));
    match unit {
        "m" => TimeDelta::minutes(count),
        "h" => TimeDelta::hours(count),
        "d" => TimeDelta::days(count),
        _ => panic!("{place}: after={text}, which needs m, h or d"),
    }
}

/// The document's text where it holds the same JSON value, else the answer laid out anew.
fn answer_text(written: &str, answer: &str) -> String {
    let value = |text: &str| serde_json::from_str::<Value>(text).ok();
    if value(written).is_some_and(|written| Some(written) == value(answer)) {
        return written.to_owned();
    }
    laid_out(answer)
}

/// Runs a block's commands: its text with what they print.
fn console(city: &mut City, block: &Block, place: &str) -> String {
    let mut text = String::new();
    let mut lines = block.text.lines();
    assert!(block.text.starts_with("$ "), "{place}: begin with a command after `$ `");
    while let Some(line) = lines.next() {
        let Some(mut command) = line.strip_prefix("$ ").map(str::to_owned) else { continue };
        while command.ends_with('\\') {
            command.push('\n');
            command.push_str(lines.next().expect("the rest of the command"));
        }
        text.extend(["$ ", &command, "\n"]);
        let substitution = command.strip_prefix("export ").and_then(|rest| rest.split_once("=$("));
        if let Some((name, inner)) = substitution {
            let inner = inner.strip_suffix(')').expect("the end of the substitution");
            let printed = city.sh(inner, Outputs::Standard);
            assert!(!printed.trim().is_empty(), "{place}: {command} prints nothing");
            city.keep(name, printed.trim());
            continue;
        }
        let printed = redactions().redact(&city.sh(&command, Outputs::Both));
        text.push_str(&printed);
        if !printed.is_empty() && !printed.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}

/// Checks that the arguments of each `candor` command of a block exist.
fn commands_exist(block: &Block, place: &str) {
    for line in block.text.lines() {
        let line = line.split(" #").next().unwrap_or_default();
        let mut words = line.split_whitespace().skip_while(|word| word.contains('='));
        let words: Vec<&str> = match words.next() {
            Some("candor" | "target/release/candor") => words.collect(),
            Some("cargo") => {
                let rest: Vec<_> = words.collect();
                if rest.first() != Some(&"run") {
                    continue;
                }
                rest.into_iter().skip_while(|word| *word != "--").skip(1).collect()
            }
            _ => continue,
        };
        let parsed = Arguments::try_parse_from(["candor"].into_iter().chain(words));
        if let Err(error) = parsed {
            let is_shown = !error.use_stderr();
            assert!(is_shown, "{place}: {line}: {error}");
        }
    }
}
