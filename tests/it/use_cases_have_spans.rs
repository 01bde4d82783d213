//! Every use case that an operation calls has a span, so that its log lines and the time that it
//! takes are attributed to it. The span has no values except identifiers and numbers.
use std::fs;
use std::path::{Path, PathBuf};

/// Use cases without a span, as `feature::function`, each with the reason.
const EXCEPTIONS: [(&str, &str); 0] = [];

/// A public async function that takes a viewer.
#[derive(Debug)]
struct UseCase {
    name: String,
    /// Its attributes, without white space.
    attributes: String,
    /// Its parameters and result, as in the source.
    signature: String,
}

/// Lists the use cases in a source file.
fn list_use_cases(source: &str) -> Vec<UseCase> {
    const START: &str = "pub async fn ";
    let mut use_cases = Vec::new();
    for (at, _) in source.match_indices(START) {
        let line_start = source[..at].rfind('\n').map_or(0, |end| end + 1);
        let (before, signature) = (&source[..line_start], &source[at + START.len()..]);
        let is_code = source[line_start..at].trim().is_empty();
        let arguments = signature.split(['{', ';']).next().unwrap_or_default();
        if !is_code || !arguments.contains("&Viewer") {
            continue;
        }
        let name = signature.split(['(', '<']).next().unwrap_or_default().to_owned();
        let (attributes, signature) = (attributes_above(before), arguments.to_owned());
        use_cases.push(UseCase { name, attributes, signature });
    }
    use_cases
}

/// Returns the attributes at the end of `before`, without comments and white space.
fn attributes_above(before: &str) -> String {
    let lines = before.lines().rev().map(str::trim);
    // An item before it ends in a brace or a semicolon, and is followed by an empty line.
    let lines = lines.take_while(|line| !line.is_empty() && !line.ends_with(['}', ';', '{']));
    let mut lines = lines.filter(|line| !line.starts_with("//")).collect::<Vec<_>>();
    lines.reverse();
    lines.concat().split_whitespace().collect()
}

/// Returns what is wrong with the attributes of a use case, if anything.
fn find_problem(use_case: &UseCase) -> Option<String> {
    let Some((_, after)) = use_case.attributes.split_once("#[tracing::instrument(") else {
        return Some("has no #[tracing::instrument(skip_all, …)]".to_owned());
    };
    let arguments = after.split(")]").next().unwrap_or_default();
    let (options, fields) = match arguments.split_once("fields(") {
        Some((options, fields)) => (options, fields.trim_end_matches(',')),
        None => (arguments, ""),
    };
    let mut options = options.split(',').filter(|option| !option.is_empty()).peekable();
    if options.peek() != Some(&"skip_all") {
        return Some("does not begin with skip_all, so its arguments are logged".to_owned());
    }
    if let Some(option) = options.find(|option| ["ret", "err"].contains(option)) {
        return Some(format!("logs its result, because of `{option}`"));
    }
    let fields = fields.strip_suffix(')').unwrap_or(fields);
    let mut fields = fields.split(',').filter(|field| !field.is_empty());
    let other = fields.find(|field| !is_loggable(field, &use_case.signature))?;
    Some(format!("has the field `{other}`; only identifiers and numbers may be logged"))
}

/// Returns whether a field is an identifier or a length: `id`, `id=%input.bid_id`, `bids=bids.len()`,
/// or `id=%bid` if the signature has `bid: BidId`; but not `name=%input.name`.
fn is_loggable(field: &str, signature: &str) -> bool {
    let value = field.split_once('=').map_or(field, |(_, value)| value);
    let value = value.trim_start_matches(['%', '?', '&']);
    let last = value.rsplit(['.', ':']).next().unwrap_or_default();
    let parameters = signature.split(['(', ',', ')']).filter_map(|part| part.split_once(": "));
    let mut types = parameters.filter(|(name, _)| name.trim() == value).map(|(_, kind)| kind);
    ["id", "len()"].contains(&last)
        || last.ends_with("_id")
        || types.any(|kind| kind.ends_with("Id") || kind == "Uuid")
}

/// Lists the source files of the features' `service` folders, as feature and path.
fn list_service_files() -> Vec<(String, PathBuf)> {
    fn walk(feature: &str, path: &Path, files: &mut Vec<(String, PathBuf)>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).expect("a folder to read") {
                walk(feature, &entry.expect("an entry to read").path(), files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((feature.to_owned(), path.to_owned()));
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join("schema/src")).expect("the features") {
        let feature = entry.expect("an entry to read");
        let service = feature.path().join("service");
        if service.is_dir() {
            walk(&feature.file_name().to_string_lossy(), &service, &mut files);
        }
    }
    files
}

#[test]
fn every_use_case_has_a_span_with_identifiers_alone() {
    let (mut wrong, mut excepted, mut number) = (Vec::new(), Vec::new(), 0);
    for (feature, file) in list_service_files() {
        for use_case in list_use_cases(&fs::read_to_string(&file).expect("a file to read")) {
            number += 1;
            let name = format!("{feature}::{}", use_case.name);
            if EXCEPTIONS.iter().any(|(exception, _)| *exception == name) {
                excepted.push(name);
            } else if let Some(problem) = find_problem(&use_case) {
                wrong.push(format!("{name} ({}) {problem}", file.display()));
            }
        }
    }
    assert!(number > 50, "only {number} use cases were found");
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {number}:\n{}", wrong.len(), wrong.join("\n"));
    for (exception, _) in EXCEPTIONS {
        assert!(excepted.iter().any(|name| name == exception), "{exception} does not exist");
    }
}

#[test]
fn a_use_case_without_a_safe_span_is_detected() {
    let function = "pub async fn file(\n    db: &Database,\n    viewer: &Viewer,\n    bid: BidId,\n    \
                    note: String,\n) -> Result<()> {\n";
    let problem_of = |above: &str| {
        let use_cases = list_use_cases(&format!("fn a() {{\n}}\n{above}{function}"));
        assert_eq!(use_cases.len(), 1, "{above}");
        assert_eq!(use_cases[0].name, "file");
        find_problem(&use_cases[0])
    };
    for right in [
        "#[tracing::instrument(skip_all)]\n",
        "/// Files.\n#[tracing::instrument(skip_all, fields(id))]\n#[must_use]\n",
        "#[tracing::instrument(skip_all, fields(id = %input.disclosure_id))]\n/// Files.\n",
        "#[tracing::instrument(\n    skip_all,\n    fields(organization = %id, bid = %bid.id),\n)]\n",
        "#[tracing::instrument(skip_all, fields(id = %bid, bids = bids.len()))]\n",
    ] {
        assert_eq!(problem_of(right), None, "{right}");
    }
    for wrong in [
        "",
        "/// Files.\n",
        "// #[tracing::instrument(skip_all)]\n",
        "#[tracing::instrument(skip_all)]\nfn another() {}\n",
        "#[tracing::instrument]\n",
        "#[tracing::instrument(skip(db))]\n",
        "#[tracing::instrument(skip_all, err)]\n",
        "#[tracing::instrument(skip_all, fields(note))]\n",
        "#[tracing::instrument(skip_all, fields(name = %input.name))]\n",
        "#[tracing::instrument(skip_all, fields(id = %id, viewer = %viewer.email))]\n",
    ] {
        assert!(problem_of(wrong).is_some(), "{wrong}");
    }
    let private = "async fn file(viewer: &Viewer) {\n";
    let without_viewer = "pub async fn file(db: &Database) {\n    let viewer: &Viewer;\n";
    assert!(list_use_cases(private).is_empty() && list_use_cases(without_viewer).is_empty());
}
