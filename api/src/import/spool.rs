//! The files of imports that wait, on disk: each process has a folder of its own under the data directory,
//! which it locks while it runs. A folder that nobody has locked belongs to a process that has ended.
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context as DigestContext, SHA256};
use candor_schema::import_job::model::ImportJobId;
use candor_schema::text::{CharacterClass, class_of};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

/// The folder of all processes, in the data directory.
const FOLDER: &str = "imports";
/// The file that a process locks in its folder.
const LOCK: &str = "lock";
/// The longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// The limits of files that are received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportLimits {
    /// The largest file, in bytes.
    pub file_bytes: u64,
    /// The most bytes of all files of a process that are received, wait or are imported.
    pub held_bytes: u64,
    /// The most files that are received at one time.
    pub uploads: usize,
    /// The longest pause of a client that sends a file.
    pub idle: Duration,
    /// The longest time for a whole file.
    pub whole: Duration,
}

impl Default for ImportLimits {
    /// The limits of production.
    fn default() -> Self {
        Self {
            file_bytes: 512 * 1024 * 1024,
            held_bytes: 2 * 1024 * 1024 * 1024,
            uploads: 2,
            idle: Duration::from_secs(30),
            whole: Duration::from_hours(1),
        }
    }
}

/// The name of a file in messages and in the ledger, which is also its name on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// Parses a name: 1 to 100 bytes of visible characters and spaces, without a slash, a control character
    /// or a dot at the beginning. None if it is another text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |it: char| {
            it != '/' && it != '\\' && (it == ' ' || class_of(it) == CharacterClass::Visible)
        };
        let is_valid = (1..=MAX_NAME_BYTES).contains(&text.len())
            && text.chars().all(is_allowed)
            && !text.starts_with(['.', ' '])
            && !text.ends_with(' ');
        is_valid.then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a file was not stored.
#[derive(Debug)]
pub enum SpoolError {
    /// It is larger than [`ImportLimits::file_bytes`].
    TooLarge,
    /// The files together are larger than [`ImportLimits::held_bytes`].
    Full,
    /// The disk refused it.
    Disk(io::Error),
}

/// The files of this process.
#[derive(Debug)]
pub struct Spool {
    /// The process, in the rows of its imports.
    process: Uuid,
    /// The folder of all processes.
    root: PathBuf,
    /// The folder of this process.
    folder: PathBuf,
    limits: ImportLimits,
    /// The bytes of all files.
    held: Arc<AtomicU64>,
    /// The files that wait, by their import.
    files: Mutex<HashMap<ImportJobId, HeldFile>>,
    /// Notified when a file waits.
    arrived: Notify,
    /// The places of files that are being received.
    uploads: Arc<Semaphore>,
    /// Locked while the process runs; the system unlocks it when the process ends.
    _lock: File,
}

impl Spool {
    /// Creates the folder of this process under the data directory.
    ///
    /// # Errors
    /// If it cannot be created or locked.
    pub fn create(data_directory: &Path, limits: ImportLimits) -> io::Result<Arc<Self>> {
        let (process, root) = (Uuid::now_v7(), data_directory.join(FOLDER));
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&root)?;
        // It gets its name when it is locked: nobody may take it for that of a process that has ended.
        let (unnamed, folder) = (root.join(format!(".{process}")), root.join(process.to_string()));
        fs::DirBuilder::new().mode(0o700).create(&unnamed)?;
        let lock = create_file(&unnamed.join(LOCK))?;
        lock.try_lock()?;
        fs::rename(&unnamed, &folder)?;
        Ok(Arc::new(Self {
            process,
            root,
            folder,
            limits,
            held: Arc::default(),
            files: Mutex::default(),
            arrived: Notify::new(),
            uploads: Arc::new(Semaphore::new(limits.uploads)),
            _lock: lock,
        }))
    }

    /// Returns the process in the rows of its imports.
    #[must_use]
    pub const fn process(&self) -> Uuid {
        self.process
    }

    #[must_use]
    pub const fn limits(&self) -> &ImportLimits {
        &self.limits
    }

    /// Returns the places of files that are being received.
    #[must_use]
    pub const fn uploads(&self) -> &Arc<Semaphore> {
        &self.uploads
    }

    /// Creates an empty file for an import.
    ///
    /// # Errors
    /// If the disk refuses it.
    pub fn begin(&self, id: ImportJobId, name: &FileName) -> io::Result<SpooledFile> {
        let folder = self.folder.join(id.to_string());
        fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let path = folder.join(name.as_str());
        // From here on, dropping it removes the folder.
        let held = HeldFile { held: Arc::clone(&self.held), folder, path, bytes: 0 };
        let (file, digest) = (create_file(&held.path)?, DigestContext::new(&SHA256));
        Ok(SpooledFile { file: held, writer: file, digest, limits: self.limits })
    }

    /// Keeps the file of an import until the import is run.
    pub fn keep(&self, id: ImportJobId, file: HeldFile) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(id, file);
        self.arrived.notify_one();
    }

    /// Takes the file of an import; none if this process does not have it.
    pub fn take(&self, id: ImportJobId) -> Option<HeldFile> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }

    /// Returns whether no file waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Waits until a file is kept.
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Returns the processes that have ended and left a folder.
    ///
    /// # Errors
    /// If the folders cannot be read.
    pub fn list_ended_processes(&self) -> io::Result<Vec<Uuid>> {
        let mut ended = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            let process = name.to_str().and_then(|name| Uuid::try_parse(name).ok());
            let Some(process) = process.filter(|it| *it != self.process) else { continue };
            if self.lock_of(process).is_ok() {
                ended.push(process);
            }
        }
        Ok(ended)
    }

    /// Locks the file of another process, which fails while that process runs.
    fn lock_of(&self, process: Uuid) -> io::Result<File> {
        let lock = File::open(self.root.join(process.to_string()).join(LOCK))?;
        lock.try_lock()?;
        Ok(lock)
    }

    /// Removes the folder of a process that has ended.
    ///
    /// # Errors
    /// If the process runs, or the folder cannot be removed.
    pub fn remove_ended_process(&self, process: Uuid) -> io::Result<()> {
        let lock = self.lock_of(process)?;
        fs::remove_dir_all(self.root.join(process.to_string()))?;
        drop(lock);
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::debug!(%error, "the folder of waiting imports was not removed");
        }
    }
}

fn create_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// The file of an import. Dropping it deletes it.
#[derive(Debug)]
pub struct HeldFile {
    /// The bytes of all files of the process.
    held: Arc<AtomicU64>,
    folder: PathBuf,
    path: PathBuf,
    bytes: u64,
}

impl HeldFile {
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns its size, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for HeldFile {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::AcqRel);
        if let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(%error, "the file of an import was not deleted");
        }
    }
}

/// A file that is being received. Dropping it deletes it.
pub struct SpooledFile {
    file: HeldFile,
    writer: File,
    digest: DigestContext,
    limits: ImportLimits,
}

impl SpooledFile {
    /// Adds bytes.
    ///
    /// # Errors
    /// If a limit is exceeded or the disk refuses them.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        let count = bytes.len() as u64;
        if self.file.bytes + count > self.limits.file_bytes {
            return Err(SpoolError::TooLarge);
        }
        let held = self.file.held.fetch_add(count, Ordering::AcqRel);
        self.file.bytes += count;
        if held + count > self.limits.held_bytes {
            return Err(SpoolError::Full);
        }
        self.digest.update(bytes);
        self.writer.write_all(bytes).map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => SpoolError::Full,
            _ => SpoolError::Disk(error),
        })
    }

    /// Returns the whole file with its SHA-256, in hexadecimal.
    #[must_use]
    pub fn finish(self) -> (HeldFile, String) {
        (self.file, hex::encode(self.digest.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data directory that is removed at the end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("candor_spool_{}", Uuid::now_v7()));
            fs::create_dir(&path).expect("a folder");
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn files_below(path: &Path) -> usize {
        let entries = fs::read_dir(path).expect("a folder").map(|it| it.expect("an entry").path());
        entries.map(|it| if it.is_dir() { files_below(&it) } else { 1 }).sum()
    }

    #[test]
    fn a_file_is_bounded_and_deleted_when_nobody_has_it() {
        let scratch = Scratch::new();
        let limits = ImportLimits { file_bytes: 10, held_bytes: 15, ..ImportLimits::default() };
        let spool = Spool::create(&scratch.0, limits).expect("a folder");
        let name = FileName::parse("list of 2026.csv").expect("a name");
        let first = ImportJobId::generate();
        let mut file = spool.begin(first, &name).expect("a file");
        file.append(b"0123456789").expect("ten bytes");
        let (held, sha256) = file.finish();
        assert_eq!(held.bytes(), 10);
        assert!(sha256.starts_with("84d89877"), "{sha256}");
        assert_eq!(fs::read(held.path()).expect("the file"), b"0123456789");
        spool.keep(first, held);
        // The lock of the process is a file too.
        assert_eq!(files_below(&scratch.0), 2);

        let mut second = spool.begin(ImportJobId::generate(), &name).expect("a file");
        assert!(matches!(second.append(b"01234567890"), Err(SpoolError::TooLarge)));
        assert!(matches!(second.append(b"012345"), Err(SpoolError::Full)));
        drop(second);
        assert_eq!((files_below(&scratch.0), spool.held.load(Ordering::Acquire)), (2, 10));
        drop(spool.take(first).expect("the file that waits"));
        assert!(spool.take(first).is_none());
        assert_eq!((files_below(&scratch.0), spool.held.load(Ordering::Acquire)), (1, 0));
        drop(spool);
        assert_eq!(files_below(&scratch.0), 0);
    }

    #[test]
    fn only_the_folders_of_ended_processes_are_removed() {
        let scratch = Scratch::new();
        let create = || Spool::create(&scratch.0, ImportLimits::default()).expect("a folder");
        let (one, other) = (create(), create());
        assert!(one.list_ended_processes().expect("folders").is_empty());
        assert!(one.remove_ended_process(other.process()).is_err());
        // As a killed process leaves it: with its folder, unlocked.
        let killed = Uuid::now_v7();
        let folder = scratch.0.join(FOLDER).join(killed.to_string());
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join(LOCK), "").expect("a lock");
        assert_eq!(one.list_ended_processes().expect("folders"), [killed]);
        one.remove_ended_process(killed).expect("nobody has it");
        assert!(!folder.exists() && other.folder.exists());
    }

    #[test]
    fn a_name_is_one_of_a_file_and_no_path() {
        for name in ["vendors.csv", "FY2025 Contracts (1).zip", "año.csv", "a", &"n".repeat(100)] {
            assert!(FileName::parse(name).is_some(), "{name}");
        }
        for name in [
            "",
            " ",
            ".",
            "..",
            ".hidden",
            "a/b",
            "../a",
            "a\\b",
            "a\0",
            "a\nb",
            "a\u{202E}b",
            " a",
            "a ",
            &"n".repeat(101),
        ] {
            assert!(FileName::parse(name).is_none(), "{name:?}");
        }
    }
}
