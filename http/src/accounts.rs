//! Accounts: signing up, in and out, the password, withdrawing. What the API and
//! the pages do alike.
//!
//! The vault is written before the log: a password without a member is swept, a
//! member without a password could never come in.

pub mod arrivals;
pub mod entry;
pub mod factors;
mod guessing;
pub mod joining;
pub mod known;
pub mod mailed;
pub mod passkeys;

use std::sync::Arc;

use chrono::TimeDelta;
use commands::leaving::AskWithdrawal;
use commands::member::{ChangeAbout, ChooseLanguage};
use commands::name::Rename;
use commands::profile::ChangeProfile;
use domain::forgetting::Extent;
use domain::{About, Email, Language, MemberId, MemberName, ReservationId, State, Stream};
use event_log::{FoldError, KeyringError, StreamName};
use projections::members::Member;
use serde::Serialize;
use sqlx::postgres::PgConnection;

use crate::app::App;
use crate::asking::Asking;
use crate::common_passwords::is_common;
use crate::message;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::links::Purpose;
use crate::vault::mail::{Kind, To};
use crate::vault::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, VaultError};

pub use entry::CameIn;
pub use joining::Joined;

/// What a new member says.
pub struct NewMember {
    pub name: MemberName,
    pub email: Email,
    pub password: String,
    pub language: Language,
}

/// The rule for passwords: 8 characters or more, at most 256 bytes, and not what everybody guesses.
pub fn check_password(field: &'static str, password: &str) -> Result<(), Problem> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(Problem::invalid(field, message!("error-password-short")));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(Problem::invalid(field, message!("error-password-long")));
    }
    if is_common(password) {
        return Err(Problem::invalid(field, message!("error-password-common")));
    }
    Ok(())
}

/// Makes a member and signs them in. The same request again signs the same
/// member in.
pub async fn sign_up(app: &App, asking: &Asking, new: NewMember) -> Result<Joined, Problem> {
    app.limits.check_sign_up(asking.address)?;
    check_password("password", &new.password)?;
    if app.mailing.reaches_people {
        let who = (&new.name, &new.email, new.language);
        let with = joining::With::Password(&new.password);
        return joining::ask(app, asking, who, with).await;
    }
    let member = MemberId(asking.made_id(None, "member"));
    let hash = app.vault.hash(&new.password).await?;
    app.vault.add_account(member, &hash).await.map_err(failed)?;
    // sent once the member is recorded, and not at all if they never are
    welcome(app, asking, member).await?;
    let name_reservation = app.vault.name_reservation(&new.name);
    let email_reservation = app.vault.email_reservation(&new.email);
    let said = (new.name.as_str(), new.email.as_str(), new.language.code());
    let command = commands::member::SignUp {
        member,
        name: new.name.clone(),
        email: new.email.clone(),
        language: new.language,
        name_reservation,
        email_reservation,
    };
    let accepted = asking.execute(None, "sign-up", &said, command).await?;
    if !app.vault.opens(Some(member), &new.password).await? {
        // the same request, but for the password: not the same person, perhaps
        return Err(Problem::from(commands::ExecuteError::IdReused));
    }
    let came = entry::begin_joined(app, asking, member).await?;
    Ok(Joined::In(CameIn {
        position: Some(accepted.position),
        ..came
    }))
}

/// Has the letter written that verifies a new member's address.
async fn welcome(app: &App, asking: &Asking, member: MemberId) -> Result<(), Problem> {
    let id = asking.made_id(Some(member), "verification");
    let kind = Kind::Linking(Purpose::Verification);
    let written = app.vault.write(id, kind, To::Member(member), asking.at());
    written.await.map_err(failed)
}

/// Who has reserved a name or an e-mail, by the log itself.
pub(crate) async fn holder(
    app: &App,
    reservation: ReservationId,
) -> Result<Option<MemberId>, Problem> {
    let state = state_of(app, reservation.stream()).await?;
    Ok(state
        .reservation()
        .and_then(|reservation| reservation.holder))
}

/// What a stream adds up to, by the log itself.
async fn state_of(app: &App, stream: Stream) -> Result<Arc<State>, Problem> {
    let stream = stream.to_string().into();
    let mut connection = app.pool.acquire().await.map_err(failed)?;
    Ok(state_at(app, &mut connection, &stream).await?.1)
}

/// The same with its version.
async fn state_at(
    app: &App,
    connection: &mut PgConnection,
    stream: &StreamName,
) -> Result<(i64, Arc<State>), Problem> {
    let folded = app
        .sequencer
        .state_at(connection, stream, i64::MAX, i64::MAX);
    let folded = folded.await.map_err(|error| match error {
        FoldError::Database(error) => failed(error),
        FoldError::TooLong(_) => Problem::internal(error),
    })?;
    match folded.unreadable {
        Some(error) => Err(Problem::internal(error)),
        None => Ok((folded.version, folded.state)),
    }
}

/// Changes the password; all other sessions of the member end.
pub async fn change_password(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    current: &str,
    new: &str,
) -> Result<i64, Problem> {
    app.limits.check_sign_in(asking.address)?;
    check_password("new_password", new)?;
    // the same request again: the new one opens the account already
    let passwords = [current, new];
    prove(app, asking, caller, ("current_password", &passwords)).await?;
    let hash = app.vault.hash(new).await?;
    let change = asking.made_id(Some(caller.member), "password");
    let told = (change, asking.at());
    app.vault
        .change_password(caller.member, &hash, Some(caller.token()), told)
        .await
        .map_err(failed)?;
    let command = commands::member::RecordPasswordChange {
        member: caller.member,
        change,
    };
    let accepted = asking
        .execute(Some(caller.member), "password", &(), command)
        .await?;
    Ok(accepted.position)
}

/// Ends the membership: the account goes, and who they were is forgotten, or what they wrote, too.
/// Where there is time to change one's mind, until it is over only the sessions end.
pub async fn withdraw(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    row: &Member,
    (password, extent): (&str, Extent),
) -> Result<i64, Problem> {
    app.limits.check_sign_in(asking.address)?;
    prove(app, asking, caller, ("password", &[password])).await?;
    if app.grace > TimeDelta::zero() {
        let command = AskWithdrawal {
            member: caller.member,
            extent,
            grace: app.grace,
            at: asking.at(),
        };
        let said = extent.slug();
        let position = run(asking, caller.member, "ask-withdrawal", &said, command).await?;
        let ended = app.vault.end_all_of(caller.member, None).await;
        ended.map_err(failed)?;
        return Ok(position);
    }
    let command = commands::member::Withdraw {
        member: caller.member,
        extent,
        name_reservation: ReservationId(row.name_reservation),
        email_reservation: ReservationId(row.email_reservation),
    };
    let accepted = asking
        .execute(Some(caller.member), "withdraw", &extent.slug(), command)
        .await?;
    app.vault
        .close_account(caller.member)
        .await
        .map_err(failed)?;
    Ok(accepted.position)
}

/// What a member changes of what others see; `None` stays as it is.
#[derive(Default)]
pub struct ProfileChange {
    pub name: Option<MemberName>,
    pub about: Option<About>,
    pub language: Option<Language>,
}

/// Changes the profile, all that is asked for or nothing. Returns where; 0: nothing was asked for.
pub async fn change_profile(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    row: &Member,
    change: ProfileChange,
) -> Result<i64, Problem> {
    let ProfileChange {
        name,
        about,
        language,
    } = change;
    if name.is_none() && about.is_none() && language.is_none() {
        return Ok(0);
    }
    let member = caller.member;
    let said = (
        name.as_ref().map(|name| name.as_str().to_owned()),
        about.as_ref().map(|about| about.as_str().to_owned()),
        language.map(|language| language.code()),
    );
    let command = ChangeProfile {
        member,
        name: name.map(|name| Rename {
            member,
            reservation: app.vault.name_reservation(&name),
            former: ReservationId(row.name_reservation),
            name,
        }),
        about: about.map(|about| ChangeAbout { member, about }),
        language: language.map(|language| ChooseLanguage { member, language }),
    };
    run(asking, member, "profile", &said, command).await
}

async fn run<C: commands::Command + Send + 'static>(
    asking: &Asking,
    member: MemberId,
    operation: &str,
    said: &impl Serialize,
    command: C,
) -> Result<i64, Problem> {
    Ok(asking
        .execute(Some(member), operation, said, command)
        .await?
        .position)
}

/// By the password; who signs in without one, or with a second factor besides, must have done so
/// lately.
async fn prove(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    (field, passwords): (&'static str, &[&str]),
) -> Result<(), Problem> {
    let has_one = app.vault.has_password(caller.member).await;
    if !has_one.map_err(failed)? {
        return entry::expect_recent(app, caller).await;
    }
    if !entry::own_password_is(app, asking, caller, passwords).await? {
        return Err(Problem::invalid(field, message!("error-password-wrong")));
    }
    let factor = app.vault.factor(caller.member).await;
    // the password is one of two
    let owes_more = factor.map_err(failed)?.is_some() || !caller.resting.is_empty();
    match owes_more {
        true => entry::expect_recent(app, caller).await,
        false => Ok(()),
    }
}

impl From<VaultError> for Problem {
    fn from(error: VaultError) -> Problem {
        match error {
            VaultError::Database(error) => failed(error),
            VaultError::Keyring(KeyringError::Database(error)) => failed(error),
            error @ (VaultError::Hash(_) | VaultError::Keyring(_) | VaultError::Factor(_)) => {
                Problem::internal(error)
            }
        }
    }
}
