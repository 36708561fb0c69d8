//! Providers that speak OAuth 2 and have a profile of their own form: Naver, Kakao, GitHub.

use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::http::header::AUTHORIZATION;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, CsrfToken, HttpRequest, RedirectUrl, RequestTokenError,
    Scope, TokenResponse, TokenUrl,
};
use serde_json::Value;

use super::bridge::Tokens;
use super::journey::Setting;
use super::{Identity, Provider, ProviderError};

#[derive(Debug)]
pub struct Plain {
    pub dialect: Dialect,
    pub authorize: AuthUrl,
    pub token: TokenUrl,
    pub profile: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dialect {
    Naver,
    Kakao,
    GitHub,
}

impl Plain {
    pub fn authorize_url(
        &self,
        provider: &Provider,
        setting: &Setting,
    ) -> Result<String, ProviderError> {
        let redirect = RedirectUrl::new(setting.redirect.clone());
        let redirect = redirect.map_err(|error| provider.unusable(error))?;
        let state = setting.state.clone();
        let client = BasicClient::new(provider.client_id.clone())
            .set_auth_uri(self.authorize.clone())
            .set_redirect_uri(redirect);
        let mut asking = client
            .authorize_url(|| CsrfToken::new(state))
            .set_pkce_challenge(setting.challenge());
        if self.dialect == Dialect::GitHub {
            // the others ask for what is set in their consoles
            asking = asking.add_scope(Scope::new("user:email".to_owned()));
        }
        match (self.dialect, setting.anew) {
            (Dialect::Naver, true) => {
                asking = asking.add_extra_param("auth_type", "reauthenticate")
            }
            (Dialect::Kakao, true) => asking = asking.add_extra_param("prompt", "login"),
            // GitHub asks for nothing that would make it so
            (Dialect::GitHub, true) | (_, false) => {}
        }
        Ok(asking.url().0.into())
    }

    pub async fn identify(
        &self,
        provider: &Provider,
        setting: &Setting,
        code: &str,
    ) -> Result<Identity, ProviderError> {
        let token = self.token(provider, setting, code).await?;
        let profile = self.get(provider, &token, &self.profile).await?;
        let identity = match self.dialect {
            Dialect::Naver => naver(&profile),
            Dialect::Kakao => kakao(&profile),
            Dialect::GitHub => {
                let emails = format!("{}/emails", self.profile);
                // an app may not be allowed to see them
                let emails = self.get(provider, &token, &emails).await.ok();
                github(&profile, emails.as_ref())
            }
        };
        let identity = identity.ok_or_else(|| provider.unusable("a profile without an id"))?;
        Ok(Identity {
            provider: provider.slug.clone(),
            ..identity
        })
    }

    async fn token(
        &self,
        provider: &Provider,
        setting: &Setting,
        code: &str,
    ) -> Result<String, ProviderError> {
        let redirect = RedirectUrl::new(setting.redirect.clone());
        let redirect = redirect.map_err(|error| provider.unusable(error))?;
        let client = BasicClient::new(provider.client_id.clone())
            .set_client_secret(provider.client_secret.clone())
            // in the body: Naver and Kakao know no other way
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(self.token.clone())
            .set_redirect_uri(redirect);
        let http = Tokens(provider.bridge.clone());
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(setting.verifier())
            // Naver's wants it again
            .add_extra_param("state", setting.state.clone())
            .request_async(&http)
            .await;
        let answer: BasicTokenResponse = answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(said) => provider.refused(said.error()),
            RequestTokenError::Request(error) => provider.unusable(error),
            RequestTokenError::Parse(error, _) => provider.unusable(error),
            RequestTokenError::Other(error) => provider.unusable(error),
        })?;
        Ok(answer.access_token().secret().clone())
    }

    async fn get(
        &self,
        provider: &Provider,
        token: &str,
        url: &str,
    ) -> Result<Value, ProviderError> {
        let request = oauth2::http::Request::get(url)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(Vec::new());
        let request: HttpRequest = request.map_err(|error| provider.unusable(error))?;
        let answer = provider.bridge.send(request).await;
        let answer = answer.map_err(|error| provider.unusable(error))?;
        if !answer.status().is_success() {
            return Err(provider.refused(format_args!("its profile answers {}", answer.status())));
        }
        serde_json::from_slice(answer.body()).map_err(|error| provider.unusable(error))
    }
}

/// In `response`, valid with `resultcode` "00". It never says whether an address is verified.
fn naver(answer: &Value) -> Option<Identity> {
    if answer["resultcode"] != "00" {
        return None;
    }
    let profile = &answer["response"];
    let name = text(&profile["nickname"]).or_else(|| text(&profile["name"]));
    identity(&profile["id"], text(&profile["email"]), false, name)
}

fn kakao(answer: &Value) -> Option<Identity> {
    let account = &answer["kakao_account"];
    let vouched = account["is_email_valid"] == true && account["is_email_verified"] == true;
    let name = text(&account["profile"]["nickname"]);
    identity(&answer["id"], text(&account["email"]), vouched, name)
}

/// The address that the account is known by; the public one in the profile may be anything.
fn github(profile: &Value, emails: Option<&Value>) -> Option<Identity> {
    let emails = emails.and_then(Value::as_array);
    let primary = emails.and_then(|all| all.iter().find(|one| one["primary"] == true));
    let email = primary.and_then(|primary| text(&primary["email"]));
    let vouched = primary.is_some_and(|primary| primary["verified"] == true);
    identity(&profile["id"], email, vouched, text(&profile["login"]))
}

fn identity(
    id: &Value,
    email: Option<String>,
    vouched: bool,
    name: Option<String>,
) -> Option<Identity> {
    // Kakao's and GitHub's are numbers
    let subject = match id {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let label = email.clone().or_else(|| name.clone());
    Some(Identity {
        provider: String::new(),
        label: label.unwrap_or_default(),
        subject,
        vouched: vouched && email.is_some(),
        email,
        name: name.unwrap_or_default(),
    })
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn any_field_of_naver_but_the_id_may_be_missing() {
        let answer =
            |response| json!({"resultcode": "00", "message": "success", "response": response});
        let all = json!({"id": "n1", "email": "ann@naver.com", "nickname": "앤", "name": "Ann"});
        let ann = naver(&answer(all)).unwrap();
        assert_eq!((ann.subject.as_str(), ann.name.as_str()), ("n1", "앤"));
        assert_eq!(ann.label, "ann@naver.com");
        assert!(!ann.vouched, "Naver does not say whether it is verified");
        let bare = naver(&answer(json!({"id": "n1"}))).unwrap();
        assert_eq!((bare.email, bare.label.as_str()), (None, ""));
        assert!(naver(&answer(json!({"email": "ann@naver.com"}))).is_none());
    }

    #[test]
    fn naver_fails_with_a_result_code() {
        let failed = json!({"resultcode": "024", "message": "Authentication failed"});
        assert!(naver(&failed).is_none());
        let odd = json!({"resultcode": 0, "response": {"id": "n1"}});
        assert!(naver(&odd).is_none());
    }

    #[test]
    fn the_number_of_kakao_is_a_subject_and_its_address_needs_both_flags() {
        let account = |valid, verified| {
            json!({"id": 4_503_599_627_370_497_u64, "kakao_account": {
                "email": "ann@kakao.com", "is_email_valid": valid, "is_email_verified": verified,
            }})
        };
        let ann = kakao(&account(true, true)).unwrap();
        assert_eq!(ann.subject, "4503599627370497");
        assert!(ann.vouched);
        assert!(!kakao(&account(false, true)).unwrap().vouched);
        assert!(!kakao(&account(true, false)).unwrap().vouched);
        assert!(!kakao(&json!({"id": 1})).unwrap().vouched);
    }

    #[test]
    fn github_vouches_for_the_primary_address_alone() {
        let profile = json!({"id": 7, "login": "ann", "email": null});
        let emails = |verified| {
            json!([{"email": "old@example.org", "primary": false, "verified": true},
                   {"email": "ann@example.org", "primary": true, "verified": verified}])
        };
        let ann = github(&profile, Some(&emails(true))).unwrap();
        assert_eq!(ann.email.as_deref(), Some("ann@example.org"));
        assert!(ann.vouched);
        assert!(!github(&profile, Some(&emails(false))).unwrap().vouched);
        let shown = json!({"id": 7, "login": "ann", "email": "boss@example.org"});
        assert_eq!(github(&shown, None).unwrap().email, None);
    }
}
