//! How an answer is written into a document.
use async_graphql::Value;
use snapbox::Redactions;

/// The longest line of an answer, in bytes, unless one value is longer.
const WIDTH: usize = 100;

/// What differs from run to run, and what stands for it.
pub fn redactions() -> Redactions {
    let mut redactions = Redactions::new();
    for (placeholder, pattern) in [
        ("[ID]", r"\b[a-z]{2,6}_(?<redacted>[0-9a-hjkmnp-tv-z]{26})\b"),
        ("[SECRET]", r"\bcandor_(?<redacted>[0-9A-Za-z_-]{43})"),
        ("[DIGEST]", r"\b(?<redacted>[0-9a-f]{64})\b"),
        ("[CURSOR]", r#""(?:cursor|startCursor|endCursor)":\s*"(?<redacted>[^"\[]+)""#),
        ("[SECONDS]", r" in (?<redacted>\d+\.\d) s\b"),
    ] {
        let pattern = regex::Regex::new(pattern).expect("a pattern");
        redactions.insert(placeholder, pattern).expect("a placeholder");
    }
    redactions
}

/// An answer as JSON with its members in the order in which they came, on as few lines as fit.
pub fn laid_out(answer: &str) -> String {
    let value: Value = serde_json::from_str(answer).expect(answer);
    let mut text = String::new();
    write(&value, 0, 0, &mut text);
    text.push('\n');
    text
}

/// `used` is what already stands on the line before the value, and what must follow it.
fn write(value: &Value, depth: usize, used: usize, text: &mut String) {
    let short = inline(value);
    if used + short.len() <= WIDTH {
        text.push_str(&short);
        return;
    }
    let indent = "  ".repeat(depth + 1);
    let end = "  ".repeat(depth);
    match value {
        // What holds one thing alone opens and closes on the lines of that thing.
        Value::Object(members) if members.len() == 1 => {
            for (name, value) in members {
                let start = format!("{{\"{name}\": ");
                text.push_str(&start);
                write(value, depth, used + start.len() + 1, text);
                text.push('}');
            }
        }
        Value::List(values) if values.len() == 1 => {
            text.push('[');
            write(&values[0], depth, used + 2, text);
            text.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            text.push_str("{\n");
            for (place, (name, value)) in members.iter().enumerate() {
                let start = format!("{indent}\"{name}\": ");
                text.push_str(&start);
                write(value, depth + 1, start.len() + 1, text);
                text.push_str(if place + 1 < members.len() { ",\n" } else { "\n" });
            }
            text.push_str(&end);
            text.push('}');
        }
        Value::List(values) if !values.is_empty() => {
            text.push_str("[\n");
            for (place, value) in values.iter().enumerate() {
                text.push_str(&indent);
                write(value, depth + 1, indent.len() + 1, text);
                text.push_str(if place + 1 < values.len() { ",\n" } else { "\n" });
            }
            text.push_str(&end);
            text.push(']');
        }
        _ => text.push_str(&short),
    }
}

/// A value on one line.
fn inline(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Object(members) => {
            let member = |(name, value)| format!("\"{name}\": {}", inline(value));
            format!("{{{}}}", joined(members.iter().map(member).collect()))
        }
        Value::List(values) => format!("[{}]", joined(values.iter().map(inline).collect())),
        scalar => serde_json::to_string(scalar).expect("a JSON value"),
    }
}
