//! Reading an issuer's key set (RFC 7517) from a file or over HTTPS, within bounds.
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::KeyLocation;
use super::issuer_settings::is_loopback;
use super::keys::KeySet;

/// The largest key set, in bytes.
const MAX_KEY_SET_BYTES: usize = 256 * 1024;
/// The time for the whole answer of an issuer.
const MAX_ANSWER_TIME: Duration = Duration::from_secs(5);
/// The most characters of an issuer's answer that a message quotes.
const MAX_QUOTED_CHARS: usize = 200;

/// Creates the client for the key set at this location.
///
/// # Errors
/// If TLS cannot be set up, as on a machine without certificates of authorities.
pub(super) fn client(location: &KeyLocation) -> Result<Client> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .timeout(MAX_ANSWER_TIME)
        .user_agent(concat!("candor/", env!("CARGO_PKG_VERSION")));
    match location {
        // A proxy is for other machines.
        KeyLocation::Address(url) if is_loopback(url) => builder = builder.no_proxy(),
        KeyLocation::Address(_) => builder = builder.https_only(true),
        KeyLocation::File(_) => {}
    }
    builder.build().context(
        "cannot set up TLS; install the certificates of authorities (Debian: ca-certificates), or \
         name a file of them in SSL_CERT_FILE",
    )
}

/// Reads a key set.
///
/// # Errors
/// With words for the operator.
pub(super) async fn read_key_set(location: &KeyLocation, client: &Client) -> Result<KeySet> {
    match location {
        KeyLocation::File(path) => {
            let path: PathBuf = path.clone();
            tokio::task::spawn_blocking(move || read_file(&path)).await?
        }
        KeyLocation::Address(url) => fetch(url, client).await,
    }
}

/// Reads a key set from a file.
///
/// # Errors
/// With words for the operator.
pub(super) fn read_file(path: &Path) -> Result<KeySet> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_KEY_SET_BYTES)? + 1;
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.with_context(|| format!("cannot read {}", path.display()))?;
    check_size(bytes.len())?;
    KeySet::parse(&bytes).with_context(|| path.display().to_string())
}

async fn fetch(url: &Url, client: &Client) -> Result<KeySet> {
    let request =
        client.get(url.clone()).header(ACCEPT, "application/jwk-set+json, application/json");
    let response = request.send().await.map_err(describe)?;
    check_head(&response)?;
    let bytes = read_body(response).await?;
    Ok(KeySet::parse(&bytes)?)
}

fn check_head(response: &Response) -> Result<()> {
    let header = |name| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.map(|text| text.chars().take(MAX_QUOTED_CHARS).collect::<String>())
    };
    let status = response.status();
    if status.is_redirection() {
        let to = header(LOCATION).unwrap_or_else(|| "another address".to_owned());
        bail!(
            "it redirects to {to}, which is not followed; give the address of the key set itself"
        );
    }
    ensure!(status.is_success(), "it answers with status {status}");
    if let Some(content_type) = header(CONTENT_TYPE) {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        ensure!(
            essence == "application/json" || essence.ends_with("+json"),
            "it serves {content_type}, not JSON; give the jwks_uri of the issuer's \
             /.well-known/openid-configuration"
        );
    }
    Ok(())
}

async fn read_body(mut response: Response) -> Result<Vec<u8>> {
    if let Some(length) = response.content_length() {
        check_size(usize::try_from(length).unwrap_or(usize::MAX))?;
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(describe)? {
        check_size(bytes.len() + chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn check_size(bytes: usize) -> Result<()> {
    ensure!(bytes <= MAX_KEY_SET_BYTES, "the key set is larger than {MAX_KEY_SET_BYTES} bytes");
    Ok(())
}

/// Describes an error of the client without the address, which the log line has.
fn describe(error: reqwest::Error) -> anyhow::Error {
    if error.is_timeout() {
        let seconds = MAX_ANSWER_TIME.as_secs();
        return anyhow::anyhow!("it did not answer within {seconds} seconds");
    }
    anyhow::Error::new(error.without_url())
}
