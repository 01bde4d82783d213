//! The same statements without Candor: a script for pgbench that runs them in the same transactions; writes each
//! time for another firm.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::{Command, Stdio};

use sea_orm::{ConnectOptions, ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use crate::recording::Step;
use crate::test_app::TestApp;
use crate::{cluster, run};

/// The variable of pgbench with the number of the firm.
const FIRM: &str = ":candor_firm";
/// The number of characters of a UUID.
const UUID_LENGTH: usize = 36;

/// A script that was written for pgbench.
pub struct Replay {
    script: String,
    database: String,
}

impl Replay {
    /// Writes the script that does the steps for another firm each time: with another `word` where that is
    /// in a value, and another UUID for each that is not in `kept`.
    pub async fn prepare(app: &TestApp, steps: &[Step], word: &str, kept: &BTreeSet<Uuid>) -> Self {
        let mut names = BTreeMap::new();
        for step in steps {
            if let Step::Statement { sql, .. } = step {
                let next = format!("statement_{}", names.len());
                names.entry(sql.as_str()).or_insert(next);
            }
        }
        let types = parameter_types(app, &names).await;
        let mut script = "\\set candor_n :candor_n + 1\n\
            \\set candor_firm :candor_run * 100000000 + :client_id * 1000000 + :candor_n\n\
            \\if :candor_n = 1\n"
            .to_owned();
        for (sql, name) in &names {
            writeln!(script, "PREPARE {name}({}) AS {sql};", types[name].join(", ")).expect("text");
        }
        script.push_str("\\endif\n");
        for step in steps {
            match step {
                Step::Begin => script.push_str("BEGIN;\n"),
                Step::Commit => script.push_str("COMMIT;\n"),
                Step::Statement { sql, values } => {
                    let name = &names[sql.as_str()];
                    // The key of a lock is computed from an identifier: each firm has its own here. Candor's
                    // firms wait for one of sixteen when they register.
                    let is_lock = sql.contains("pg_advisory_xact_lock");
                    let values = values.iter().zip(&types[name]).map(|(value, kind)| match value {
                        None => "NULL".to_owned(),
                        Some(key) if is_lock => format!("hashtextextended('{key}{FIRM}', 0)"),
                        Some(value) => expression(value, kind, word, kept),
                    });
                    let values: Vec<String> = values.collect();
                    let values = values.join(", ");
                    if values.is_empty() {
                        writeln!(script, "EXECUTE {name};").expect("text");
                    } else {
                        writeln!(script, "EXECUTE {name}({values});").expect("text");
                    }
                }
            }
        }
        Self { script, database: app.url.clone() }
    }

    /// Writes the script that does the steps with the same values each time.
    pub async fn of_reads(app: &TestApp, steps: &[Step]) -> Self {
        /// No value contains it.
        const NO_WORD: &str = "\u{1}";
        Self::prepare(app, steps, NO_WORD, &list_uuids(steps)).await
    }

    /// Runs the script `firms` times over `connections`; returns the firms per second. `run_number` differs
    /// each time.
    #[must_use]
    pub fn run(&self, run_number: usize, connections: usize, firms: usize) -> f64 {
        self.pgbench(run_number, connections, ["-t", &(firms / connections).to_string()])
    }

    /// Runs a script of reads over `connections` for some seconds; returns how often it ran each second.
    #[must_use]
    pub fn run_for(&self, connections: usize, seconds: usize) -> f64 {
        self.pgbench(0, connections, ["-T", &seconds.to_string()])
    }

    fn pgbench(&self, run_number: usize, connections: usize, limit: [&str; 2]) -> f64 {
        let path = run::directory().join(format!("replay-{}.sql", Uuid::now_v7().simple()));
        std::fs::write(&path, &self.script).expect("a disk with room");
        let binaries = cluster::binaries().expect("the programs of PostgreSQL");
        let mut pgbench = Command::new(binaries.join("pgbench"));
        let threads = connections.min(2).to_string();
        pgbench.args(["-n", "-M", "simple", "-j", &threads, "-D", "candor_n=0"]).args(limit);
        pgbench.arg("-D").arg(format!("candor_run={run_number}"));
        pgbench.arg("-c").arg(connections.to_string());
        pgbench.arg("-f").arg(&path).arg(&self.database);
        let output = pgbench.stdin(Stdio::null()).output().expect("pgbench");
        let (text, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && !errors.contains("ERROR"), "{text}\n{errors}");
        let speed = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let speed = speed.and_then(|rest| rest.split_whitespace().next());
        speed.and_then(|speed| speed.parse().ok()).expect("the runs per second")
    }
}

/// Returns the types of the parameters of each statement, as the server infers them.
async fn parameter_types(
    app: &TestApp,
    names: &BTreeMap<&str, String>,
) -> BTreeMap<String, Vec<String>> {
    let mut options = ConnectOptions::new(&app.url);
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await.expect("the database");
    for (sql, name) in names {
        let prepare = format!("PREPARE {name} AS {sql}");
        connection.execute_unprepared(&prepare).await.expect(sql);
    }
    let select = "SELECT name, array_to_string(parameter_types::text[], ',') AS types
        FROM pg_prepared_statements WHERE name LIKE 'statement_%'";
    let select = Statement::from_string(DbBackend::Postgres, select);
    let rows = connection.query_all_raw(select).await.expect("the statements");
    connection.close_by_ref().await.expect("a connection that ends");
    let rows = rows.iter().map(|row| {
        let name = row.try_get::<String>("", "name").expect("a name");
        let types = row.try_get::<String>("", "types").expect("types");
        (name, types.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect())
    });
    rows.collect()
}

/// Returns the SQL of a value of a type, for the firm of the script's variable.
fn expression(value: &str, kind: &str, word: &str, kept: &BTreeSet<Uuid>) -> String {
    let mut parts = vec![String::new()];
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let begins_with = |length: usize| rest.get(..length);
        if let Some(uuid) = begins_with(UUID_LENGTH).and_then(|it| Uuid::try_parse(it).ok())
            && !kept.contains(&uuid)
        {
            parts.push(format!("md5('{uuid}{FIRM}')::uuid::text"));
            parts.push(String::new());
            rest = &rest[UUID_LENGTH..];
            continue;
        }
        let literal = parts.last_mut().expect("a part");
        if begins_with(word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word)) {
            literal.push_str(&rest[..word.len()]);
            literal.push_str(FIRM);
            rest = &rest[word.len()..];
            continue;
        }
        literal.push(first);
        if first == '\'' {
            literal.push(first);
        }
        rest = &rest[first.len_utf8()..];
    }
    // The parts at even places are literals, those between them expressions.
    let parts = parts.iter().enumerate();
    let parts =
        parts.map(|(at, part)| if at % 2 == 0 { format!("'{part}'") } else { part.clone() });
    let parts: Vec<String> = parts.collect();
    format!("({})::{kind}", parts.join(" || "))
}

/// Returns the UUIDs in the values of some steps.
#[must_use]
pub fn list_uuids(steps: &[Step]) -> BTreeSet<Uuid> {
    let values = steps.iter().flat_map(|step| match step {
        Step::Begin | Step::Commit => &[][..],
        Step::Statement { values, .. } => values,
    });
    let in_value = |value: &String| -> Vec<Uuid> {
        let starts = (0..value.len()).filter_map(|at| value.get(at..at + UUID_LENGTH));
        starts.filter_map(|text| Uuid::try_parse(text).ok()).collect()
    };
    values.flatten().flat_map(in_value).collect()
}
