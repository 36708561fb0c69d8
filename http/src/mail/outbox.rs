//! Sends what waits in the outbox. Every node does; a letter is sent by one of them, and waits on
//! if that one dies over it.

use std::sync::Weak;
use std::time::Duration;

use domain::{Email, MemberId, ReservationId};

use super::MailError;
use super::letters::{Occasion, letter};
use crate::accounts::known::{Known, known};
use crate::app::{App, Node};
use crate::problem::Problem;
use crate::vault::links::Purpose;
use crate::vault::mail::{Kind, Taken, To, Waiting};
use crate::{accounts, fresh};

/// Other nodes' letters, and those that were postponed, are found so late at most.
const EVERY: Duration = Duration::from_secs(2);
/// Whoever a letter is for may be recorded a moment after it was written.
const BIRTH: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// Why a letter is not on its way.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Mail(#[from] MailError),
    /// It was logged.
    #[error("{0}")]
    Internal(String),
    #[error("whoever it is for is not recorded yet")]
    NotYet,
}

/// Sends until the node is gone.
pub async fn send(node: Weak<Node>) {
    let Some(written) = node.upgrade().map(|node| node.vault.written.clone()) else {
        return;
    };
    while let Some(node) = node.upgrade() {
        let app = App::from(node);
        if let Err(error) = send_all(&app).await {
            tracing::warn!(%error, "the outbox was not looked into; the next round does it");
        }
        drop(app);
        let _ = tokio::time::timeout(EVERY, written.notified()).await;
    }
}

async fn send_all(app: &App) -> sqlx::Result<()> {
    while let Some(taken) = app.vault.take_letter(fresh::now()).await? {
        send_one(app, taken).await?;
    }
    Ok(())
}

async fn send_one(app: &App, taken: Taken) -> sqlx::Result<()> {
    let letter = taken.letter.clone();
    match compose_and_send(app, &letter).await {
        Ok(()) => taken.done().await,
        // nobody will ever have it
        Err(SendError::Mail(MailError::Address)) => {
            tracing::warn!(letter = %letter.id, "a letter to an address that no mail can have");
            taken.done().await
        }
        Err(error) => {
            let again = taken.postpone(fresh::now()).await?;
            if !matches!(error, SendError::NotYet) {
                tracing::warn!(letter = %letter.id, %error, again, "a letter was not sent");
            }
            Ok(())
        }
    }
}

async fn compose_and_send(app: &App, waiting: &Waiting) -> Result<(), SendError> {
    if let To::HolderAt(reservation, email) = &waiting.to {
        return answer_who_joins(app, waiting, *reservation, email).await;
    }
    let Some((known, to)) = reader(app, waiting).await? else {
        return Ok(());
    };
    let link = match waiting.kind {
        Kind::Linking(purpose) => {
            let now = fresh::now();
            let this = (waiting.id, purpose);
            let enough = app.vault.was_mailed_enough(known.member, this, now);
            if now > waiting.written_at + purpose.lifetime() || enough.await? {
                tracing::info!(letter = %waiting.id, "a letter is too old, or one too many");
                return Ok(());
            }
            let token = app.vault.link(waiting, purpose, known.member, &to).await?;
            Some(format!("{}?token={}", page(purpose), token.reveal()))
        }
        Kind::PasswordChanged => Some("/forgot-password".to_owned()),
        Kind::WaysChanged => Some("/settings/sign-in".to_owned()),
        Kind::AddressChanged | Kind::HereAlready => None,
    };
    let reader = (known.name.as_str(), known.language, to.as_str());
    dispatch(app, waiting, waiting.kind, reader, link).await
}

async fn dispatch(
    app: &App,
    waiting: &Waiting,
    kind: Kind,
    (name, language, to): (&str, domain::Language, &str),
    link: Option<String>,
) -> Result<(), SendError> {
    let link = link.map(|link| format!("{}{link}", app.mailing.origin));
    let occasion = Occasion {
        id: waiting.id,
        at: waiting.written_at,
        kind,
        language: language.into(),
        name,
        to,
        link: link.as_deref(),
    };
    app.mailing.send(letter(&occasion)).await?;
    Ok(())
}

/// Who wants to join gets a link; whose address it was already is told so.
async fn answer_who_joins(
    app: &App,
    waiting: &Waiting,
    reservation: ReservationId,
    email: &Email,
) -> Result<(), SendError> {
    let now = fresh::now();
    let Some(sign_up) = app.vault.sign_up(waiting.id, now).await? else {
        return Ok(());
    };
    if app.vault.was_asked_enough(email, waiting.id, now).await? {
        tracing::info!(letter = %waiting.id, "one letter too many to an address");
        return Ok(());
    }
    let holder = accounts::holder(app, reservation).await;
    if let Some(member) = holder.map_err(internal)? {
        let Some(known) = known(app, member).await.map_err(internal)? else {
            return Ok(());
        };
        let reader = (known.name.as_str(), known.language, email.as_str());
        let link = Some("/sign-in".to_owned());
        return dispatch(app, waiting, Kind::HereAlready, reader, link).await;
    }
    let language = domain::Language::from_code(&sign_up.language);
    let language = language.map_err(|error| SendError::Internal(error.to_string()))?;
    let (purpose, member) = (Purpose::Joining, MemberId(sign_up.id));
    let token = app.vault.link(waiting, purpose, member, email).await?;
    let link = Some(format!("{}?token={}", page(purpose), token.reveal()));
    let reader = (sign_up.name.as_str(), language, email.as_str());
    dispatch(app, waiting, waiting.kind, reader, link).await
}

fn internal(problem: Problem) -> SendError {
    SendError::Internal(format!("{problem:?}"))
}

/// The page that a link leads to.
fn page(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Verification => "/verify-email",
        Purpose::Address => "/change-email",
        Purpose::Reset => "/reset-password",
        Purpose::Joining => "/join",
    }
}

/// Who reads it, and where; `None`: nobody does.
async fn reader(app: &App, waiting: &Waiting) -> Result<Option<(Known, Email)>, SendError> {
    let (member, address) = match &waiting.to {
        To::Member(member) => (*member, None),
        To::MemberAt(member, address) => (*member, Some(address.clone())),
        To::Holder(reservation) | To::HolderAt(reservation, _) => {
            let holder = accounts::holder(app, *reservation).await;
            let Some(member) = holder.map_err(internal)? else {
                return Ok(None);
            };
            (member, None)
        }
    };
    let Some(known) = known(app, member).await.map_err(internal)? else {
        return is_born_yet(waiting, member);
    };
    if waiting.kind == Kind::Linking(Purpose::Verification) && known.email_verified {
        return Ok(None);
    }
    // told once it is so
    let is_former = |address: &Email| app.vault.email_reservation(address) != known.email_of;
    if waiting.kind == Kind::AddressChanged && !address.as_ref().is_some_and(is_former) {
        return is_born_yet(waiting, member);
    }
    let to = address.unwrap_or_else(|| known.email.clone());
    Ok(Some((known, to)))
}

/// The outbox is written before the log; what never came to be is forgotten.
fn is_born_yet(waiting: &Waiting, member: MemberId) -> Result<Option<(Known, Email)>, SendError> {
    if fresh::now() < waiting.written_at + BIRTH {
        return Err(SendError::NotYet);
    }
    tracing::info!(%member, "a letter about what never came to be");
    Ok(None)
}
