//! A certificate authority for one run, with a chain as long as those of AWS's endpoints.

use std::sync::Arc;

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a server needs, and what its clients must trust.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// The root in PEM, for `AWS_CA_BUNDLE`.
    pub(crate) root: String,
    /// Serves TLS for 127.0.0.1: root, intermediate, leaf, of which the last two are sent.
    pub(crate) server: Arc<ServerConfig>,
}

impl Certificates {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let root_key = KeyPair::generate()?;
        let root = authority("root")?;
        let root_certificate = root.self_signed(&root_key)?;

        let intermediate_key = KeyPair::generate()?;
        let intermediate = authority("intermediate")?;
        let by_root = Issuer::new(root, root_key);
        let intermediate_certificate = intermediate.signed_by(&intermediate_key, &by_root)?;

        let key = KeyPair::generate()?;
        let by_intermediate = Issuer::new(intermediate, intermediate_key);
        let leaf = CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, &by_intermediate)?;

        let chain = vec![leaf.der().clone(), intermediate_certificate.der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("the server does not take its own certificate")?;
        Ok(Self { root: root_certificate.pem(), server: Arc::new(server) })
    }
}

fn authority(name: &str) -> anyhow::Result<CertificateParams> {
    let mut parameters = CertificateParams::new([])?;
    parameters.distinguished_name.push(DnType::CommonName, format!("Serverless Conformance bench, {name}"));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(parameters)
}
