//! Receives the file of an import: streamed to disk, never held in memory, within its limits.
use std::error::Error;
use std::iter::successors;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use candor_schema::import_job::model::ImportKind;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::http::problem::Problem;
use crate::http::rest::request::{malformed, only_header};
use crate::http::server::BodyTooSlow;
use crate::import::{HeldFile, ImportLimits, SpoolError, SpooledFile};

/// The number of chunks of a body that wait for the disk.
const WAITING_CHUNKS: usize = 8;
/// The seconds after which a client tries again for which there was no room.
pub(super) const RETRY_AFTER_SECONDS: u32 = 60;
/// The media types of a table; of an archive, awards alone.
const TABLE_TYPES: [&str; 2] = ["text/csv", "application/octet-stream"];
const ARCHIVE_TYPE: &str = "application/zip";

/// Checks the headers of a request with a file before its body is read.
pub(super) fn check_headers(
    headers: &HeaderMap,
    kind: ImportKind,
    limits: &ImportLimits,
) -> Result<(), Problem> {
    let unsupported = |detail: &str| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
    let encoding = only_header(headers, &header::CONTENT_ENCODING)?;
    if encoding.is_some_and(|it| !it.eq_ignore_ascii_case("identity")) {
        return Err(unsupported(
            "Send the table without Content-Encoding, unpacked; award files also in a zip archive, as \
             USAspending has them.",
        ));
    }
    let media = only_header(headers, &header::CONTENT_TYPE)?;
    let media =
        media.map(|it| it.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let is_archive = media.as_deref() == Some(ARCHIVE_TYPE);
    let is_table = media.as_deref().is_none_or(|it| TABLE_TYPES.contains(&it));
    let is_taken = is_table || (is_archive && kind == ImportKind::Awards);
    if !is_taken {
        return Err(unsupported(
            "Send the table as text/csv, with --data-binary of curl; award files also as application/zip.",
        ));
    }
    let length = only_header(headers, &header::CONTENT_LENGTH)?;
    if length.and_then(|it| it.parse::<u64>().ok()).is_some_and(|it| it > limits.file_bytes) {
        return Err(too_large(limits));
    }
    Ok(())
}

/// Writes the body of a request into a file, and returns the file with its SHA-256. Whatever goes wrong, and
/// if the client breaks off, the file is deleted.
pub(super) async fn receive(
    request: Request,
    file: SpooledFile,
    limits: &ImportLimits,
) -> Result<(HeldFile, String), Problem> {
    let (chunks, received) = mpsc::channel(WAITING_CHUNKS);
    let written = spawn_blocking(move || write_chunks(file, received));
    let sent = send_chunks(request.into_body(), chunks, limits).await;
    let written = written.await.map_err(|error| {
        tracing::error!(%error, "receiving a file panicked");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "Something failed on our side.")
    })?;
    // The disk's refusal is why the client was not read to its end.
    let written = written.map_err(|error| refusal(error, limits))?;
    sent?;
    if written.0.bytes() == 0 {
        return Err(malformed("The body is empty; send the table as the body of the request."));
    }
    Ok(written)
}

/// Writes chunks until there are no more. Runs on a thread that may block.
fn write_chunks(
    mut file: SpooledFile,
    mut chunks: mpsc::Receiver<Bytes>,
) -> Result<(HeldFile, String), SpoolError> {
    while let Some(chunk) = chunks.blocking_recv() {
        file.append(&chunk)?;
    }
    Ok(file.finish())
}

/// Reads a body into a channel, until it ends or nobody takes it any more.
async fn send_chunks(
    body: Body,
    chunks: mpsc::Sender<Bytes>,
    limits: &ImportLimits,
) -> Result<(), Problem> {
    let mut body = body.into_data_stream();
    let whole = Instant::now() + limits.whole;
    loop {
        let idle = Instant::now() + limits.idle;
        let Ok(next) = timeout_at(idle.min(whole), body.next()).await else {
            return Err(too_slow(limits));
        };
        match next {
            None => return Ok(()),
            Some(Ok(chunk)) => {
                if chunks.send(chunk).await.is_err() {
                    return Ok(());
                }
            }
            Some(Err(error)) => return Err(broken_off(&error, limits)),
        }
    }
}

/// The problem of a body that cannot be read to its end.
fn broken_off(error: &axum::Error, limits: &ImportLimits) -> Problem {
    let first: &(dyn Error + 'static) = error;
    if successors(Some(first), |&error| error.source()).any(<dyn Error>::is::<BodyTooSlow>) {
        return too_slow(limits);
    }
    malformed("The file arrived incomplete, and was deleted; send it again.")
}

fn too_slow(limits: &ImportLimits) -> Problem {
    let (idle, whole) = (limits.idle.as_secs(), limits.whole.as_secs());
    let detail = format!(
        "The file arrived too slowly, and was deleted. A pause may take {idle} seconds, and the whole file \
         {whole} seconds; send it again."
    );
    Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
}

fn too_large(limits: &ImportLimits) -> Problem {
    let detail = format!(
        "The file is larger than {}; nothing of it was kept. Send it in several files.",
        shown_bytes(limits.file_bytes)
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

/// Returns a size in words, in MiB where it has whole ones.
fn shown_bytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB && bytes.is_multiple_of(MIB) {
        format!("{} MiB", bytes / MIB)
    } else {
        format!("{bytes} bytes")
    }
}

fn refusal(error: SpoolError, limits: &ImportLimits) -> Problem {
    match error {
        SpoolError::TooLarge => too_large(limits),
        SpoolError::Full => {
            let detail = "There is no room on the disk for the file beside those that wait for their \
                          import, and it was deleted. Send it again when an import has ended.";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
            problem.with_retry_after(RETRY_AFTER_SECONDS)
        }
        SpoolError::Disk(error) => disk_failed(&error),
    }
}

/// The problem of a disk that does not take a file.
pub(super) fn disk_failed(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "the file of an import cannot be stored");
    let detail = "The service cannot store the file; try again later. Operator: see the log, and check the \
                  disk and the permissions of the data directory.";
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    problem.with_retry_after(RETRY_AFTER_SECONDS)
}
