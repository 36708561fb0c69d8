//! OpenID Connect: Google, and every provider that speaks it. What it says is believed only with
//! its signature, for us, now, and with the nonce of this very journey.

use std::time::Duration;

use oauth2::{AuthorizationCode, CsrfToken, RedirectUrl, RequestTokenError, Scope};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessToken, ClaimsVerificationError, IssuerUrl, Nonce, OAuth2TokenResponse, TokenResponse,
};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::bridge::Tokens;
use super::journey::Setting;
use super::{Identity, Provider, ProviderError};

/// A provider's addresses and keys are asked for again after this; when a signature is by a key
/// that is not known, at once.
const REMEMBERED: Duration = Duration::from_secs(600);

/// By a key of the provider's own; neither without a signature nor by a shared secret.
fn algorithms() -> [CoreJwsSigningAlgorithm; 7] {
    [
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        CoreJwsSigningAlgorithm::EdDsa,
    ]
}

#[derive(Debug)]
pub struct OpenId {
    issuer: IssuerUrl,
    known: Mutex<Option<(CoreProviderMetadata, Instant)>>,
}

impl OpenId {
    pub fn new(issuer: IssuerUrl) -> OpenId {
        let known = Mutex::new(None);
        OpenId { issuer, known }
    }

    pub async fn authorize_url(
        &self,
        provider: &Provider,
        setting: &Setting,
    ) -> Result<String, ProviderError> {
        let metadata = self.discover(provider, REMEMBERED).await?;
        let (id, redirect) = (provider.client_id.clone(), redirect(provider, setting)?);
        let client =
            CoreClient::from_provider_metadata(metadata, id, None).set_redirect_uri(redirect);
        let (state, nonce) = (setting.state.clone(), setting.nonce.clone());
        let asking = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        );
        let asking = match setting.anew {
            true => asking.add_prompt(CoreAuthPrompt::Login),
            false => asking,
        };
        let asking = asking
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(setting.challenge());
        Ok(asking.url().0.into())
    }

    pub async fn identify(
        &self,
        provider: &Provider,
        setting: &Setting,
        code: &str,
    ) -> Result<Identity, ProviderError> {
        let metadata = self.discover(provider, REMEMBERED).await?;
        let answer = token(provider, metadata, setting, code).await?;
        let id_token = answer.id_token();
        let id_token = id_token.ok_or_else(|| provider.refused("there is no id_token"))?;
        let claims = self.claims(provider, setting, id_token).await?;
        let said = match claims.email() {
            Some(_) => Said::of_claims(&claims),
            // some tell it only to who asks
            None => self.ask(provider, &claims, answer.access_token()).await?,
        };
        Ok(said.identity(provider, claims.subject().as_str()))
    }

    /// What the token says, if all of it holds.
    async fn claims(
        &self,
        provider: &Provider,
        setting: &Setting,
        token: &CoreIdToken,
    ) -> Result<CoreIdTokenClaims, ProviderError> {
        let mut remembered = REMEMBERED;
        loop {
            let metadata = self.discover(provider, remembered).await?;
            let client = CoreClient::from_provider_metadata(
                metadata,
                provider.client_id.clone(),
                Some(provider.client_secret.clone()),
            );
            let verifier = client.id_token_verifier().set_allowed_algs(algorithms());
            let nonce = Nonce::new(setting.nonce.clone());
            match token.claims(&verifier, &nonce) {
                Ok(claims) => return Ok(claims.clone()),
                // a new key, perhaps
                Err(ClaimsVerificationError::SignatureVerification(_)) if !remembered.is_zero() => {
                    remembered = Duration::ZERO;
                }
                Err(error) => return Err(provider.refused(error)),
            }
        }
    }

    async fn ask(
        &self,
        provider: &Provider,
        claims: &CoreIdTokenClaims,
        token: &AccessToken,
    ) -> Result<Said, ProviderError> {
        let metadata = self.discover(provider, REMEMBERED).await?;
        if metadata.userinfo_endpoint().is_none() {
            return Ok(Said::of_claims(claims));
        }
        let client = CoreClient::from_provider_metadata(metadata, provider.client_id.clone(), None);
        // of the same person, or it is an error
        let subject = Some(claims.subject().clone());
        let asking = client.user_info(token.clone(), subject);
        let asking = asking.map_err(|error| provider.unusable(error))?;
        let told: CoreUserInfoClaims = asking
            .request_async(&provider.bridge)
            .await
            .map_err(|error| provider.refused(error))?;
        Ok(Said {
            email: told.email().map(|email| email.to_string()),
            vouched: told.email_verified() == Some(true),
            name: told
                .nickname()
                .and_then(|names| names.get(None))
                .map(|name| name.to_string())
                .or_else(|| Some(told.name()?.get(None)?.to_string())),
        })
    }

    /// Addresses and keys, as they were at most so long ago.
    async fn discover(
        &self,
        provider: &Provider,
        at_most: Duration,
    ) -> Result<CoreProviderMetadata, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some((metadata, since)) = &*known
            && since.elapsed() < at_most
        {
            return Ok(metadata.clone());
        }
        let found =
            CoreProviderMetadata::discover_async(self.issuer.clone(), &provider.bridge).await;
        let found = found.map_err(|error| provider.unusable(error))?;
        *known = Some((found.clone(), Instant::now()));
        Ok(found)
    }
}

fn redirect(provider: &Provider, setting: &Setting) -> Result<RedirectUrl, ProviderError> {
    RedirectUrl::new(setting.redirect.clone()).map_err(|error| provider.unusable(error))
}

async fn token(
    provider: &Provider,
    metadata: CoreProviderMetadata,
    setting: &Setting,
    code: &str,
) -> Result<CoreTokenResponse, ProviderError> {
    let client = CoreClient::from_provider_metadata(
        metadata,
        provider.client_id.clone(),
        Some(provider.client_secret.clone()),
    )
    .set_redirect_uri(redirect(provider, setting)?);
    let asking = client.exchange_code(AuthorizationCode::new(code.to_owned()));
    let asking = asking.map_err(|error| provider.unusable(error))?;
    let http = Tokens(provider.bridge.clone());
    let answer = asking
        .set_pkce_verifier(setting.verifier())
        .request_async(&http)
        .await;
    answer.map_err(|error| match error {
        RequestTokenError::ServerResponse(said) => provider.refused(said.error()),
        RequestTokenError::Request(error) => provider.unusable(error),
        // an id_token that is none
        RequestTokenError::Parse(error, _) => provider.refused(error),
        RequestTokenError::Other(error) => provider.unusable(error),
    })
}

struct Said {
    email: Option<String>,
    vouched: bool,
    name: Option<String>,
}

impl Said {
    fn of_claims(claims: &CoreIdTokenClaims) -> Said {
        Said {
            email: claims.email().map(|email| email.to_string()),
            vouched: claims.email_verified() == Some(true),
            name: claims
                .nickname()
                .and_then(|names| names.get(None))
                .map(|name| name.to_string())
                .or_else(|| Some(claims.name()?.get(None)?.to_string())),
        }
    }

    fn identity(self, provider: &Provider, subject: &str) -> Identity {
        let label = self.email.clone().or_else(|| self.name.clone());
        Identity {
            provider: provider.slug.clone(),
            subject: subject.to_owned(),
            label: label.unwrap_or_default(),
            vouched: self.vouched && self.email.is_some(),
            email: self.email,
            name: self.name.unwrap_or_default(),
        }
    }
}
