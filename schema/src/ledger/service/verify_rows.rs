//! Compares the tables with the ledger: the rows recorded by each chain must equal the stored rows, and
//! each stored row must have an entry.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::rows::{Salt, recorded_value};
use super::verify_entry;
use crate::canonical::sha256;
use crate::database::{Keeping, RecordedTable, RowImage};
use crate::fault::{Fault, Result};
use crate::id::SubjectId;
use crate::ledger::entity::Model;
use crate::ledger::model::{LedgerAction, PARENT_KEY, ROWS_KEY, RegisterId, SALT_KEY};
use crate::ledger::store;

/// The number of entries per batch.
const BATCH_ENTRIES: u64 = 1_000;
/// The maximum number of subjects per comparison.
const MAX_GROUP_SUBJECTS: usize = 200;
/// The number of rows after which a comparison takes no further subject.
const MAX_GROUP_ROWS: usize = 1_000;

/// The TypeID prefixes of subjects without a parent: the service, imports and registers.
const PREFIXES_WITHOUT_PARENT: [&str; 3] = ["svc", "imp", RegisterId::PREFIX];

/// The result of comparing the ledger with the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowVerification {
    /// The number of entries whose hash and position were recomputed.
    pub entries: u64,
    /// The number of rows compared with their entries.
    pub rows: u64,
    /// The number of personal values that were deleted with their salt.
    pub removed: u64,
    /// The first inconsistency, in words with its identifier.
    pub inconsistency: Option<String>,
}

/// Recomputes every chain and compares the rows that it records with the tables, in both directions and
/// every column. Calls `progress` with the number of entries done.
pub async fn verify_rows(
    db: &DatabaseTransaction,
    tables: &[RecordedTable],
    progress: impl Fn(u64),
) -> Result<RowVerification> {
    let mut comparison = Comparison::new(tables);
    let mut before: Option<Model> = None;
    let mut group = Vec::<Chain>::new();
    loop {
        let after = before.as_ref().map(|row| (row.subject_id, row.sequence));
        let entries = store::load_batch(db, after, BATCH_ENTRIES).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            comparison.result.entries += 1;
            let previous = before.take().filter(|before| before.subject_id == entry.subject_id);
            let data = match verify_entry(&entry, previous.as_ref()) {
                Ok(data) => data,
                Err(inconsistency) => {
                    comparison.result.inconsistency = Some(inconsistency);
                    return Ok(comparison.result);
                }
            };
            if previous.is_none() {
                let rows: usize = group.iter().map(|chain| chain.rows.len()).sum();
                if group.len() >= MAX_GROUP_SUBJECTS || rows >= MAX_GROUP_ROWS {
                    comparison.compare(db, std::mem::take(&mut group)).await?;
                }
                group.push(Chain::new(&entry));
            }
            if let Some(Err(inconsistency)) = group.last_mut().map(|chain| chain.add(&entry, &data))
            {
                comparison.report(inconsistency);
            }
            before = Some(entry);
        }
        if comparison.result.inconsistency.is_some() {
            return Ok(comparison.result);
        }
        progress(comparison.result.entries);
    }
    comparison.compare(db, group).await?;
    comparison.finish(db).await?;
    Ok(comparison.result)
}

/// What the entries of one subject record.
struct Chain {
    subject: SubjectId,
    /// The rows as last written, by table and key, with the sequence of the entry; null columns if
    /// the row was removed.
    rows: HashMap<(String, String), (Value, i64)>,
    /// The digests of the entries' salts, by sequence.
    salts: HashMap<i64, String>,
    /// The parent that the first entry names.
    parent: Option<String>,
    /// In a register, the subjects that it lists.
    added: Vec<String>,
    /// In a register, the parent of the subjects that it lists.
    register_of: Option<String>,
}

impl Chain {
    fn new(entry: &Model) -> Self {
        Self {
            subject: SubjectId { uuid: entry.subject_id, text: entry.subject.clone() },
            rows: HashMap::new(),
            salts: HashMap::new(),
            parent: None,
            added: Vec::new(),
            register_of: None,
        }
    }

    fn prefix(&self) -> &str {
        self.subject.text.rsplit_once('_').map_or("", |(prefix, _)| prefix)
    }

    /// Adds what an entry with this data records.
    ///
    /// # Errors
    /// The inconsistency, in words.
    fn add(&mut self, entry: &Model, data: &Value) -> Result<(), String> {
        let name = || format!("ledger of {}, entry {}", entry.subject, entry.sequence);
        if entry.subject != self.subject.text
            || SubjectId::parse(&entry.subject).is_none_or(|it| it.uuid != entry.subject_id)
        {
            return Err(format!("{}: its subject has another identifier", name()));
        }
        for row in data[ROWS_KEY].as_array().into_iter().flatten() {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let key = (text("table"), text("key"));
            self.rows.insert(key, (row["columns"].clone(), entry.sequence));
        }
        if let Some(salt) = data[SALT_KEY].as_str() {
            self.salts.insert(entry.sequence, salt.to_owned());
        }
        if let Some(parent) = data[PARENT_KEY].as_str()
            && self.parent.replace(parent.to_owned()).is_some()
        {
            return Err(format!("{}: it begins the subject a second time", name()));
        }
        if entry.action == LedgerAction::RegisterAdded.as_str() {
            self.register_of = data["of"].as_str().map(ToOwned::to_owned);
            let added = data["added"].as_array().into_iter().flatten();
            self.added.extend(added.filter_map(Value::as_str).map(ToOwned::to_owned));
        }
        Ok(())
    }
}

/// The comparison of chains with tables, group by group.
struct Comparison<'a> {
    tables: &'a [RecordedTable],
    result: RowVerification,
    /// The number of rows loaded for chains, per table.
    row_counts: BTreeMap<&'static str, u64>,
    /// The number of subjects that registers list.
    registered_count: u64,
    /// The number of subjects that name a parent.
    child_count: u64,
    /// The number of salts that belong to entries.
    salt_count: u64,
}

impl<'a> Comparison<'a> {
    fn new(tables: &'a [RecordedTable]) -> Self {
        Self {
            tables,
            result: RowVerification::default(),
            row_counts: tables.iter().map(|table| (table.name, 0)).collect(),
            registered_count: 0,
            child_count: 0,
            salt_count: 0,
        }
    }

    /// Records an inconsistency if it is the first.
    fn report(&mut self, inconsistency: String) {
        self.result.inconsistency.get_or_insert(inconsistency);
    }

    /// Compares the rows of some chains with the tables.
    async fn compare(&mut self, db: &DatabaseTransaction, chains: Vec<Chain>) -> Result<()> {
        let subjects: Vec<Uuid> = chains.iter().map(|chain| chain.subject.uuid).collect();
        let salts = store::load_salts(db, subjects.clone()).await?.into_iter();
        let salts: HashMap<(Uuid, i64), Salt> =
            salts.map(|row| ((row.subject_id, row.sequence), Salt(row.salt))).collect();
        self.salt_count += u64::try_from(salts.len()).unwrap_or(u64::MAX);
        for chain in &chains {
            self.check_register(db, chain).await?;
        }
        let mut expected: HashMap<Uuid, Chain> =
            chains.into_iter().map(|chain| (chain.subject.uuid, chain)).collect();
        for ((subject, sequence), salt) in &salts {
            let chain = expected.get(subject);
            let recorded = chain.and_then(|chain| chain.salts.get(sequence));
            if recorded != Some(&sha256(&salt.0)) {
                let name = chain.map_or_else(String::new, |chain| chain.subject.text.clone());
                self.report(format!(
                    "ledger of {name}, entry {sequence}: its salt does not match its digest"
                ));
            }
        }
        for table in self.tables {
            let rows = match table.load(db, subjects.clone()).await {
                Ok(rows) => rows,
                Err(error) => {
                    self.report(unreadable_row_message(table.name, error)?);
                    return Ok(());
                }
            };
            for row in rows {
                self.result.rows += 1;
                *self.row_counts.entry(table.name).or_default() += 1;
                let Some(chain) = expected.get_mut(&row.subject) else { continue };
                let key = (row.table.to_owned(), row.key.clone());
                let recorded = chain.rows.remove(&key).filter(|(columns, _)| !columns.is_null());
                let name = row_name(&chain.subject, row.table, &row.key);
                let Some((columns, sequence)) = recorded else {
                    self.report(format!("{name}: the ledger has no entry for it"));
                    continue;
                };
                let salt = salts.get(&(row.subject, sequence));
                match compare_row(&row, &columns, salt)? {
                    Ok(removed) => self.result.removed += removed,
                    Err(difference) => self.report(format!("{name}: {difference}")),
                }
            }
        }
        let mut missing = Vec::new();
        for chain in expected.values() {
            let remaining = chain.rows.iter().filter(|(_, (columns, _))| !columns.is_null());
            missing.extend(remaining.map(|((table, key), _)| {
                let name = row_name(&chain.subject, table, key);
                format!("{name}: the ledger has entries for it, and the row is missing")
            }));
        }
        missing.sort_unstable();
        if let Some(first) = missing.into_iter().next() {
            self.report(first);
        }
        Ok(())
    }

    /// Compares a register with the chains of the subjects that it lists.
    async fn check_register(&mut self, db: &DatabaseTransaction, chain: &Chain) -> Result<()> {
        let subject = &chain.subject.text;
        if !PREFIXES_WITHOUT_PARENT.contains(&chain.prefix()) {
            self.child_count += 1;
            if chain.parent.is_none() {
                self.report(format!("ledger of {subject}: its first entry is missing"));
            }
        }
        let Some(of) = &chain.register_of else { return Ok(()) };
        let register = SubjectId::parse(of).map(|parent| RegisterId::of(parent.uuid).uuid());
        if register != Some(chain.subject.uuid) {
            self.report(format!("ledger of {subject}: it is not the register of {of}"));
        }
        let mut names = HashSet::new();
        for added in chain.added.chunks(500) {
            let ids: Vec<SubjectId> = added.iter().filter_map(|it| SubjectId::parse(it)).collect();
            let uuids = ids.iter().map(|id| id.uuid).collect();
            let mut parents = HashMap::<Uuid, String>::new();
            for (subject, data) in store::list_parent_entries(db, uuids).await? {
                let data: Value = serde_json::from_str(&data).unwrap_or_default();
                if let Some(text) = data[PARENT_KEY].as_str() {
                    parents.insert(subject, text.to_owned());
                }
            }
            for name in added {
                self.registered_count += 1;
                let recorded = SubjectId::parse(name).and_then(|id| parents.get(&id.uuid));
                if recorded != Some(of) || !names.insert(name.clone()) {
                    self.report(format!(
                        "{name}: the register of {of} lists it, and the ledger has no such subject"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Compares the totals after the last chain.
    async fn finish(&mut self, db: &DatabaseTransaction) -> Result<()> {
        for table in self.tables {
            let stored = table.count(db).await?;
            let compared = self.row_counts.get(table.name).copied().unwrap_or_default();
            if stored != compared {
                let orphan = table.find_orphan(db).await?;
                let orphan = orphan.map_or_else(|| "several".to_owned(), |orphan| orphan.key);
                self.report(format!("{} {orphan}: the ledger has no entry for it", table.name));
            }
        }
        if store::count_salts(db).await? != self.salt_count {
            self.report("there are salts that belong to no ledger entry".to_owned());
        }
        if self.registered_count != self.child_count {
            self.report(format!(
                "the registers list {} subjects, and the ledger has {}",
                self.registered_count, self.child_count
            ));
        }
        Ok(())
    }
}

/// Returns the name of a row in a report: its table and subject, and its key if the subject has several
/// rows.
fn row_name(subject: &SubjectId, table: &str, key: &str) -> String {
    if key == subject.uuid.to_string() {
        return format!("{table} {}", subject.text);
    }
    format!("{table} {key} of {}", subject.text)
}

/// Returns the message for a table with a row that cannot be read.
///
/// # Errors
/// `Unavailable` if the error is that the database cannot be reached.
pub(super) fn unreadable_row_message(table: &str, error: DbErr) -> Result<String> {
    match error {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Err(Fault::from(error)),
        error => Ok(format!("table {table}: one of its rows cannot be read ({error})")),
    }
}

/// Compares a row with its recorded columns. Returns the number of personal values that were deleted with
/// their salt, or the first difference in words.
fn compare_row(
    row: &RowImage,
    recorded: &Value,
    salt: Option<&Salt>,
) -> Result<Result<u64, String>> {
    let columns = row.columns.as_deref().unwrap_or_default();
    let mut removed = 0;
    for column in columns {
        let Some(recorded) = recorded.get(column.name) else {
            // A column that was added after the row was recorded.
            if column.value == column.value_before {
                continue;
            }
            return Ok(Err(format!("the ledger has no value of its {}", column.name)));
        };
        let is_salted = column.keeping == Keeping::Personal && !recorded.is_null();
        let same = match salt {
            None if is_salted && column.value.is_null() => {
                removed += 1;
                true
            }
            None if is_salted => false,
            None => recorded_value(row, column, &Salt(String::new()))? == *recorded,
            Some(salt) => recorded_value(row, column, salt)? == *recorded,
        };
        if !same {
            let (name, is_shown) = (column.name, column.keeping == Keeping::Value);
            return Ok(Err(match (is_shown, &column.value, recorded) {
                (true, Value::String(value), Value::String(recorded)) => {
                    format!("its {name} is {value}, and the ledger says {recorded}")
                }
                _ => format!("its {name} is not what the ledger says"),
            }));
        }
    }
    let extra = recorded.as_object().into_iter().flat_map(|recorded| recorded.keys());
    let extra = extra.into_iter().find(|name| !columns.iter().any(|it| it.name == name.as_str()));
    Ok(match extra {
        Some(name) => Err(format!("it has no {name}, and the ledger has one")),
        None => Ok(removed),
    })
}
