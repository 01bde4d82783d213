//! Keys that sign tokens for tests, one of each supported algorithm.
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

/// One for all tests of a process, because making one takes long.
static RSA: LazyLock<RsaKeyPair> =
    LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"));

enum Pair {
    Rsa(&'static RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key pair with its public part as an issuer publishes it.
pub(super) struct TestKey {
    pub(super) jwk: Value,
    pair: Pair,
}

impl TestKey {
    pub(super) fn rs256(kid: &str) -> Self {
        Self::rsa(kid, "RS256", &RSA_PKCS1_SHA256)
    }

    pub(super) fn ps256(kid: &str) -> Self {
        Self::rsa(kid, "PS256", &RSA_PSS_SHA256)
    }

    fn rsa(kid: &str, alg: &str, encoding: &'static dyn RsaEncoding) -> Self {
        let (modulus, exponent) = rsa_components(&RSA);
        let jwk = json!({ "kty": "RSA", "kid": kid, "use": "sig", "alg": alg,
            "n": BASE64.encode(modulus), "e": BASE64.encode(exponent) });
        Self { jwk, pair: Pair::Rsa(&RSA, encoding) }
    }

    pub(super) fn es256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let point = pair.public_key().as_ref().to_vec();
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "alg": "ES256",
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]) });
        Self { jwk, pair: Pair::Ec(pair) }
    }

    pub(super) fn eddsa(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key");
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "alg": "EdDSA",
            "x": BASE64.encode(pair.public_key().as_ref()) });
        Self { jwk, pair: Pair::Ed(pair) }
    }

    /// One key of each supported algorithm.
    pub(super) fn of_each_algorithm() -> [Self; 4] {
        [Self::rs256("rs"), Self::ps256("ps"), Self::es256("es"), Self::eddsa("ed")]
    }

    /// Returns a token with the header and claims as they are given.
    pub(super) fn sign(&self, header: &Value, claims: &str) -> String {
        self.sign_bytes(header, claims.as_bytes())
    }

    /// Returns a token whose payload need not be text.
    pub(super) fn sign_bytes(&self, header: &Value, claims: &[u8]) -> String {
        self.sign_raw(&header.to_string(), claims)
    }

    /// Returns a token whose header need not be valid either.
    pub(super) fn sign_raw(&self, header: &str, claims: &[u8]) -> String {
        let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        format!("{message}.{}", BASE64.encode(self.signature(message.as_bytes())))
    }

    /// Returns an access token as RFC 9068 defines it.
    pub(super) fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), &claims.to_string())
    }

    /// Returns the header of such a token.
    pub(super) fn header(&self) -> Value {
        json!({ "alg": self.jwk["alg"], "kid": self.jwk["kid"], "typ": "at+jwt" })
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).expect("a signature");
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// Returns the modulus and the exponent of a key of 2048 bits, from its `RSAPublicKey` (RFC 8017,
/// section A.1.1), in which they have fixed places.
fn rsa_components(pair: &RsaKeyPair) -> (Vec<u8>, Vec<u8>) {
    let der = pair.public_key().as_ref();
    assert_eq!(der.len(), 270, "2048 bits, and the exponent 65537");
    (der[9..265].to_vec(), der[267..].to_vec())
}
