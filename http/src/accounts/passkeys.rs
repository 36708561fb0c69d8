//! Passkeys: adding one, and signing in with one. To the log each is a way in like an account
//! elsewhere, and the last way in stays.
//!
//! A passkey is two factors in one (whoever has the device must show it that it is them), so no code
//! is asked for besides.

use axum::http::header::HOST;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use commands::identity::Link;
use domain::MemberId;
use serde::de::DeserializeOwned;
use serde_json::Value;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::arrivals::{identity, present_holder};
use super::entry::{self, Entry, Way, expect_recent};
use super::factors::tell;
use super::run;
use crate::app::App;
use crate::asking::Asking;
use crate::problem::Problem;
use crate::providers::Identity;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::Token;
use crate::vault::passkeys::PASSKEY;
use crate::{fresh, message};

/// What a browser is asked to sign, and the token under which it brings the answer.
pub struct Ceremony {
    pub token: Token,
    /// For `navigator.credentials`, its bytes in base64url.
    pub options: Value,
}

/// Asks for a new passkey of the caller's.
pub async fn begin_adding(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    caller: &Caller,
) -> Result<Ceremony, Problem> {
    app.limits.check_sign_in(asking.address)?;
    expect_recent(app, caller).await?;
    let member = caller.member;
    let known = app.vault.credentials(member).await.map_err(failed)?;
    let known: Result<Vec<CredentialID>, Problem> = known
        .iter()
        .map(|credential| stored::<Passkey>(credential).map(|key| key.cred_id().clone()))
        .collect();
    let name = &caller.name;
    let started = relying_party(app, headers)?;
    let started = started.start_passkey_registration(member.0, name, name, Some(known?));
    let (mut options, state) = started.map_err(Problem::internal)?;
    // to be found without a name: whoever signs in types none
    if let Some(wanted) = &mut options.public_key.authenticator_selection {
        wanted.resident_key = Some(ResidentKeyRequirement::Required);
        wanted.require_resident_key = true;
    }
    let state = serde_json::to_string(&state).map_err(Problem::internal)?;
    let token = app
        .vault
        .begin_ceremony(Some(member), &state, asking.at())
        .await;
    Ok(Ceremony {
        token: token.map_err(failed)?,
        options: serde_json::to_value(options).map_err(Problem::internal)?,
    })
}

/// Adds a passkey to the caller's ways in; `label` is what they call it.
pub async fn add(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    caller: &Caller,
    (token, label, credential): (&str, String, Value),
) -> Result<i64, Problem> {
    app.limits.check_sign_in(asking.address)?;
    expect_recent(app, caller).await?;
    let member = caller.member;
    let credential: RegisterPublicKeyCredential = sent(credential)?;
    let who = identity_of(&credential.raw_id, label);
    let identity = identity(app, &who);
    let reservation = identity.reservation;
    let known = app.vault.credential(reservation).await.map_err(failed)?;
    // whoever did not hear the answer asks again
    let is_new = known.is_none_or(|(holder, _)| holder != member);
    if is_new {
        let passkey = register(app, headers, (token, member), &credential).await?;
        keep(app, asking, member, &who, &passkey).await?;
    }
    let command = Link { member, identity };
    let linked = run(asking, member, "link", &reservation, command).await;
    // one that may be recorded all the same is kept: without the log's word it lets nobody in
    let is_refused =
        |problem: &Problem| !problem.is_passing() && problem.status().is_client_error();
    if is_new && linked.as_ref().is_err_and(is_refused) {
        let forgotten = app.vault.forget_identity(member, reservation).await;
        forgotten.map_err(failed)?;
    }
    let position = linked?;
    tell(app, asking, caller).await?;
    Ok(position)
}

async fn register(
    app: &App,
    headers: &HeaderMap,
    (token, member): (&str, MemberId),
    credential: &RegisterPublicKeyCredential,
) -> Result<Passkey, Problem> {
    let state: PasskeyRegistration = ended(app, token, Some(member)).await?;
    let party = relying_party(app, headers)?;
    let registered = party.finish_passkey_registration(credential, &state);
    let passkey = registered.map_err(refused)?;
    if *passkey.cred_id() != credential.raw_id {
        return Err(not_right());
    }
    Ok(passkey)
}

async fn keep(
    app: &App,
    asking: &Asking,
    member: MemberId,
    who: &Identity,
    passkey: &Passkey,
) -> Result<(), Problem> {
    let text = serde_json::to_string(passkey).map_err(Problem::internal)?;
    // a former member's is free
    present_holder(app, asking, who).await?;
    let kept = app.vault.keep_passkey(member, who, &text, asking.at());
    match kept.await.map_err(failed)? {
        true => Ok(()),
        false => Err(Problem::from(commands::Refused::IdentityTaken)),
    }
}

/// Asks for any passkey of this site's.
pub async fn begin_sign_in(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
) -> Result<Ceremony, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let started = relying_party(app, headers)?.start_discoverable_authentication();
    let (mut options, state) = started.map_err(Problem::internal)?;
    // a button was pressed: the browser need not wait for a field to be filled in
    options.mediation = None;
    let state = serde_json::to_string(&state).map_err(Problem::internal)?;
    let token = app.vault.begin_ceremony(None, &state, asking.at()).await;
    Ok(Ceremony {
        token: token.map_err(failed)?,
        options: serde_json::to_value(options).map_err(Problem::internal)?,
    })
}

/// Signs in whoever has the passkey.
pub async fn sign_in(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    (token, credential): (&str, Value),
) -> Result<Entry, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let state: DiscoverableAuthentication = ended(app, token, None).await?;
    let credential: PublicKeyCredential = sent(credential)?;
    let party = relying_party(app, headers)?;
    let (member, id) = party
        .identify_discoverable_authentication(&credential)
        .map_err(refused)?;
    let who = identity_of(id, String::new());
    let reservation = app.vault.identity_reservation(&who.provider, &who.subject);
    let known = app.vault.credential(reservation).await.map_err(failed)?;
    let text = known.filter(|(holder, _)| holder.0 == member);
    let (member, text) = text.ok_or_else(|| entry::unknown(asking, &Way::Passkey))?;
    let mut passkey: Passkey = stored(&text)?;
    let endings = app.vault.endings(Some(member)).await.map_err(failed)?;
    let signed = party.finish_discoverable_authentication_v2(&credential, state, &passkey);
    let signed = signed.map_err(refused)?;
    // the log says whose it is
    if present_holder(app, asking, &who).await? != Some(member) {
        return Err(entry::unknown(asking, &Way::Passkey));
    }
    passkey.update_credential(&signed);
    let text = serde_json::to_string(&passkey).map_err(Problem::internal)?;
    let used = app.vault.use_passkey(reservation, &text, asking.at()).await;
    used.map_err(failed)?;
    entry::let_in(app, asking, (member, endings), Way::Passkey).await
}

/// This site, to browsers: by the name that people reach it under. An address that is none has no
/// passkeys.
fn relying_party(app: &App, headers: &HeaderMap) -> Result<Webauthn, Problem> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = match (&app.origin, host) {
        (Some(origin), _) => Url::parse(origin).ok(),
        // what a stranger says in `Host` is believed of this machine alone
        (None, Some(host)) => {
            let origin = Url::parse(&format!("http://{host}")).ok();
            origin.filter(|origin| origin.domain() == Some("localhost"))
        }
        (None, None) => None,
    };
    let party = origin.and_then(|origin| {
        let name = origin.domain()?.to_owned();
        let party = WebauthnBuilder::new(&name, &origin).ok()?;
        party.rp_name("Reeltime").build().ok()
    });
    party.ok_or_else(|| {
        let title = message!("problem-no-passkeys-here");
        Problem::new(StatusCode::CONFLICT, "no-passkeys-here", title)
    })
}

fn identity_of(id: &[u8], label: String) -> Identity {
    Identity {
        provider: PASSKEY.to_owned(),
        subject: BASE64_URL_SAFE_NO_PAD.encode(id),
        label,
        email: None,
        vouched: false,
        name: String::new(),
    }
}

/// What the browser was asked, once.
async fn ended<State: DeserializeOwned>(
    app: &App,
    token: &str,
    member: Option<MemberId>,
) -> Result<State, Problem> {
    let state = app.vault.end_ceremony(token, member, fresh::now()).await;
    let state = state.map_err(failed)?;
    stored(&state.ok_or_else(not_right)?)
}

fn stored<Kept: DeserializeOwned>(text: &str) -> Result<Kept, Problem> {
    serde_json::from_str(text).map_err(Problem::internal)
}

fn sent<Said: DeserializeOwned>(credential: Value) -> Result<Said, Problem> {
    serde_json::from_value(credential).map_err(|_| not_right())
}

fn refused(error: WebauthnError) -> Problem {
    tracing::info!(%error, "a passkey was not believed");
    not_right()
}

fn not_right() -> Problem {
    let title = message!("problem-passkey");
    Problem::new(StatusCode::BAD_REQUEST, "passkey-refused", title)
}
