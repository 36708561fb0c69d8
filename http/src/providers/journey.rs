//! From our page to the provider and back: what a browser carries meanwhile, in a cookie that is
//! signed, short-lived and good for one return. Whoever comes back without it was not sent by us.

use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use oauth2::{CsrfToken, PkceCodeVerifier};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cookies;
use crate::flash::safe_path;
use crate::vault::Vault;

const COOKIE: &str = "journey";
/// Time to sign in at the provider; later, it begins anew.
const LONGEST: TimeDelta = TimeDelta::minutes(10);
const PURPOSE: &str = "journey";

/// What the provider must say again, or can't know.
#[derive(Clone, Serialize, Deserialize)]
pub struct Setting {
    pub state: String,
    pub nonce: String,
    /// Of PKCE: only who has it can use the code.
    pub verifier: String,
    /// Where the provider sends the browser: ours, as registered there.
    pub redirect: String,
    /// They are to sign in there once more, even if they are signed in.
    pub anew: bool,
}

/// What somebody goes there for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    SignIn,
    /// To link the account to this membership.
    Link(MemberId),
    /// To show again that they are this member.
    Prove(MemberId),
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Journey {
    pub id: Uuid,
    pub provider: String,
    pub setting: Setting,
    /// A page of ours.
    pub next: String,
    pub aim: Aim,
    pub expires_at: DateTime<Utc>,
}

/// Why somebody is not where they were sent from. To the visitor it is all the same.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Lost {
    #[error("no cookie of ours")]
    NoCookie,
    #[error("it took too long")]
    TooLate,
    #[error("it is for another provider")]
    Elsewhere,
    #[error("the state is another")]
    OtherState,
}

impl Journey {
    pub fn begin(
        id: Uuid,
        provider: &str,
        redirect: String,
        (next, aim): (&str, Aim),
        now: DateTime<Utc>,
    ) -> Journey {
        let (_, verifier) = oauth2::PkceCodeChallenge::new_random_sha256();
        Journey {
            id,
            provider: provider.to_owned(),
            setting: Setting {
                state: CsrfToken::new_random().into_secret(),
                nonce: CsrfToken::new_random().into_secret(),
                verifier: verifier.into_secret(),
                redirect,
                anew: matches!(aim, Aim::Prove(_)),
            },
            next: safe_path(next).to_owned(),
            aim,
            expires_at: now + LONGEST,
        }
    }

    /// The `Set-Cookie` value.
    pub fn cookie(&self, vault: &Vault, secure: bool) -> HeaderValue {
        let text = serde_json::to_vec(self).expect("a journey is plain data");
        let seconds = u32::try_from(LONGEST.num_seconds()).expect("it is minutes");
        cookies::set(COOKIE, &vault.sign(PURPOSE, &text), seconds, secure)
    }

    /// The one that a browser's cookie is of, if it comes back from there with that state.
    pub fn resume(
        vault: &Vault,
        signed: Option<&str>,
        provider: &str,
        state: &str,
        now: DateTime<Utc>,
    ) -> Result<Journey, Lost> {
        let text = vault.verify(PURPOSE, signed.ok_or(Lost::NoCookie)?);
        let journey: Option<Journey> = text.and_then(|text| serde_json::from_slice(&text).ok());
        let journey = journey.ok_or(Lost::NoCookie)?;
        if journey.expires_at <= now {
            return Err(Lost::TooLate);
        }
        if journey.provider != provider {
            return Err(Lost::Elsewhere);
        }
        // both are known to whoever asks: nothing to learn from how long this takes
        if journey.setting.state != state {
            return Err(Lost::OtherState);
        }
        Ok(journey)
    }
}

/// What `Journey::cookie` wrote in this browser.
pub fn carried(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookies::get(headers, COOKIE, secure)
}

/// The `Set-Cookie` value that ends a journey.
pub fn end(secure: bool) -> HeaderValue {
    cookies::clear(COOKIE, secure)
}

impl Setting {
    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.verifier.clone())
    }

    pub(super) fn challenge(&self) -> oauth2::PkceCodeChallenge {
        oauth2::PkceCodeChallenge::from_code_verifier_sha256(&self.verifier())
    }
}
