//! `reeltime grant`, `revoke`, `remove-second-factor` and `end-sessions`: what whoever runs the machine
//! does about a member. The first operator is made so. Works beside a running Reeltime and alone.

use anyhow::Context;
use commands::{Asked, Command};
use domain::{MemberId, MemberName, Role};
use uuid::Uuid;

use crate::accounts::holder;
use crate::app::App;
use crate::databases::{open_existing_vault, reach};
use crate::fresh;
use crate::run::{options, say};
use crate::settings::Settings;
use crate::vault::mail::{Kind, To};

/// Gives the member of this name the role.
pub async fn grant(settings: &Settings, role: Role, name: &str) -> anyhow::Result<()> {
    let made = |member| commands::role::GrantRole {
        member,
        role,
        by: None,
    };
    change(settings, "grant-role", name, made).await?;
    Ok(say(format!("{name} has the role of {} now.", role.slug()))?)
}

/// Takes the role from the member of this name.
pub async fn revoke(settings: &Settings, role: Role, name: &str) -> anyhow::Result<()> {
    let made = |member| commands::role::RevokeRole {
        member,
        role,
        by: None,
    };
    change(settings, "revoke-role", name, made).await?;
    Ok(say(format!(
        "{name} has the role of {} no more.",
        role.slug()
    ))?)
}

/// Lets the member of this name in without codes: for who has lost phone and recovery codes, and has
/// shown the operator who they are. All their sessions end, and they are mailed of it.
pub async fn remove_second_factor(settings: &Settings, name: &str) -> anyhow::Result<()> {
    let made = |member| commands::factor::RemoveSecondFactor { member };
    at_the_machine(settings, async |app: &App| {
        let member = ask(app, "remove-second-factor", name, made).await?;
        app.vault.remove_factor(member).await?;
        app.vault.end_all_of(member, None).await?;
        let to = To::Member(member);
        let written = app
            .vault
            .write(fresh::id(), Kind::WaysChanged, to, fresh::now());
        Ok(written.await?)
    })
    .await
}

/// Ends all sessions of the member of this name, or of everybody.
pub async fn end_sessions(settings: &Settings, name: Option<&str>) -> anyhow::Result<()> {
    at_the_machine(settings, async |app: &App| match name {
        Some(name) => {
            let member = named(app, name).await?;
            app.vault.end_all_of(member, None).await?;
            Ok(say(format!("{name} is signed in nowhere now."))?)
        }
        None => {
            app.vault.end_all().await?;
            Ok(say("Nobody is signed in anywhere now.")?)
        }
    })
    .await
}

async fn change<C: Command + Send + 'static>(
    settings: &Settings,
    operation: &str,
    name: &str,
    make: impl FnOnce(MemberId) -> C,
) -> anyhow::Result<()> {
    at_the_machine(settings, async |app: &App| {
        ask(app, operation, name, make).await.map(|_| ())
    })
    .await
}

/// With a node of this Reeltime, which ends with it.
async fn at_the_machine(
    settings: &Settings,
    act: impl AsyncFnOnce(&App) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (pool, cluster) = reach(settings).await?;
    let done = async {
        let keyring = open_existing_vault(settings, &pool).await?;
        let app = App::start_for_a_while(pool.clone(), keyring, options(settings)?).await?;
        let done = act(&app).await;
        app.end().await;
        done
    };
    let done = done.await;
    pool.close().await;
    if let Some(cluster) = cluster {
        cluster.stop().await.context("stopping PostgreSQL")?;
    }
    done
}

async fn named(app: &App, name: &str) -> anyhow::Result<MemberId> {
    let nobody = || format!("nobody here has the name {name:?}");
    let typed = MemberName::new(name).ok().with_context(nobody)?;
    let found = holder(app, app.vault.name_reservation(&typed)).await;
    let member = found.map_err(|_| anyhow::anyhow!("the log can't be read"))?;
    member.with_context(nobody)
}

async fn ask<C: Command + Send + 'static>(
    app: &App,
    operation: &str,
    name: &str,
    make: impl FnOnce(MemberId) -> C,
) -> anyhow::Result<MemberId> {
    let member = named(app, name).await?;
    let asked = Asked {
        id: fresh::id(),
        actor: Uuid::nil(),
        digest: app.vault.digest(operation, member.0.as_bytes()),
        at: fresh::now(),
        correlation: fresh::id(),
        causation: None,
    };
    let accepted = commands::execute(&app.sequencer, asked, make(member)).await?;
    // whoever looks next shall see it; where nobody projects in time, it is recorded all the same
    app.reader.snapshot(Some(accepted.position)).await?;
    Ok(member)
}
