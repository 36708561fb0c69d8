//! Coming in with an account at a provider, and linking one.
//!
//! The log says whose an account there is; the vault only what the provider calls them. So the
//! log is asked first and the vault told afterwards: a row that is lost comes again.

use axum::http::{HeaderMap, StatusCode};
use commands::identity::{LetGo, Link, SignUpWith, Unlink};
use domain::{Email, Language, MemberId, MemberName, ReservationId};

use super::entry::{self, CameIn, Entry, Way};
use super::{Joined, holder, joining, state_of};
use crate::app::App;
use crate::asking::Asking;
use crate::problem::Problem;
use crate::providers::journey::{self, Aim, Journey, Lost};
use crate::providers::{Identity, Provider, ProviderError};
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::Token;
use crate::{fresh, message};

/// What a provider sends a browser back with.
pub struct Answer<'a> {
    pub state: &'a str,
    pub code: &'a str,
    /// Empty: none.
    pub error: &'a str,
}

/// Where a journey ends.
pub enum Arrival {
    /// A member, signed in or nearly so.
    In(Entry),
    /// The account is linked to the caller's.
    Linked(i64),
    /// Somebody new, or somebody who must sign in first.
    Unknown(Token),
    /// They changed their mind at the provider.
    Declined,
}

pub fn provider<'a>(app: &'a App, slug: &str) -> Result<&'a Provider, Problem> {
    app.providers.find(slug).ok_or_else(Problem::not_found)
}

/// Ends a journey, once.
pub async fn arrive(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    caller: Option<&Caller>,
    slug: &str,
    answer: Answer<'_>,
) -> Result<(Journey, Arrival), Problem> {
    app.limits.check_sign_in(asking.address)?;
    let provider = provider(app, slug)?;
    let now = fresh::now();
    let carried = journey::carried(headers, app.secure_cookies);
    let journey = Journey::resume(&app.vault, carried.as_deref(), slug, answer.state, now);
    let journey = journey.map_err(lost)?;
    let is_first = app
        .vault
        .comes_back_first(journey.id, journey.expires_at, now)
        .await
        .map_err(failed)?;
    if !is_first {
        return Err(lost(Lost::NoCookie));
    }
    if !answer.error.is_empty() || answer.code.is_empty() {
        return Ok((journey, Arrival::Declined));
    }
    let who = provider.identify(&journey.setting, answer.code).await?;
    // whoever began it must be who comes back
    let began = |member: MemberId| {
        let caller = caller.filter(|caller| caller.member == member);
        caller.ok_or_else(|| lost(Lost::NoCookie))
    };
    let arrival = match journey.aim {
        Aim::SignIn => come_in(app, asking, &who).await?,
        Aim::Link(member) => Arrival::Linked(link(app, asking, began(member)?, &who).await?),
        Aim::Prove(member) => prove(app, asking, began(member)?, &who).await?,
    };
    Ok((journey, arrival))
}

/// By an account that is the caller's, and no other; besides, it is a sign-in, which asks for a code
/// where there is a second factor.
async fn prove(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    who: &Identity,
) -> Result<Arrival, Problem> {
    let member = caller.member;
    let endings = app.vault.endings(Some(member)).await.map_err(failed)?;
    if holder(app, reservation(app, who)).await? != Some(member) {
        let title = message!("problem-other-account");
        return Err(Problem::new(StatusCode::FORBIDDEN, "other-account", title));
    }
    let way = Way::Provider(who.provider.clone());
    let entry = entry::let_in(app, asking, (member, endings), way).await?;
    Ok(Arrival::In(entry))
}

async fn come_in(app: &App, asking: &Asking, who: &Identity) -> Result<Arrival, Problem> {
    let now = fresh::now();
    // whose endings to ask for; whether it is theirs counts behind that
    let supposed = holder(app, reservation(app, who)).await?;
    let endings = app.vault.endings(supposed).await.map_err(failed)?;
    let Some(member) = present_holder(app, asking, who).await? else {
        let token = app.vault.arrive(who, now).await.map_err(failed)?;
        return Ok(Arrival::Unknown(token));
    };
    let way = Way::Provider(who.provider.clone());
    if supposed != Some(member) {
        return Err(entry::ended(asking, member, &way));
    }
    let kept = app.vault.keep_identity(member, who, now).await;
    kept.map_err(failed)?;
    let entry = entry::let_in(app, asking, (member, endings), way).await?;
    Ok(Arrival::In(entry))
}

/// Whose the account is. A former member's is let go.
pub(super) async fn present_holder(
    app: &App,
    asking: &Asking,
    who: &Identity,
) -> Result<Option<MemberId>, Problem> {
    let identity = reservation(app, who);
    let Some(member) = holder(app, identity).await? else {
        return Ok(None);
    };
    let state = state_of(app, member.stream()).await?;
    if state.member().is_some_and(|member| !member.withdrawn) {
        return Ok(Some(member));
    }
    let command = LetGo { member, identity };
    let said = (member, identity);
    asking.execute(None, "let-go", &said, command).await?;
    Ok(None)
}

/// Links an account to the caller's.
pub async fn link(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    who: &Identity,
) -> Result<i64, Problem> {
    entry::expect_recent(app, caller).await?;
    let member = caller.member;
    // a former member's is free
    present_holder(app, asking, who).await?;
    let identity = identity(app, who);
    let said = identity.reservation;
    let command = Link { member, identity };
    let accepted = asking.execute(Some(member), "link", &said, command).await?;
    let kept = app.vault.keep_identity(member, who, fresh::now()).await;
    kept.map_err(failed)?;
    super::factors::tell(app, asking, caller).await?;
    Ok(accepted.position)
}

/// Takes a way in from the caller, but never the last: an account elsewhere, or a passkey.
pub async fn unlink(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    identity: ReservationId,
) -> Result<i64, Problem> {
    entry::expect_recent(app, caller).await?;
    let member = caller.member;
    let state = state_of(app, member.stream()).await?;
    let linked = state.member().map(|state| &state.identities);
    let is_linked = linked.is_some_and(|linked| linked.contains_key(&identity));
    // what the log let go, and a request that broke off has left in the vault
    let kept = app.vault.identities(member).await.map_err(failed)?;
    if !is_linked && !kept.iter().any(|one| one.identity == identity.0) {
        return Err(Problem::not_found());
    }
    let command = Unlink {
        member,
        identity,
        even_the_last: false,
    };
    let position = take_away(app, asking, command, "").await?;
    super::factors::tell(app, asking, caller).await?;
    Ok(position)
}

/// `round` tells it from the same asked again by one request.
pub(super) async fn take_away(
    app: &App,
    asking: &Asking,
    command: Unlink,
    round: &str,
) -> Result<i64, Problem> {
    let (member, identity) = (command.member, command.identity);
    let operation = format!("unlink {identity} {round}");
    let accepted = asking.execute(Some(member), &operation, &identity, command);
    let position = accepted.await?.position;
    let forgotten = app.vault.forget_identity(member, identity).await;
    forgotten.map_err(failed)?;
    Ok(position)
}

/// Whether somebody must sign in first: the address that the provider vouches for is a member's.
pub async fn is_of_a_member(app: &App, who: &Identity) -> Result<bool, Problem> {
    match who.vouched_email() {
        Some(email) => Ok(holder(app, app.vault.email_reservation(&email))
            .await?
            .is_some()),
        None => Ok(false),
    }
}

/// Makes a member of who has arrived, and signs them in.
pub async fn sign_up(
    app: &App,
    asking: &Asking,
    who: &Identity,
    name: MemberName,
    email: Email,
    language: Language,
) -> Result<Joined, Problem> {
    app.limits.check_sign_up(asking.address)?;
    let is_vouched = who.vouched_email().is_some_and(|vouched| vouched == email);
    if app.mailing.reaches_people && !is_vouched {
        let with = joining::With::Account(who);
        return joining::ask(app, asking, (&name, &email, language), with).await;
    }
    let member = MemberId(asking.made_id(None, "member"));
    let added = app.vault.add_account_without_password(member).await;
    added.map_err(failed)?;
    if !is_vouched {
        super::welcome(app, asking, member).await?;
    }
    let identity = identity(app, who);
    let said = (
        name.as_str().to_owned(),
        email.as_str().to_owned(),
        language.code(),
        identity.reservation,
    );
    let sign_up = commands::member::SignUp {
        member,
        name_reservation: app.vault.name_reservation(&name),
        email_reservation: app.vault.email_reservation(&email),
        name,
        email,
        language,
    };
    let command = SignUpWith {
        identity,
        sign_up,
        is_vouched,
    };
    let accepted = asking.execute(None, "sign-up-with", &said, command).await?;
    let kept = app.vault.keep_identity(member, who, fresh::now()).await;
    kept.map_err(failed)?;
    let came = entry::begin_joined(app, asking, member).await?;
    Ok(Joined::In(CameIn {
        position: Some(accepted.position),
        ..came
    }))
}

pub(super) fn identity(app: &App, who: &Identity) -> commands::identity::Identity {
    commands::identity::Identity {
        provider: who.provider.clone(),
        reservation: reservation(app, who),
    }
}

fn reservation(app: &App, who: &Identity) -> ReservationId {
    app.vault.identity_reservation(&who.provider, &who.subject)
}

/// Why does not concern the visitor, who may be an attacker's victim: they begin again.
fn lost(why: Lost) -> Problem {
    tracing::info!(%why, "a journey to a provider was not resumed");
    Problem::new(
        StatusCode::BAD_REQUEST,
        "lost-journey",
        message!("problem-lost-journey"),
    )
    .detail(message!("problem-lost-journey-detail"))
}

impl From<ProviderError> for Problem {
    fn from(error: ProviderError) -> Problem {
        tracing::warn!(%error, "a sign-in with a provider failed");
        let detail = message!("problem-provider-failed-detail");
        let (status, slug) = match error {
            ProviderError::Unusable { .. } => (StatusCode::BAD_GATEWAY, "provider-unusable"),
            ProviderError::Refused { .. } => (StatusCode::BAD_REQUEST, "provider-refused"),
        };
        Problem::new(status, slug, message!("problem-provider-failed")).detail(detail)
    }
}
