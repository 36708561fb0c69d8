//! The file that says which providers there are: JSON, a list. Secrets stand in it and nowhere
//! else, so nobody sees them in a list of processes.

use std::collections::HashSet;
use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use oauth2::{AuthUrl, ClientId, ClientSecret, TokenUrl};
use openidconnect::IssuerUrl;
use serde::Deserialize;

use super::bridge::Bridge;
use super::{Dialect, Kind, OpenId, Plain, Provider, Providers};
use crate::vault::passkeys::PASSKEY;

/// What stands there in our own addresses, or in the log.
const TAKEN: [&str; 3] = ["again", "code", PASSKEY];

/// What stands in the file.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct ProvidersFile(Vec<Entry>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: Spoken,
    /// In URLs; registered at the provider: `https://…/sign-in/{slug}/back`.
    slug: Option<String>,
    /// On the button.
    name: Option<String>,
    client_id: String,
    client_secret: ClientSecret,
    /// Of `google` and `openid-connect`.
    issuer: Option<String>,
    /// Of the others.
    authorize_url: Option<String>,
    token_url: Option<String>,
    profile_url: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Spoken {
    Google,
    Naver,
    Kakao,
    Github,
    OpenidConnect,
}

/// Where each is, unless the file says otherwise: slug, name, and addresses.
impl Spoken {
    fn known_as(self) -> (&'static str, &'static str) {
        match self {
            Spoken::Google => ("google", "Google"),
            Spoken::Naver => ("naver", "Naver"),
            Spoken::Kakao => ("kakao", "Kakao"),
            Spoken::Github => ("github", "GitHub"),
            Spoken::OpenidConnect => ("openid", "OpenID"),
        }
    }

    fn is_at(self) -> Result<(Dialect, [&'static str; 3]), Option<&'static str>> {
        match self {
            Spoken::Google => Err(Some("https://accounts.google.com")),
            Spoken::OpenidConnect => Err(None),
            Spoken::Naver => Ok((
                Dialect::Naver,
                [
                    "https://nid.naver.com/oauth2.0/authorize",
                    "https://nid.naver.com/oauth2.0/token",
                    "https://openapi.naver.com/v1/nid/me",
                ],
            )),
            Spoken::Kakao => Ok((
                Dialect::Kakao,
                [
                    "https://kauth.kakao.com/oauth/authorize",
                    "https://kauth.kakao.com/oauth/token",
                    "https://kapi.kakao.com/v2/user/me",
                ],
            )),
            Spoken::Github => Ok((
                Dialect::GitHub,
                [
                    "https://github.com/login/oauth/authorize",
                    "https://github.com/login/oauth/access_token",
                    "https://api.github.com/user",
                ],
            )),
        }
    }
}

/// Reads the providers' file.
pub fn read(path: &Path) -> anyhow::Result<Providers> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("--providers {}", path.display()))?;
    let file = text.parse::<ProvidersFile>();
    file.and_then(ProvidersFile::open)
        .with_context(|| format!("--providers {}", path.display()))
}

impl FromStr for ProvidersFile {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<ProvidersFile> {
        Ok(serde_json::from_str(text)?)
    }
}

impl ProvidersFile {
    pub fn open(self) -> anyhow::Result<Providers> {
        let mut slugs = HashSet::new();
        let mut providers = Vec::new();
        for entry in self.0 {
            let provider = entry.open()?;
            let is_new = slugs.insert(provider.slug.clone());
            anyhow::ensure!(is_new, "the slug {:?} is there twice", provider.slug);
            providers.push(provider);
        }
        Ok(Providers(providers.into()))
    }
}

impl Entry {
    fn open(self) -> anyhow::Result<Provider> {
        let (slug, name) = self.kind.known_as();
        let slug = self.slug.unwrap_or_else(|| slug.to_owned());
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        anyhow::ensure!(
            !slug.is_empty() && slug.len() <= 40 && slug.chars().all(is_word),
            "a slug is up to 40 small letters, digits and hyphens: {slug:?}"
        );
        anyhow::ensure!(
            !TAKEN.contains(&slug.as_str()),
            "the slug {slug:?} is a page of ours"
        );
        let kind = match self.kind.is_at() {
            Err(usual) => {
                let issuer = self.issuer.or(usual.map(str::to_owned));
                let issuer = issuer.with_context(|| format!("{slug}: it needs an issuer"))?;
                Kind::OpenId(Box::new(OpenId::new(IssuerUrl::new(checked(issuer)?)?)))
            }
            Ok((dialect, [authorize, token, profile])) => Kind::Plain(Box::new(Plain {
                dialect,
                authorize: AuthUrl::new(at(self.authorize_url, authorize)?)?,
                token: TokenUrl::new(at(self.token_url, token)?)?,
                profile: at(self.profile_url, profile)?,
            })),
        };
        Ok(Provider {
            slug,
            name: self.name.unwrap_or_else(|| name.to_owned()),
            kind,
            client_id: ClientId::new(self.client_id),
            client_secret: self.client_secret,
            bridge: Bridge::new()?,
        })
    }
}

fn at(said: Option<String>, usual: &str) -> anyhow::Result<String> {
    checked(said.unwrap_or_else(|| usual.to_owned()))
}

/// Secrets travel there: over TLS, or inside this machine.
fn checked(url: String) -> anyhow::Result<String> {
    let inside = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let is_inside = inside.iter().any(|inside| {
        let rest = url.strip_prefix(inside);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    anyhow::ensure!(
        url.starts_with("https://") || is_inside,
        "a provider is reached by https: {url}"
    );
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> anyhow::Result<Providers> {
        text.parse::<ProvidersFile>()?.open()
    }

    #[test]
    fn the_usual_providers_need_no_addresses() {
        let providers = open(
            r#"[{"kind":"google","client_id":"g","client_secret":"hush"},
                {"kind":"naver","client_id":"n","client_secret":"hush"},
                {"kind":"kakao","client_id":"k","client_secret":"hush"},
                {"kind":"github","client_id":"h","client_secret":"hush"},
                {"kind":"openid-connect","slug":"school","name":"Film school",
                 "issuer":"https://id.school.example","client_id":"s","client_secret":"hush"}]"#,
        );
        let providers = providers.unwrap();
        let names = providers
            .iter()
            .map(|one| (one.slug.as_str(), one.name.as_str()));
        assert_eq!(
            names.collect::<Vec<_>>(),
            [
                ("google", "Google"),
                ("naver", "Naver"),
                ("kakao", "Kakao"),
                ("github", "GitHub"),
                ("school", "Film school"),
            ]
        );
        assert!(!format!("{providers:?}").contains("hush"));
    }

    #[test]
    fn what_is_wrong_with_the_file_is_told_without_its_secrets() {
        for (text, why) in [
            (r#"[{"kind":"google","client_id":"g"}]"#, "client_secret"),
            (
                r#"[{"kind":"openid-connect","client_id":"g","client_secret":"hush"}]"#,
                "issuer",
            ),
            (
                r#"[{"kind":"kakao","client_id":"g","client_secret":"hush","slug":"a/b"}]"#,
                "a/b",
            ),
            (
                r#"[{"kind":"kakao","client_id":"g","client_secret":"hush","token_url":"http://evil.example"}]"#,
                "https",
            ),
            (
                r#"[{"kind":"kakao","client_id":"g","client_secret":"hush","token_url":"http://127.0.0.1.evil.example"}]"#,
                "https",
            ),
            (
                r#"[{"kind":"kakao","client_id":"a","client_secret":"hush"},{"kind":"kakao","client_id":"b","client_secret":"hush"}]"#,
                "twice",
            ),
        ] {
            let error = format!("{:#}", open(text).unwrap_err());
            assert!(error.contains(why) && !error.contains("hush"), "{error}");
        }
    }
}
