//! Who is let in. Each sign-in passes here, whichever way it came, and is written down: who, how,
//! from where and what came of it, and no secret.

use std::fmt;

use axum::http::{HeaderValue, StatusCode};
use commands::leaving::TakeBackWithdrawal;
use domain::{Email, MemberId};
use uuid::Uuid;

use super::guessing::guess;
use super::{holder, run, state_of};
use crate::app::App;
use crate::asking::Asking;
use crate::language::Message;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::guesses::Guessed;
use crate::vault::passkeys::PASSKEY;
use crate::vault::sessions::Factors;
use crate::vault::{PASSWORD_MAX_BYTES, Token};
use crate::{fresh, message};

/// How somebody has shown who they are.
#[derive(Clone, Debug)]
pub enum Way {
    Password,
    /// With an account at this provider.
    Provider(String),
    /// Which is two factors in one.
    Passkey,
    /// They have just become a member.
    Joining,
    /// After the other one, with a code.
    Code(String),
}

impl Way {
    fn factors(&self) -> Factors {
        match self {
            Way::Passkey | Way::Code(_) => Factors::Two,
            Way::Password | Way::Provider(_) | Way::Joining => Factors::One,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Password => f.write_str("password"),
            Way::Provider(slug) => write!(f, "provider:{slug}"),
            Way::Passkey => f.write_str("passkey"),
            Way::Joining => f.write_str("joining"),
            Way::Code(first) => write!(f, "{first}+code"),
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    In,
    /// A code is owed.
    Halfway,
    Refused,
}

impl Outcome {
    fn slug(self) -> &'static str {
        match self {
            Outcome::In => "in",
            Outcome::Halfway => "halfway",
            Outcome::Refused => "refused",
        }
    }
}

/// Whoever has just come in.
pub struct CameIn {
    pub member: MemberId,
    pub token: Token,
    /// A `Set-Cookie` value: their browser is known to them from now on.
    pub known: HeaderValue,
    /// Where they are recorded, if this made them a member.
    pub position: Option<i64>,
    /// They wanted to leave, and have changed their mind.
    pub stays: bool,
}

/// How far somebody has come.
pub enum Entry {
    In(CameIn),
    /// Their account asks for a code, too; the token is for the browser that has come so far.
    Halfway(Token),
}

/// Signs in by e-mail and password. What is wrong of the two is not told, and
/// takes as long.
pub async fn sign_in(
    app: &App,
    asking: &Asking,
    email: &str,
    password: &str,
) -> Result<Entry, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let refused = |holder| {
        note_refused(asking, holder, &Way::Password);
        wrong(message!("error-sign-in"))
    };
    let email = Email::new(email).map_err(|_| refused(None))?;
    let address = app.vault.email_reservation(&email);
    let holder = holder(app, address).await?;
    let what = Guessed::Password(address);
    let guess = guess(app, asking, what, (holder, &Way::Password)).await?;
    let endings = app.vault.endings(holder).await.map_err(failed)?;
    let opens = password.len() <= PASSWORD_MAX_BYTES && app.vault.opens(holder, password).await?;
    let Some(member) = holder.filter(|_| opens) else {
        return Err(refused(holder));
    };
    app.vault.take_back(guess).await.map_err(failed)?;
    let_in(app, asking, (member, endings), Way::Password).await
}

/// Nobody is known by what they have.
pub(super) fn unknown(asking: &Asking, way: &Way) -> Problem {
    note_refused(asking, None, way);
    wrong(message!("problem-passkey-unknown"))
}

fn wrong(title: Message) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "wrong-credentials", title)
}

/// Lets in somebody who has shown who they are, or asks for their second factor. `endings` is from
/// before they did ([`crate::vault::Vault::endings`]).
pub(super) async fn let_in(
    app: &App,
    asking: &Asking,
    (member, endings): (MemberId, i64),
    way: Way,
) -> Result<Entry, Problem> {
    let owes_a_code = match way {
        Way::Password | Way::Provider(_) => {
            let factor = app.vault.factor(member).await;
            factor.map_err(failed)?.is_some()
        }
        Way::Passkey | Way::Joining | Way::Code(_) => false,
    };
    if !owes_a_code {
        let begun = begin(app, asking, (member, endings), &way).await;
        return begun.map(Entry::In);
    }
    note(asking, Some(member), &way, Outcome::Halfway);
    let first = way.to_string();
    let since = (endings, asking.at());
    let token = app.vault.begin_halfway(member, &first, since).await;
    let token = token.map_err(failed)?;
    let token = token.ok_or_else(|| ended(asking, member, &way))?;
    Ok(Entry::Halfway(token))
}

/// The second step: a code of the app, or a recovery code.
pub async fn give_code(
    app: &App,
    asking: &Asking,
    token: &str,
    code: &str,
) -> Result<CameIn, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let found = app.vault.halfway(token, asking.at()).await;
    let Some((member, first)) = found.map_err(failed)? else {
        return Err(too_late());
    };
    let way = Way::Code(first);
    let endings = app.vault.endings(Some(member)).await.map_err(failed)?;
    expect_code(app, asking, member, code, &way).await?;
    if !app.vault.end_halfway(token).await.map_err(failed)? {
        return Err(too_late());
    }
    begin(app, asking, (member, endings), &way).await
}

/// Nobody is half way in, or not any more.
pub fn too_late() -> Problem {
    let title = message!("problem-second-factor-too-late");
    Problem::new(StatusCode::UNAUTHORIZED, "second-factor-too-late", title)
}

async fn expect_code(
    app: &App,
    asking: &Asking,
    member: MemberId,
    code: &str,
    way: &Way,
) -> Result<(), Problem> {
    let what = Guessed::Code(member);
    let guess = guess(app, asking, what, (Some(member), way)).await?;
    if !app.vault.check_code(member, code, asking.at()).await? {
        note_refused(asking, Some(member), way);
        return Err(Problem::invalid("code", message!("error-code")));
    }
    app.vault.take_back(guess).await.map_err(failed)
}

/// Begins the first session of a new member. The same request once more is no way around a second
/// factor that they have set up since.
pub(super) async fn begin_joined(
    app: &App,
    asking: &Asking,
    member: MemberId,
) -> Result<CameIn, Problem> {
    if app.vault.factor(member).await.map_err(failed)?.is_some() {
        return Err(Problem::from(commands::ExecuteError::IdReused));
    }
    let endings = app.vault.endings(Some(member)).await.map_err(failed)?;
    begin(app, asking, (member, endings), &Way::Joining).await
}

/// Begins a session. Who wanted to leave stays.
async fn begin(
    app: &App,
    asking: &Asking,
    (member, endings): (MemberId, i64),
    way: &Way,
) -> Result<CameIn, Problem> {
    let since = (endings, asking.at());
    let with = (asking.device.as_str(), way.factors());
    let token = app.vault.begin_session(member, with, since);
    let token = token.await.map_err(failed)?;
    let token = token.ok_or_else(|| ended(asking, member, way))?;
    let state = state_of(app, member.stream()).await?;
    let stays = state.member().is_some_and(|state| state.leaving.is_some());
    if stays {
        let command = TakeBackWithdrawal { member };
        run(asking, member, "take-back-withdrawal", &(), command).await?;
    }
    note(asking, Some(member), way, Outcome::In);
    Ok(CameIn {
        member,
        token,
        known: asking.browser.with(&app.vault, member, app.secure_cookies),
        position: None,
        stays,
    })
}

/// While they were signing in, all sessions of the member were ended, or their account elsewhere
/// changed hands: with what they have shown nobody may come in any more.
pub(super) fn ended(asking: &Asking, member: MemberId, way: &Way) -> Problem {
    note_refused(asking, Some(member), way);
    wrong(message!("error-sign-in"))
}

/// Shows again that it is them, with the password, and a code where they have a second factor: as a
/// sign-in, it begins a session.
pub async fn prove_again(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    (password, code): (&str, &str),
) -> Result<CameIn, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let member = caller.member;
    let endings = app.vault.endings(Some(member)).await.map_err(failed)?;
    if !own_password_is(app, asking, caller, &[password]).await? {
        return Err(Problem::invalid(
            "password",
            message!("error-password-wrong"),
        ));
    }
    if app.vault.factor(member).await.map_err(failed)?.is_none() {
        return begin(app, asking, (member, endings), &Way::Password).await;
    }
    let way = Way::Code(Way::Password.to_string());
    expect_code(app, asking, member, code, &way).await?;
    begin(app, asking, (member, endings), &way).await
}

/// Whether one of these is the caller's password. Who is at somebody's open browser has so many tries
/// there, too.
pub(super) async fn own_password_is(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    passwords: &[&str],
) -> Result<bool, Problem> {
    let member = caller.member;
    let what = Guessed::OwnPassword(member, caller.token());
    let way = Way::Password;
    let guess = guess(app, asking, what, (Some(member), &way)).await?;
    for password in passwords {
        let is_short = password.len() <= PASSWORD_MAX_BYTES;
        if is_short && app.vault.opens(Some(member), password).await? {
            app.vault.take_back(guess).await.map_err(failed)?;
            return Ok(true);
        }
    }
    note_refused(asking, Some(member), &way);
    Ok(false)
}

/// Whether the caller signed in lately, as who changes their ways in must; whose roles rest here with
/// both factors, if they have a second. With one of them nobody gives themselves another one.
pub async fn is_recent(app: &App, caller: &Caller) -> Result<bool, Problem> {
    if !caller.resting.is_empty() && has_second_factor(app, caller.member).await? {
        return Ok(false);
    }
    let is_recent = app.vault.is_recent(caller.token(), fresh::now()).await;
    is_recent.map_err(failed)
}

/// Codes, or a passkey.
async fn has_second_factor(app: &App, member: MemberId) -> Result<bool, Problem> {
    let linked = app.vault.identities(member).await.map_err(failed)?;
    let has_passkey = linked.iter().any(|one| one.provider == PASSKEY);
    Ok(has_passkey || app.vault.factor(member).await.map_err(failed)?.is_some())
}

pub async fn expect_recent(app: &App, caller: &Caller) -> Result<(), Problem> {
    if is_recent(app, caller).await? {
        return Ok(());
    }
    let title = message!("problem-sign-in-again");
    Err(Problem::new(StatusCode::FORBIDDEN, "sign-in-again", title)
        .detail(message!("problem-sign-in-again-detail")))
}

/// Ends one session of the caller's, who has shown lately that it is them: whoever is at an open
/// browser keeps nobody out of others.
pub async fn end_session(app: &App, caller: &Caller, session: Uuid) -> Result<(), Problem> {
    expect_recent(app, caller).await?;
    let ended = app.vault.end_one_of(caller.member, session).await;
    let was_theirs = ended.map_err(failed)?;
    was_theirs.then_some(()).ok_or_else(Problem::not_found)
}

/// All but the one that asks, as well.
pub async fn end_other_sessions(app: &App, caller: &Caller) -> Result<(), Problem> {
    expect_recent(app, caller).await?;
    let ended = app.vault.end_all_of(caller.member, Some(caller.token()));
    ended.await.map_err(failed)
}

/// It came to nothing.
pub(super) fn note_refused(asking: &Asking, member: Option<MemberId>, way: &Way) {
    note(asking, member, way, Outcome::Refused);
}

/// For whoever runs the site.
fn note(asking: &Asking, member: Option<MemberId>, way: &Way, outcome: Outcome) {
    let member = member.map_or_else(|| "-".to_owned(), |member| member.to_string());
    let (address, outcome) = (asking.address.0, outcome.slug());
    tracing::info!(%member, %way, outcome, %address, "sign-in");
}
