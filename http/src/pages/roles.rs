//! Who may do more than members may: seen and changed by operators.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::{MemberId, Role};
use maud::{Markup, html};
use projections::members::{self, Member};
use serde::Deserialize;
use uuid::Uuid;

use crate::api::roles::MOST_LISTED;
use crate::app::App;
use crate::asking::{Asking, Sent};
use crate::assets::asset;
use crate::components::{
    Author, author, avatar, command, confirm, error_summary, field, field_error,
};
use crate::extract::Form;
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::line;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{message, t};

const ROLES: &str = "/roles";

pub fn routes() -> Router<App> {
    Router::new()
        .route(ROLES, get(show))
        .route("/roles/grant", post(grant))
        .route("/roles/revoke", post(revoke))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Grant {
    command: Option<String>,
    name: String,
    role: String,
}

#[derive(Deserialize)]
struct Revocation {
    command: Option<String>,
    member: Uuid,
    role: String,
}

/// `GET /roles`: 200, 404 for who is no operator.
async fn show(mut reading: Reading) -> Result<Response, Problem> {
    let attempt = Attempt::first();
    let page = page(&mut reading, &Grant::default(), &attempt).await?;
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /roles/grant`: 303, 422 with the form.
async fn grant(
    State(app): State<App>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Grant>,
) -> Result<Response, Problem> {
    match give(&app, &caller, &mut sent, &typed).await {
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let page = page(&mut *sent.look().await?, &typed, &attempt).await?;
            Ok(attempt.respond(page))
        }
        granted => granted,
    }
}

async fn give(
    app: &App,
    caller: &Caller,
    sent: &mut Sent,
    typed: &Grant,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let name = fields.name("name", &typed.name);
    let role = fields.role("role", &typed.role);
    let (name, role) = fields.finish(|| Some((name?, role?)))?;
    let reservation = app.vault.name_reservation(&name);
    let row = members::by_name(&mut *asking.read_now().await?, reservation.0).await;
    let Some(row) = row.map_err(failed)? else {
        return Err(Problem::invalid("name", message!("error-name-unknown")));
    };
    let by = Some(caller.member);
    let member = MemberId(row.member);
    let command = commands::role::GrantRole { member, role, by };
    let said = (member, role);
    let accepted = asking.execute(by, "grant-role", &said, command).await?;
    Ok(asking.respond(accepted.position, Flash::RoleGranted.redirect(ROLES)))
}

/// `POST /roles/revoke`: 303, 404, 409.
async fn revoke(
    caller: Caller,
    asking: Asking,
    Form(typed): Form<Revocation>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(typed.command.as_deref())?;
    let role = Role::from_slug(&typed.role).map_err(|_| Problem::not_found())?;
    let by = Some(caller.member);
    let member = MemberId(typed.member);
    let command = commands::role::RevokeRole { member, role, by };
    let said = (member, role);
    let accepted = asking.execute(by, "revoke-role", &said, command).await?;
    Ok(asking.respond(accepted.position, Flash::RoleRevoked.redirect(ROLES)))
}

async fn page(reading: &mut Reading, typed: &Grant, attempt: &Attempt) -> Result<Page, Problem> {
    let rows = members::with_roles(&mut reading.snapshot, MOST_LISTED).await;
    let rows = rows.map_err(failed)?;
    let language = reading.visitor.language;
    let viewer = reading.viewer();
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "roles-title")) }
            p class="lead" { (t!(language, "roles-lead")) }
        }
        section class="settings-section" {
            header {
                h2 { (t!(language, "roles-grant")) }
                ul class="role-list" {
                    @for role in Role::ALL {
                        li { strong { (name_of(language, role)) } " " (about(language, role)) }
                    }
                }
            }
            (grant_form(language, typed, attempt))
        }
        section class="roles" {
            h2 { (t!(language, "roles-holders")) }
            @for row in &rows { (holder(language, row, viewer == Some(row.member))) }
        }
    };
    let title = t!(language, "roles-title");
    Ok(Page::new(reading.visitor.clone(), title, content).styled(asset("roles.css")))
}

fn grant_form(language: Language, typed: &Grant, attempt: &Attempt) -> Markup {
    let problem = attempt.problem();
    let label = t!(language, "roles-member");
    let name = line("name", "text", label, &typed.name, "off");
    html! {
        form class="form" method="post" action="/roles/grant" {
            (error_summary(language, problem))
            (command(&attempt.command))
            (field(language, &name, problem))
            fieldset class="choice" id="role" {
                legend { (t!(language, "roles-role")) }
                @for role in Role::ALL {
                    @let id = format!("role-{}", role.slug());
                    input type="radio" id=(id) name="role" value=(role.slug()) required
                        checked[typed.role == role.slug()];
                    label for=(id) { (name_of(language, role)) }
                }
            }
            @if let Some(error) = field_error(problem, "role") {
                p class="field-error" { (error.to(language)) }
            }
            p class="actions" {
                button class="button" type="submit" { (t!(language, "roles-grant")) }
            }
        }
    }
}

fn holder(language: Language, row: &Member, is_viewer: bool) -> Markup {
    let href = format!("/members/{}", row.member);
    let name = row.name.as_deref();
    let who = Author {
        name,
        href: Some(&href),
    };
    html! {
        article class="role-holder" {
            p { (avatar(name)) (author(language, &who)) }
            ul {
                @for role in row.roles.iter().copied() {
                    li {
                        span class="role" { (name_of(language, role)) }
                        // another operator must do that
                        @if !(is_viewer && role == Role::Operator) {
                            (revoke_form(language, row, role))
                        }
                    }
                }
            }
        }
    }
}

fn revoke_form(language: Language, row: &Member, role: Role) -> Markup {
    let fields = html! {
        (command(&crate::fresh::id().to_string()))
        input type="hidden" name="member" value=(row.member);
        input type="hidden" name="role" value=(role.slug());
    };
    let name = row.name.as_deref().unwrap_or_default();
    let question = t!(
        language,
        "roles-revoke-question",
        name = name,
        role = name_of(language, role)
    );
    let button = t!(language, "roles-revoke");
    confirm(language, "/roles/revoke", &button, &question, &fields)
}

pub fn name_of(language: Language, role: Role) -> String {
    match role {
        Role::Moderator => t!(language, "role-moderator"),
        Role::Auditor => t!(language, "role-auditor"),
        Role::Operator => t!(language, "role-operator"),
    }
}

fn about(language: Language, role: Role) -> String {
    match role {
        Role::Moderator => t!(language, "role-moderator-about"),
        Role::Auditor => t!(language, "role-auditor-about"),
        Role::Operator => t!(language, "role-operator-about"),
    }
}
