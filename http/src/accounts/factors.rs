//! Setting up a second factor, and doing without one again. Who does must have shown lately that
//! it is them, and is mailed that it is so.

use axum::http::StatusCode;
use commands::factor::{RemoveSecondFactor, SetSecondFactor};
use totp_rs::Totp;

use super::entry::expect_recent;
use super::run;
use crate::app::App;
use crate::asking::Asking;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::mail::{Kind, To};
use crate::{fresh, message};

/// Makes what the caller's app is to be given.
pub async fn begin(app: &App, asking: &Asking, caller: &Caller) -> Result<(), Problem> {
    app.limits.check_sign_in(asking.address)?;
    expect_recent(app, caller).await?;
    let begun = app.vault.begin_factor(caller.member, asking.at()).await;
    begun.map_err(failed)
}

/// What the caller's app is given, until it has given its first code.
pub async fn waiting(app: &App, caller: &Caller) -> Result<Option<Totp>, Problem> {
    let now = fresh::now();
    let waiting = app.vault.waiting_factor(caller.member, &caller.name, now);
    Ok(waiting.await?)
}

/// The app's first code: the recovery codes, told this once, and where it is recorded.
pub async fn confirm(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    code: &str,
) -> Result<(Vec<String>, i64), Problem> {
    app.limits.check_sign_in(asking.address)?;
    expect_recent(app, caller).await?;
    let member = caller.member;
    let confirmed = app.vault.confirm_factor(member, code, asking.at()).await?;
    let codes = confirmed.ok_or_else(|| Problem::invalid("code", message!("error-code")))?;
    let shown = app.vault.has_shown_both(caller.token()).await;
    shown.map_err(failed)?;
    tell(app, asking, caller).await?;
    let command = SetSecondFactor { member };
    let position = run(asking, member, "set-second-factor", &(), command).await?;
    Ok((codes, position))
}

/// Other recovery codes, told this once. The log hears of the factor, if it has not yet.
pub async fn renew(
    app: &App,
    asking: &Asking,
    caller: &Caller,
) -> Result<(Vec<String>, i64), Problem> {
    app.limits.check_sign_in(asking.address)?;
    expect_recent(app, caller).await?;
    let member = caller.member;
    let codes = app.vault.renew_recovery_codes(member).await?;
    let codes = codes.ok_or_else(|| {
        let title = message!("problem-no-second-factor");
        Problem::new(StatusCode::CONFLICT, "no-second-factor", title)
    })?;
    tell(app, asking, caller).await?;
    let command = SetSecondFactor { member };
    let position = run(asking, member, "set-second-factor", &(), command).await?;
    Ok((codes, position))
}

/// No codes are asked for any more.
pub async fn remove(app: &App, asking: &Asking, caller: &Caller) -> Result<i64, Problem> {
    app.limits.check_sign_in(asking.address)?;
    expect_recent(app, caller).await?;
    let member = caller.member;
    let removed = app.vault.remove_factor(member).await;
    removed.map_err(failed)?;
    tell(app, asking, caller).await?;
    let command = RemoveSecondFactor { member };
    run(asking, member, "remove-second-factor", &(), command).await
}

/// By mail: somebody else may have done it.
pub(super) async fn tell(app: &App, asking: &Asking, caller: &Caller) -> Result<(), Problem> {
    let id = asking.made_id(Some(caller.member), "ways-changed");
    let to = To::Member(caller.member);
    let written = app.vault.write(id, Kind::WaysChanged, to, asking.at());
    written.await.map_err(failed)
}
