//! Signing in with an account elsewhere: Google and any other OpenID Connect provider, Naver,
//! Kakao, GitHub. Which ones there are is the operator's to say, in a file.
//!
//! A provider says who somebody is to it: `(provider, subject)` is a person. An e-mail address
//! is one only where the provider vouches for it.

mod bridge;
pub mod journey;
mod openid;
mod plain;
mod settings;

use std::fmt;
use std::sync::Arc;

use domain::Email;
use oauth2::{ClientId, ClientSecret};
use sqlx::FromRow;

use bridge::Bridge;
use journey::Setting;
pub use openid::OpenId;
pub use plain::{Dialect, Plain};
pub use settings::{ProvidersFile, read};

/// Whom a provider knows. `Debug` shows no more than where from.
#[derive(Clone, FromRow)]
pub struct Identity {
    pub provider: String,
    /// Whom it knows them as; never changes.
    pub subject: String,
    /// By what they recognise the account: an address or a name there.
    pub label: String,
    pub email: Option<String>,
    /// The provider says that the address is theirs.
    pub vouched: bool,
    /// A first idea for a name; may be empty.
    pub name: String,
}

impl Identity {
    /// An address that can be relied on.
    pub fn vouched_email(&self) -> Option<Email> {
        let email = self.email.as_ref().filter(|_| self.vouched)?;
        Email::new(email).ok()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity(of {})", self.provider)
    }
}

/// What a provider may answer instead of who somebody is. The log gets the cause; it never
/// holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("{provider} can't be reached or answers what can't be read: {cause}")]
    Unusable { provider: String, cause: String },
    /// The code, the token or what it says is not right.
    #[error("{provider} was not believed: {cause}")]
    Refused { provider: String, cause: String },
}

/// All that are configured. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Providers(Arc<[Provider]>);

#[derive(Debug)]
pub struct Provider {
    /// In URLs and in the log.
    pub slug: String,
    /// On buttons.
    pub name: String,
    pub kind: Kind,
    pub(crate) client_id: ClientId,
    /// Its `Debug` hides it.
    pub(crate) client_secret: ClientSecret,
    bridge: Bridge,
}

#[derive(Debug)]
pub enum Kind {
    OpenId(Box<OpenId>),
    Plain(Box<Plain>),
}

impl Providers {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    pub fn find(&self, slug: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.slug == slug)
    }
}

impl Provider {
    /// Where the browser goes.
    pub async fn authorize_url(&self, setting: &Setting) -> Result<String, ProviderError> {
        match &self.kind {
            Kind::OpenId(openid) => openid.authorize_url(self, setting).await,
            Kind::Plain(plain) => plain.authorize_url(self, setting),
        }
    }

    /// Who came back with this code.
    pub async fn identify(&self, setting: &Setting, code: &str) -> Result<Identity, ProviderError> {
        match &self.kind {
            Kind::OpenId(openid) => openid.identify(self, setting, code).await,
            Kind::Plain(plain) => plain.identify(self, setting, code).await,
        }
    }

    fn unusable(&self, cause: impl fmt::Display) -> ProviderError {
        ProviderError::Unusable {
            provider: self.slug.clone(),
            cause: cause.to_string(),
        }
    }

    fn refused(&self, cause: impl fmt::Display) -> ProviderError {
        ProviderError::Refused {
            provider: self.slug.clone(),
            cause: cause.to_string(),
        }
    }
}
