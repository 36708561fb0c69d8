//! Joining where letters reach people: whoever types an address is answered alike, whether it is a
//! member's or not. A letter goes there, and who follows its link is a member. If the address is a
//! member's already, the letter tells them so instead.
//!
//! Whoever follows the link must be who has asked for it: by the browser, or by the password. Else
//! somebody could join with a stranger's address, and have the stranger confirm it. In the browser of
//! a sign-up each link that went to its address will do: there are so many letters to one in an hour,
//! and strangers who ask for them can't keep its owner out.

use axum::http::StatusCode;
use commands::email::VerifyEmail;
use commands::identity::SignUpWith;
use commands::member::SignUp as Command;
use domain::{Email, Language, MemberId, MemberName};
use uuid::Uuid;

use super::entry::{self, CameIn};
use super::{NewMember, arrivals, holder, mailed};
use crate::address::household;
use crate::app::App;
use crate::asking::Asking;
use crate::problem::Problem;
use crate::providers::Identity;
use crate::reading::failed;
use crate::vault::links::{Link, Purpose};
use crate::vault::mail::{Kind, To};
use crate::vault::sign_ups::SignUp;
use crate::vault::{PASSWORD_MAX_BYTES, Token};
use crate::{fresh, message};

/// How far somebody has come who wants to join.
pub enum Joined {
    In(CameIn),
    /// They are a member when they follow the link in a letter; the token is for the browser in which
    /// they began.
    Mailed(Token),
}

/// What whoever follows a link brings to show that it is they who asked for it.
#[derive(Clone, Copy, Default)]
pub struct Proof<'a> {
    pub browser: Option<&'a str>,
    pub password: Option<&'a str>,
}

/// With what they will sign in.
pub(super) enum With<'a> {
    Password(&'a str),
    Account(&'a Identity),
}

/// Has the letter sent, whoever's the address is. Names are no secret: a taken one is told.
pub(super) async fn ask(
    app: &App,
    asking: &Asking,
    (name, email, language): (&MemberName, &Email, Language),
    with: With<'_>,
) -> Result<Joined, Problem> {
    if holder(app, app.vault.name_reservation(name))
        .await?
        .is_some()
    {
        return Err(Problem::from(commands::Refused::NameTaken));
    }
    let (password_hash, who) = match with {
        With::Password(password) => (Some(app.vault.hash(password).await?), None),
        With::Account(who) => (None, Some(who)),
    };
    let reservation = app.vault.email_reservation(email);
    // the same request for another address is somebody else
    let id = asking.made_id(None, &format!("joining {reservation}"));
    let asker = household(asking.address.0).to_string();
    let sign_up = SignUp {
        id,
        name: name.as_str().to_owned(),
        email: email.as_str().to_owned(),
        language: language.code().to_owned(),
        password_hash,
        provider: who.map(|who| who.provider.clone()),
        subject: who.map(|who| who.subject.clone()),
        label: who.map(|who| who.label.clone()),
    };
    let about = (reservation, asker.as_str());
    let kept = app.vault.keep_sign_up(&sign_up, about, asking.at());
    kept.await.map_err(failed)?;
    let to = To::HolderAt(reservation, email.clone());
    let kind = Kind::Linking(Purpose::Joining);
    let written = app.vault.write(id, kind, to, asking.at());
    written.await.map_err(failed)?;
    Ok(Joined::Mailed(app.vault.browser_token(id)))
}

/// What somebody's link is good for.
pub struct Waiting {
    link: Link,
    /// Who they said they are.
    pub sign_up: SignUp,
    /// In this browser.
    pub began_here: bool,
}

pub async fn waiting(app: &App, token: &str, browser: Option<&str>) -> Result<Waiting, Problem> {
    let link = mailed::link(app, token, Purpose::Joining).await?;
    let own = browser.and_then(|browser| app.vault.begun_in(browser));
    if let Some(sign_up) = own_of_address(app, own, &link.address).await? {
        return Ok(Waiting {
            link,
            sign_up,
            began_here: true,
        });
    }
    let found = app.vault.sign_up(link.id, fresh::now()).await;
    let sign_up = found.map_err(failed)?.ok_or_else(mailed::used_up)?;
    Ok(Waiting {
        link,
        sign_up,
        began_here: false,
    })
}

/// What began in this browser, if it is for the address to which the letter went.
async fn own_of_address(
    app: &App,
    own: Option<Uuid>,
    address: &str,
) -> Result<Option<SignUp>, Problem> {
    let Some(own) = own else {
        return Ok(None);
    };
    let sign_up = app.vault.sign_up(own, fresh::now()).await.map_err(failed)?;
    let key = |text: &str| Email::new(text).map(|email| email.key());
    let address = key(address).map_err(Problem::internal)?;
    Ok(sign_up.filter(|sign_up| key(&sign_up.email).is_ok_and(|own| own == address)))
}

/// Makes a member of whoever follows the link, and signs them in; under another name, if theirs was
/// taken meanwhile.
pub async fn finish(
    app: &App,
    asking: &Asking,
    (token, proof): (&str, Proof<'_>),
    name: Option<MemberName>,
) -> Result<CameIn, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let waiting = waiting(app, token, proof.browser).await?;
    expect_same(app, &waiting, proof.password).await?;
    let Waiting { link, sign_up, .. } = waiting;
    let new = typed(&sign_up)?;
    let name = name.unwrap_or(new.name);
    let (member, who) = (MemberId(sign_up.id), sign_up.identity());
    let added = match &sign_up.password_hash {
        Some(hash) => app.vault.add_account(member, hash).await,
        None => app.vault.add_account_without_password(member).await,
    };
    added.map_err(failed)?;
    let command = Command {
        member,
        name_reservation: app.vault.name_reservation(&name),
        email_reservation: app.vault.email_reservation(&new.email),
        name,
        email: new.email,
        language: new.language,
    };
    let position = record(app, asking, command, who.as_ref()).await?;
    if let Some(who) = &who {
        let kept = app.vault.keep_identity(member, who, asking.at()).await;
        kept.map_err(failed)?;
    }
    app.vault.use_link(&link).await.map_err(failed)?;
    let used = app.vault.use_all_links(member).await;
    used.map_err(failed)?;
    let ended = app.vault.end_sign_up(sign_up.id).await;
    ended.map_err(failed)?;
    let came = entry::begin_joined(app, asking, member).await?;
    Ok(CameIn {
        position: Some(position),
        ..came
    })
}

async fn expect_same(app: &App, waiting: &Waiting, password: Option<&str>) -> Result<(), Problem> {
    if waiting.began_here {
        return Ok(());
    }
    let Some(hash) = &waiting.sign_up.password_hash else {
        return Err(other_browser());
    };
    let password = password.unwrap_or_default();
    let opens = password.len() <= PASSWORD_MAX_BYTES;
    if opens && app.vault.is_of(hash.clone(), password).await? {
        return Ok(());
    }
    Err(Problem::invalid(
        "password",
        message!("error-join-password"),
    ))
}

/// Who comes from a provider has no password to show.
pub fn other_browser() -> Problem {
    let title = message!("problem-other-browser");
    Problem::new(StatusCode::FORBIDDEN, "other-browser", title)
        .detail(message!("problem-other-browser-detail"))
}

/// As it was when it was typed: it was checked then.
fn typed(sign_up: &SignUp) -> Result<NewMember, Problem> {
    Ok(NewMember {
        name: MemberName::new(&sign_up.name).map_err(Problem::internal)?,
        email: Email::new(&sign_up.email).map_err(Problem::internal)?,
        password: String::new(),
        language: Language::from_code(&sign_up.language).map_err(Problem::internal)?,
    })
}

/// That the letter arrived shows whose the address is.
async fn record(
    app: &App,
    asking: &Asking,
    sign_up: Command,
    who: Option<&Identity>,
) -> Result<i64, Problem> {
    let (member, reservation) = (sign_up.member, sign_up.email_reservation);
    let said = (member, sign_up.name.as_str().to_owned());
    if let Some(who) = who {
        let command = SignUpWith {
            identity: arrivals::identity(app, who),
            sign_up,
            is_vouched: true,
        };
        let accepted = asking.execute(None, "sign-up-with", &said, command).await;
        return accepted.map(|accepted| accepted.position).map_err(taken);
    }
    let accepted = asking.execute(None, "sign-up", &said, sign_up).await;
    accepted.map_err(taken)?;
    let command = VerifyEmail {
        member,
        reservation,
    };
    let verified = asking.execute(Some(member), "verify-email", &member, command);
    Ok(verified.await?.position)
}

/// Somebody who has the address was faster: that it is taken is not told here, either.
fn taken(problem: Problem) -> Problem {
    let is_email = problem.errors().iter().any(|error| error.field == "email");
    if is_email { mailed::used_up() } else { problem }
}
