//! Names of the parts of a disclosure, for people: not their paths in the API.

/// Describes a part of a disclosure by its path from the root: `dhs.agreements.1.compensation` is
/// `agreement 2, compensation`. The whole disclosure for an empty path.
#[must_use]
pub fn describe_part(path: &[String]) -> String {
    let mut steps = path.iter().map(String::as_str).peekable();
    let mut names: Vec<String> = Vec::new();
    let mut section = None;
    while let Some(step) = steps.next() {
        let index = steps.peek().and_then(|it| it.parse::<usize>().ok());
        if index.is_some() {
            steps.next();
        }
        match step {
            "statement" => {}
            "dhs" => section = Some("the section about agreements with Homeland Security"),
            "dataSharing" => section = Some("the section about data sharing"),
            "noneAttested" => names.push("the statement that there are none".into()),
            _ => names.push(name_of(step, index)),
        }
    }
    match (section, names.is_empty()) {
        (None, true) => "the whole disclosure".into(),
        (Some(section), true) => section.into(),
        // Items say which section they are in; a statement about a whole section does not.
        (Some(section), false) if !path.iter().any(|step| is_list(step)) => {
            format!("{section}, {}", names.join(", "))
        }
        (_, false) => names.join(", "),
    }
}

/// The name of a field, with the number of the item from 1.
fn name_of(field: &str, index: Option<usize>) -> String {
    let name = match field {
        "agreements" => "agreement".into(),
        "arrangements" => "data-sharing arrangement".into(),
        "startDate" => "start".into(),
        "startUnknownReason" => "reason why the start is not known".into(),
        "naics" => "NAICS code".into(),
        "psc" => "product or service code".into(),
        "includesCityData" => "whether City data is shared".into(),
        "onwardToDhs" => "onward transfer to Homeland Security".into(),
        "onwardToOthers" => "onward transfer to others".into(),
        "withheld" => "withheld part".into(),
        "attachments" => "attachment".into(),
        "confidentialityClaims" => "confidentiality claim".into(),
        "attestation" => "signature".into(),
        "email" => "e-mail address".into(),
        _ => split_words(field),
    };
    match index {
        // The path counts from 0, people from 1.
        Some(index) => format!("{name} {}", index.saturating_add(1)),
        None if is_list(field) => format!("all {name}s"),
        None => name,
    }
}

fn is_list(field: &str) -> bool {
    field == "agreements" || field == "arrangements"
}

/// `natureOfWork` is `nature of work`.
fn split_words(field: &str) -> String {
    let mut words = String::new();
    for letter in field.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::describe_part;

    #[test]
    fn parts_are_named_without_words_of_the_api() {
        for (path, expected) in [
            ("", "the whole disclosure"),
            ("dhs", "the section about agreements with Homeland Security"),
            ("dhs.agreements", "all agreements"),
            ("dhs.agreements.0", "agreement 1"),
            (
                "statement.dhs.agreements.1.compensation.current",
                "agreement 2, compensation, current",
            ),
            (
                "dataSharing.arrangements.0.recipientName",
                "data-sharing arrangement 1, recipient name",
            ),
            (
                "dataSharing.noneAttested",
                "the section about data sharing, the statement that there are none",
            ),
            ("attestation.signatory", "signature, signatory"),
            (
                "dhs.agreements.0.startUnknownReason",
                "agreement 1, reason why the start is not known",
            ),
            ("dhs.agreements.0.withheld.1.ground", "agreement 1, withheld part 2, ground"),
            ("confidentialityClaims.0.path", "confidentiality claim 1, path"),
        ] {
            let path: Vec<String> =
                path.split('.').filter(|it| !it.is_empty()).map(Into::into).collect();
            assert_eq!(describe_part(&path), expected, "{path:?}");
        }
    }
}
