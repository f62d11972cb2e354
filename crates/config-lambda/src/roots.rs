//! The certificate authorities that are trusted.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// The roots that AWS's own endpoints chain up to: Amazon Root CA 1 to 4 and Starfield Services Root CA - G2.
///
/// Source: Amazon Trust Services, "Root CAs".
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

#[derive(Clone, Debug)]
pub(crate) enum Roots {
    /// Amazon's, which are part of the binary.
    Amazon,
    /// The platform's; this is also who reads `SSL_CERT_FILE`.
    Platform,
    /// Those of `AWS_CA_BUNDLE`.
    Bundle(Arc<RootCertStore>),
}

impl Roots {
    /// Those of a PEM file's content, if it holds certificates that can be trusted, and nothing else.
    pub(crate) fn bundle(pem: &[u8]) -> Option<Self> {
        store(pem).map(|store| Self::Bundle(Arc::new(store)))
    }

    /// What a client says in a handshake and whom it believes.
    pub(crate) fn client_config(&self) -> Result<ClientConfig, rustls::Error> {
        // ring needs a tenth of the processor time of aws-lc's first handshake.
        let crypto = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(crypto).with_safe_default_protocol_versions()?;
        Ok(config.with_root_certificates(self.store()).with_no_client_auth())
    }

    fn store(&self) -> Arc<RootCertStore> {
        match self {
            Self::Amazon => Arc::new(store(AMAZON_ROOTS).unwrap_or_else(RootCertStore::empty)),
            Self::Platform => Arc::new(platform_store()),
            Self::Bundle(store) => Arc::clone(store),
        }
    }
}

/// The certificates of a PEM file, if all can be trusted ones, and there are some.
fn store(pem: &[u8]) -> Option<RootCertStore> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        store.add(certificate.ok()?).ok()?;
    }
    (!store.is_empty()).then_some(store)
}

/// Platforms have files that nobody can read and certificates that nobody can use; the others are what everybody has.
fn platform_store() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        tracing::warn!(errors = ?found.errors, "the platform has no certificate authority to trust");
    }
    store
}

impl fmt::Display for Roots {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Amazon => "Amazon's roots",
            Self::Platform => "the platform's roots",
            Self::Bundle(_) => "the roots of `AWS_CA_BUNDLE`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_amazon_s_roots_are_trusted() {
        assert_eq!(Roots::Amazon.store().len(), 5);
        assert!(Roots::Amazon.client_config().is_ok());
    }

    #[test]
    fn a_bundle_holds_certificates_and_nothing_else() {
        let amazon = str::from_utf8(AMAZON_ROOTS).unwrap();
        assert!(Roots::bundle(AMAZON_ROOTS).is_some());

        let no_certificate = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
        let cut = "-----BEGIN CERTIFICATE-----\nMIID";
        for content in
            [no_certificate, cut, "", &format!("{amazon}{no_certificate}"), &format!("{amazon}{cut}")]
        {
            assert!(Roots::bundle(content.as_bytes()).is_none(), "{content}");
        }
    }
}
