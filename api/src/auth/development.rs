//! The development key. It signs tokens where no issuer is configured.
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

/// The issuer (`iss`) of tokens signed with the development key.
pub const DEVELOPMENT_ISSUER: &str = "candor-development";
/// The audience (`aud`) of development tokens.
pub const DEFAULT_AUDIENCE: &str = "candor";

/// The file of the private key (PKCS #8), readable only by its owner.
const PRIVATE_KEY_FILE: &str = "development-key.p8";
/// The file of the public key set, for other verifiers.
const PUBLIC_KEYS_FILE: &str = "development-jwks.json";

/// An Ed25519 key pair that is generated locally and never leaves the data directory.
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
    /// Generates a key without storing it, for tests.
    ///
    /// # Errors
    /// If the system's random number generator fails.
    pub fn generate() -> Result<Self> {
        Self::read(&generate_pkcs8()?)
    }

    /// Opens the key of a data directory, and creates it at first use.
    ///
    /// # Errors
    /// If the directory is not writable, or other users can read the key.
    pub fn open_or_create(directory: &Path) -> Result<Self> {
        let path = directory.join(PRIVATE_KEY_FILE);
        if !path.exists() {
            create_data_directory(directory)?;
            create_key_file(directory, &path)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        let cannot_read = || format!("cannot read {}", path.display());
        let mode = fs::metadata(&path).with_context(cannot_read)?.permissions().mode();
        let others_access = mode & 0o077;
        ensure!(others_access == 0, "other users can read {}; run: chmod 600 {0}", path.display());
        let key = Self::read(&fs::read(&path).with_context(cannot_read)?).with_context(|| {
            format!("{} is not a valid key; remove it to create another", path.display())
        })?;
        let public = directory.join(PUBLIC_KEYS_FILE);
        if !public.exists() {
            let text = serde_json::to_string_pretty(&key.jwks())?;
            fs::write(&public, text + "\n")
                .with_context(|| format!("cannot write {}", public.display()))?;
        }
        Ok(key)
    }

    fn read(pkcs8: &[u8]) -> Result<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|error| anyhow::anyhow!("not an Ed25519 key: {error}"))?;
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

    /// Signs a token with these claims.
    ///
    /// # Errors
    /// If the claims cannot be written as JSON.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        // The type of access tokens (RFC 9068, section 2.1).
        header.typ = Some("at+jwt".to_owned());
        header.kid.clone_from(&self.public.common.key_id);
        Ok(encode(&header, claims, &self.private)?)
    }

    /// The public key as a key set (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.public.clone()] }
    }
}

/// Creates the data directory, accessible only to its owner, unless it exists.
///
/// # Errors
/// If it cannot be created.
pub fn create_data_directory(directory: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| format!("cannot create the data directory {}", directory.display()))
}

fn generate_pkcs8() -> Result<Vec<u8>> {
    let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| anyhow::anyhow!("the system's random number generator failed"))?;
    Ok(key.as_ref().to_vec())
}

/// Creates a new key file under a temporary name and links it to its final name, so that two
/// processes that start at once use the same key.
fn create_key_file(directory: &Path, path: &Path) -> Result<()> {
    let temporary = directory.join(format!("{PRIVATE_KEY_FILE}.{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(&generate_pkcs8()?)?;
    file.sync_all()?;
    let linked = fs::hard_link(&temporary, path).or_else(|error: io::Error| {
        if error.kind() == ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }
    });
    fs::remove_file(&temporary)?;
    Ok(linked?)
}
