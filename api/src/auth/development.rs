//! The key that signs tokens where no issuer is configured: on a developer's machine.
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm,
    OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use super::Claims;

/// The issuer of tokens that the development key signs.
pub const ISSUER: &str = "candor-development";
/// The audience of tokens, unless another is configured.
pub const AUDIENCE: &str = "candor";

/// The private key, PKCS #8, readable by its owner alone.
const PRIVATE: &str = "development-key.p8";
/// The public key beside it, for whoever verifies.
const PUBLIC: &str = "development-jwks.json";

/// An Ed25519 key that is made where it is used and leaves the data directory never.
pub struct DevelopmentKey {
    private: EncodingKey,
    public: Jwk,
}

impl std::fmt::Debug for DevelopmentKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevelopmentKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl DevelopmentKey {
    /// A key that is kept nowhere, for tests.
    ///
    /// # Errors
    /// If the machine has no randomness to give.
    pub fn generate() -> Result<Self> {
        Self::read(&fresh()?)
    }

    /// The key of a data directory, made there at the first use.
    ///
    /// # Errors
    /// If the directory cannot be written, or the key is readable by others.
    pub fn open_or_make(directory: &Path) -> Result<Self> {
        let path = directory.join(PRIVATE);
        if !path.exists() {
            make_directory(directory)?;
            keep(directory, &path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let cannot_read = || format!("cannot read {}", path.display());
        let mode = fs::metadata(&path).with_context(cannot_read)?.permissions().mode();
        let to_others = mode & 0o077;
        ensure!(to_others == 0, "{} can be read by others; run: chmod 600 {0}", path.display());
        let key = Self::read(&fs::read(&path).with_context(cannot_read)?)
            .with_context(|| format!("{} is no key; remove it to make another", path.display()))?;
        let public = directory.join(PUBLIC);
        if !public.exists() {
            let text = serde_json::to_string_pretty(&key.jwks())?;
            fs::write(&public, text + "\n")
                .with_context(|| format!("cannot write {}", public.display()))?;
        }
        Ok(key)
    }

    fn read(pkcs8: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|error| anyhow::anyhow!("no Ed25519 key: {error}"))?;
        let mut public = Jwk {
            common: CommonParameters {
                public_key_use: Some(PublicKeyUse::Signature),
                key_algorithm: Some(KeyAlgorithm::EdDSA),
                ..CommonParameters::default()
            },
            algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
                key_type: OctetKeyPairType::OctetKeyPair,
                curve: EllipticCurve::Ed25519,
                x: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
            }),
        };
        public.common.key_id = Some(public.thumbprint(ThumbprintHash::SHA256)?);
        Ok(Self { private: EncodingKey::from_ed_der(pkcs8), public })
    }

    /// A token that says these claims.
    ///
    /// # Errors
    /// If they are no JSON.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid.clone_from(&self.public.common.key_id);
        Ok(encode(&header, claims, &self.private)?)
    }

    /// The public key, as an issuer publishes it.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }
}

/// Makes the data directory, for its owner alone, unless it is there.
///
/// # Errors
/// If it cannot be made.
pub fn make_directory(directory: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("cannot make the data directory {}", directory.display()))
}

fn fresh() -> Result<Vec<u8>> {
    let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| anyhow::anyhow!("the machine has no randomness for a key"))?;
    Ok(key.as_ref().to_vec())
}

/// Writes a new key under a name of its own and links it into place, so that of two processes
/// that start at once one makes the key and both use it.
fn keep(directory: &Path, path: &Path) -> Result<()> {
    let own = directory.join(format!("{PRIVATE}.{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&own)?;
    file.write_all(&fresh()?)?;
    file.sync_all()?;
    let linked = fs::hard_link(&own, path).or_else(|error: io::Error| {
        if error.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }
    });
    fs::remove_file(&own)?;
    Ok(linked?)
}
