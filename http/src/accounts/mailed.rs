//! What members do by following a link in a letter: they verify their address, change it, or
//! choose a new password.
//!
//! Who asks for a letter to an address hears nothing about it: the answer is the same, and as
//! soon, for a member's address and for any other. Whose it is, is found out when the letter is
//! sent.

use axum::http::{HeaderValue, StatusCode};
use commands::email::{ChangeEmail, VerifyEmail};
use commands::factor::RemoveSecondFactor;
use commands::identity::Unlink;
use commands::member::RecordPasswordChange;
use domain::{Email, MemberId};

use super::known::{Known, known};
use super::{arrivals, check_password, holder, prove, run, state_of};
use crate::app::App;
use crate::asking::Asking;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::links::{Link, Purpose};
use crate::vault::mail::{Kind, To};
use crate::{fresh, message};

/// Has a letter sent with which whoever has this address can choose a new password.
pub async fn ask_for_reset(app: &App, asking: &Asking, email: &Email) -> Result<(), Problem> {
    app.limits.check_sign_in(asking.address)?;
    let reservation = app.vault.email_reservation(email);
    // the same request for another address is another letter
    let id = asking.made_id(None, &format!("reset-letter {reservation}"));
    let to = To::Holder(reservation);
    let kind = Kind::Linking(Purpose::Reset);
    let written = app.vault.write(id, kind, to, asking.at()).await;
    written.map_err(failed)
}

/// What somebody's link is good for; one that is not says so.
pub async fn link(app: &App, token: &str, purpose: Purpose) -> Result<Link, Problem> {
    let found = app.vault.find_link(token, purpose, fresh::now()).await;
    found.map_err(failed)?.ok_or_else(used_up)
}

pub(super) fn used_up() -> Problem {
    let title = message!("problem-link-used-up");
    Problem::new(StatusCode::GONE, "link-used-up", title)
        .detail(message!("problem-link-used-up-detail"))
}

/// A new password is chosen.
pub struct Chosen {
    pub position: i64,
    /// A `Set-Cookie` value: the browser in which it was is known to the member from now on. Strangers
    /// who guess at their account keep them out of others.
    pub known: HeaderValue,
}

/// Chooses a new password, and ends all sessions. That the letter arrived shows whose the address
/// is.
pub async fn reset(app: &App, asking: &Asking, token: &str, new: &str) -> Result<Chosen, Problem> {
    app.limits.check_sign_in(asking.address)?;
    check_password("new_password", new)?;
    let link = link(app, token, Purpose::Reset).await?;
    let hash = app.vault.hash(new).await?;
    let member = link.member;
    let known = known(app, member).await?.ok_or_else(used_up)?;
    let address = Email::new(&link.address).map_err(Problem::internal)?;
    if app.vault.email_reservation(&address) != known.email_of {
        // it went to a former address
        return Err(used_up());
    }
    let was_theirs = known.email_verified;
    if !was_theirs {
        // before the link is used up: should this fail, it is good once more
        take_over(app, asking, member, "before").await?;
    }
    let was_first = app.vault.reset_password(&link, &hash, asking.at()).await;
    if !was_first.map_err(failed)? {
        return Err(used_up());
    }
    let command = RecordPasswordChange {
        member,
        change: link.id,
    };
    let changed = asking
        .execute(Some(member), "password-reset", &link.id, command)
        .await?;
    if !was_theirs {
        // what was set up until their sessions ended
        take_over(app, asking, member, "after").await?;
    }
    verify_what_the_link_shows(app, asking, &link).await?;
    Ok(Chosen {
        position: changed.position,
        known: asking.browser.with(&app.vault, member, app.secure_cookies),
    })
}

/// Nobody had shown that the address is theirs: whoever signed up with it may be somebody else, and
/// comes in no more in the ways that they set up.
async fn take_over(
    app: &App,
    asking: &Asking,
    member: MemberId,
    round: &str,
) -> Result<(), Problem> {
    let state = state_of(app, member.stream()).await?;
    // the vault may have lost what it calls them
    let linked = state.member().into_iter();
    for identity in linked.flat_map(|state| state.identities.keys().copied()) {
        let command = Unlink {
            member,
            identity,
            even_the_last: true,
        };
        arrivals::take_away(app, asking, command, round).await?;
    }
    let removed = app.vault.remove_factor(member).await;
    removed.map_err(failed)?;
    let command = RemoveSecondFactor { member };
    let operation = format!("remove-second-factor {round}");
    run(asking, member, &operation, &(), command).await?;
    Ok(())
}

/// Verifies the address that the letter went to.
pub async fn verify(app: &App, asking: &Asking, token: &str) -> Result<i64, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let link = link(app, token, Purpose::Verification).await?;
    let position = verify_what_the_link_shows(app, asking, &link).await?;
    app.vault.use_link(&link).await.map_err(failed)?;
    // it was changed since
    position.ok_or_else(used_up)
}

/// `None`: the member has another address by now.
async fn verify_what_the_link_shows(
    app: &App,
    asking: &Asking,
    link: &Link,
) -> Result<Option<i64>, Problem> {
    let email = Email::new(&link.address).map_err(Problem::internal)?;
    let command = VerifyEmail {
        member: link.member,
        reservation: app.vault.email_reservation(&email),
    };
    let actor = Some(link.member);
    match asking
        .execute(actor, "verify-email", &link.id, command)
        .await
    {
        Ok(accepted) => Ok(Some(accepted.position)),
        Err(problem) if problem.slug() == "outdated" => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Has the letter sent again that verifies the caller's address.
pub async fn ask_for_verification(
    app: &App,
    asking: &Asking,
    caller: &Caller,
) -> Result<(), Problem> {
    write_link(app, asking, caller, Purpose::Verification, None).await
}

/// Has a letter sent to a new address. It becomes the caller's when they follow the link in it;
/// the one that they have is told then.
pub async fn ask_for_change(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    (email, password): (Email, &str),
) -> Result<(), Problem> {
    app.limits.check_sign_in(asking.address)?;
    prove(app, asking, caller, ("password", &[password])).await?;
    write_link(app, asking, caller, Purpose::Address, Some(email)).await
}

async fn write_link(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    purpose: Purpose,
    email: Option<Email>,
) -> Result<(), Problem> {
    let member = caller.member;
    let address = email
        .as_ref()
        .map(|email| app.vault.email_reservation(email));
    let address = address.map_or_else(String::new, |address| address.to_string());
    // the same request for another address is another letter
    let id = asking.made_id(Some(member), &format!("{} {address}", purpose.slug()));
    let this = (id, purpose);
    let enough = app.vault.was_mailed_enough(member, this, asking.at());
    if enough.await.map_err(failed)? {
        return Err(Problem::too_many_requests(AN_HOUR_SECONDS));
    }
    let to = match email {
        Some(email) => To::MemberAt(member, email),
        None => To::Member(member),
    };
    let kind = Kind::Linking(purpose);
    let written = app.vault.write(id, kind, to, asking.at()).await;
    written.map_err(failed)
}

const AN_HOUR_SECONDS: u32 = 3_600;

/// Makes the address that the letter went to the member's.
pub async fn change_email(app: &App, asking: &Asking, token: &str) -> Result<i64, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let link = link(app, token, Purpose::Address).await?;
    let Known {
        email: former,
        email_of,
        ..
    } = known(app, link.member).await?.ok_or_else(used_up)?;
    let email = Email::new(&link.address).map_err(Problem::internal)?;
    let reservation = app.vault.email_reservation(&email);
    if holder(app, reservation).await? == Some(link.member) {
        app.vault.use_link(&link).await.map_err(failed)?;
        return Err(used_up());
    }
    // told when it is recorded, and never if it is not
    let notice = asking.made_id(Some(link.member), "address-changed");
    let to = To::MemberAt(link.member, former);
    let written = app
        .vault
        .write(notice, Kind::AddressChanged, to, asking.at());
    written.await.map_err(failed)?;
    let command = ChangeEmail {
        member: link.member,
        email,
        reservation,
        former: email_of,
    };
    let actor = Some(link.member);
    let changed = asking.execute(actor, "change-email", &link.id, command);
    let position = changed.await?.position;
    let used = app.vault.use_all_links(link.member).await;
    used.map_err(failed)?;
    Ok(position)
}
