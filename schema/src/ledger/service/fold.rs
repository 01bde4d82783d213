//! Compares the tables with the ledger: each chain must fold into exactly the stored rows, and each
//! row must have an entry.
use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::chain_error;
use super::rows::{Salt, kept_value};
use crate::canonical::sha256;
use crate::database::{Keeping, RecordedTable, RowImage};
use crate::fault::{Fault, Result};
use crate::id::SubjectId;
use crate::ledger::entity::Model;
use crate::ledger::model::{LedgerAction, ROWS, RegisterId, SALT, UNDER};
use crate::ledger::store;

/// The number of entries per batch.
const ENTRIES_A_BATCH: u64 = 1_000;
/// The maximum number of subjects per comparison.
const SUBJECTS_A_GROUP: usize = 200;
/// The number of rows after which a comparison takes no further subject.
const ROWS_A_GROUP: usize = 1_000;

/// The prefixes of subjects without a parent.
const ROOTS: [&str; 3] = ["svc", "imp", RegisterId::PREFIX];

/// The result of comparing the ledger with the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// The number of entries whose hash and position were recomputed.
    pub entries: u64,
    /// The number of rows compared with their entries.
    pub rows: u64,
    /// The number of personal values that were deleted with their salt.
    pub removed: u64,
    /// The first inconsistency, in words with its identifier.
    pub wrong: Option<String>,
}

/// Recomputes every chain, folds it into rows and compares them with the tables, in both directions
/// and every column. Calls `progress` with the number of entries done.
///
/// # Errors
/// `Unavailable` or `Internal` if the database fails.
pub async fn verify_rows(
    db: &DatabaseTransaction,
    tables: &[RecordedTable],
    progress: impl Fn(u64),
) -> Result<Folded> {
    let mut comparison = Comparison::new(tables);
    let mut before: Option<Model> = None;
    let mut group = Vec::<Chain>::new();
    loop {
        let after = before.as_ref().map(|row| (row.subject_id, row.sequence));
        let entries = store::batch(db, after, ENTRIES_A_BATCH).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            comparison.folded.entries += 1;
            let previous = before.take().filter(|before| before.subject_id == entry.subject_id);
            if let Some(wrong) = chain_error(&entry, previous.as_ref()) {
                comparison.folded.wrong = Some(wrong);
                return Ok(comparison.folded);
            }
            if previous.is_none() {
                let rows: usize = group.iter().map(|chain| chain.rows.len()).sum();
                if group.len() >= SUBJECTS_A_GROUP || rows >= ROWS_A_GROUP {
                    comparison.compare(db, std::mem::take(&mut group)).await?;
                }
                group.push(Chain::of(&entry));
            }
            if let Some(Err(wrong)) = group.last_mut().map(|chain| chain.fold(&entry)) {
                comparison.wrong(wrong);
            }
            before = Some(entry);
        }
        if comparison.folded.wrong.is_some() {
            return Ok(comparison.folded);
        }
        progress(comparison.folded.entries);
    }
    comparison.compare(db, group).await?;
    comparison.finish(db).await?;
    Ok(comparison.folded)
}

/// The folded entries of one subject.
struct Chain {
    subject: SubjectId,
    /// The rows as last written, by table and key, with the sequence of the entry; null columns if
    /// the row was removed.
    rows: HashMap<(String, String), (Value, i64)>,
    /// The digests of the entries' salts, by sequence.
    salts: HashMap<i64, String>,
    /// The parent.
    under: Option<String>,
    /// The subjects that a register lists, and its parent.
    added: Vec<String>,
    register_of: Option<String>,
}

impl Chain {
    fn of(entry: &Model) -> Self {
        Self {
            subject: SubjectId { uuid: entry.subject_id, text: entry.subject.clone() },
            rows: HashMap::new(),
            salts: HashMap::new(),
            under: None,
            added: Vec::new(),
            register_of: None,
        }
    }

    fn prefix(&self) -> &str {
        self.subject.text.rsplit_once('_').map_or("", |(prefix, _)| prefix)
    }

    fn fold(&mut self, entry: &Model) -> Result<(), String> {
        let place = || format!("ledger of {}, entry {}", entry.subject, entry.sequence);
        if entry.subject != self.subject.text
            || SubjectId::parse(&entry.subject).is_none_or(|it| it.uuid != entry.subject_id)
        {
            return Err(format!("{}: its subject has another identifier", place()));
        }
        let data: Value = serde_json::from_str(&entry.data)
            .map_err(|_| format!("{}: its data cannot be read", place()))?;
        for row in data[ROWS].as_array().into_iter().flatten() {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let key = (text("table"), text("key"));
            self.rows.insert(key, (row["columns"].clone(), entry.sequence));
        }
        if let Some(salt) = data[SALT].as_str() {
            self.salts.insert(entry.sequence, salt.to_owned());
        }
        if let Some(under) = data[UNDER].as_str()
            && self.under.replace(under.to_owned()).is_some()
        {
            return Err(format!("{}: it begins the subject a second time", place()));
        }
        if entry.action == LedgerAction::RegisterAdded.as_str() {
            self.register_of = data["of"].as_str().map(ToOwned::to_owned);
            let added = data["added"].as_array().into_iter().flatten();
            self.added.extend(added.filter_map(Value::as_str).map(ToOwned::to_owned));
        }
        Ok(())
    }
}

struct Comparison<'a> {
    tables: &'a [RecordedTable],
    folded: Folded,
    /// The number of rows in chains, per table.
    seen: BTreeMap<&'static str, u64>,
    /// The number of subjects that registers list, and of subjects that name a parent.
    named: u64,
    begun: u64,
    /// The number of salts that belong to entries.
    salts: u64,
}

impl<'a> Comparison<'a> {
    fn new(tables: &'a [RecordedTable]) -> Self {
        Self {
            tables,
            folded: Folded::default(),
            seen: tables.iter().map(|table| (table.name, 0)).collect(),
            named: 0,
            begun: 0,
            salts: 0,
        }
    }

    /// Records an inconsistency if it is the first.
    fn wrong(&mut self, wrong: String) {
        self.folded.wrong.get_or_insert(wrong);
    }

    async fn compare(&mut self, db: &DatabaseTransaction, chains: Vec<Chain>) -> Result<()> {
        let subjects: Vec<Uuid> = chains.iter().map(|chain| chain.subject.uuid).collect();
        let salts = store::salts(db, subjects.clone()).await?.into_iter();
        let salts: HashMap<(Uuid, i64), Salt> =
            salts.map(|row| ((row.subject_id, row.sequence), Salt(row.salt))).collect();
        self.salts += u64::try_from(salts.len()).unwrap_or(u64::MAX);
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
                self.wrong(format!("ledger of {name}, entry {sequence}: its salt is another"));
            }
        }
        for table in self.tables {
            let rows = match table.load(db, subjects.clone()).await {
                Ok(rows) => rows,
                Err(error) => {
                    self.wrong(unreadable(table.name, error)?);
                    return Ok(());
                }
            };
            for row in rows {
                self.folded.rows += 1;
                *self.seen.entry(table.name).or_default() += 1;
                let Some(chain) = expected.get_mut(&row.subject) else { continue };
                let key = (row.table.to_owned(), row.key.clone());
                let recorded = chain.rows.remove(&key).filter(|(columns, _)| !columns.is_null());
                let name = row_name(&chain.subject, row.table, &row.key);
                let Some((columns, sequence)) = recorded else {
                    self.wrong(format!("{name}: the ledger has no entry of it"));
                    continue;
                };
                let salt = salts.get(&(row.subject, sequence));
                match difference(&row, &columns, salt)? {
                    Ok(removed) => self.folded.removed += removed,
                    Err(wrong) => self.wrong(format!("{name}: {wrong}")),
                }
            }
        }
        let mut missing = Vec::new();
        for chain in expected.values() {
            let left = chain.rows.iter().filter(|(_, (columns, _))| !columns.is_null());
            missing.extend(left.map(|((table, key), _)| {
                let name = row_name(&chain.subject, table, key);
                format!("{name}: the ledger has entries of it, and it is not there")
            }));
        }
        missing.sort_unstable();
        if let Some(first) = missing.into_iter().next() {
            self.wrong(first);
        }
        Ok(())
    }

    /// Compares a register with the chains of the subjects that it lists.
    async fn check_register(&mut self, db: &DatabaseTransaction, chain: &Chain) -> Result<()> {
        let subject = &chain.subject.text;
        if !ROOTS.contains(&chain.prefix()) {
            self.begun += 1;
            if chain.under.is_none() {
                self.wrong(format!("ledger of {subject}: it has no beginning"));
            }
        }
        let Some(of) = &chain.register_of else { return Ok(()) };
        let parent = SubjectId::parse(of).map(|parent| RegisterId::of(parent.uuid).uuid());
        if parent != Some(chain.subject.uuid) {
            self.wrong(format!("ledger of {subject}: it is not the register of {of}"));
        }
        let mut names = HashSet::new();
        for added in chain.added.chunks(500) {
            let ids: Vec<SubjectId> = added.iter().filter_map(|it| SubjectId::parse(it)).collect();
            let uuids = ids.iter().map(|id| id.uuid).collect();
            let mut under = HashMap::<Uuid, String>::new();
            for (subject, data) in store::beginnings(db, uuids).await? {
                let data: Value = serde_json::from_str(&data).unwrap_or_default();
                if let Some(text) = data[UNDER].as_str() {
                    under.insert(subject, text.to_owned());
                }
            }
            for name in added {
                self.named += 1;
                let known = SubjectId::parse(name).and_then(|id| under.get(&id.uuid));
                if known != Some(of) || !names.insert(name.clone()) {
                    self.wrong(format!(
                        "{name}: the register of {of} names it, and the ledger has no such subject"
                    ));
                }
            }
        }
        Ok(())
    }

    async fn finish(&mut self, db: &DatabaseTransaction) -> Result<()> {
        for table in self.tables {
            let there = table.count(db).await?;
            let seen = self.seen.get(table.name).copied().unwrap_or_default();
            if there != seen {
                let orphan = table.orphan(db).await?;
                let orphan = orphan.map_or_else(|| "several".to_owned(), |orphan| orphan.key);
                self.wrong(format!("{} {orphan}: the ledger has no entry of it", table.name));
            }
        }
        if store::count_salts(db).await? != self.salts {
            self.wrong("there are salts that belong to no entry of the ledger".to_owned());
        }
        if self.named != self.begun {
            self.wrong(format!(
                "the registers name {} subjects, and the ledger has {}",
                self.named, self.begun
            ));
        }
        Ok(())
    }
}

/// Names a row in a report: by its subject's identifier, and by its key if the subject has several
/// rows.
fn row_name(subject: &SubjectId, table: &str, key: &str) -> String {
    if key == subject.uuid.to_string() {
        return format!("{table} {}", subject.text);
    }
    format!("{table} {key} of {}", subject.text)
}

/// Reports a table with an unreadable row.
///
/// # Errors
/// `Unavailable` if the database cannot be reached.
pub(super) fn unreadable(table: &str, error: DbErr) -> Result<String> {
    match error {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Err(Fault::from(error)),
        error => Ok(format!("table {table}: a row of it cannot be read ({error})")),
    }
}

/// Returns the first difference between a row and its entry, or the number of personal values that
/// were deleted with their salt.
fn difference(
    row: &RowImage,
    recorded: &Value,
    salt: Option<&Salt>,
) -> Result<Result<u64, String>> {
    let columns = row.columns.as_deref().unwrap_or_default();
    let mut removed = 0;
    for column in columns {
        let Some(recorded) = recorded.get(column.name) else {
            return Ok(Err(format!("the ledger does not tell its {}", column.name)));
        };
        let is_salted = column.keeping == Keeping::Personal && !recorded.is_null();
        let same = match salt {
            None if is_salted && column.value.is_null() => {
                removed += 1;
                true
            }
            None if is_salted => false,
            None => kept_value(row, column, &Salt(String::new()))? == *recorded,
            Some(salt) => kept_value(row, column, salt)? == *recorded,
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
        Some(name) => Err(format!("it has no {name}, and the ledger tells of one")),
        None => Ok(removed),
    })
}
