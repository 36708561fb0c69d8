//! A member's settings. Strangers sign in first.

mod bringing;
mod codes;
mod email;
mod measures;
pub mod passkeys;
mod password;
mod profile;
mod sessions;
mod ways;
mod withdrawal;

use axum::Router;
use maud::{Markup, html};
use projections::members::{self, Member};

use crate::app::App;
use crate::assets::asset;
use crate::components::{Tab, tabs};
use crate::layout::Page;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

pub use bringing::routes as bringing_routes;
pub use password::{change_password, password_form};
pub use profile::{change_profile, profile_form};
pub use withdrawal::{withdraw, withdraw_form};

const PROFILE: &str = "/settings";
const EMAIL: &str = "/settings/email";
const PASSWORD: &str = "/settings/password";
const SESSIONS: &str = "/settings/sessions";
pub const WAYS: &str = "/settings/sign-in";
const MEASURES: &str = "/settings/measures";
pub const CODES: &str = "/settings/codes";
const BRING: &str = "/settings/import";
const WITHDRAW: &str = "/settings/withdraw";

pub fn routes() -> Router<App> {
    ways::routes()
        .merge(email::routes())
        .merge(sessions::routes())
        .merge(measures::routes())
        .merge(passkeys::routes())
        .merge(codes::routes())
}

async fn row(reading: &mut Reading, caller: &Caller) -> Result<Member, Problem> {
    let row = members::by_id(&mut reading.snapshot, caller.member.0)
        .await
        .map_err(failed)?;
    row.ok_or_else(Problem::not_found)
}

fn page(visitor: Visitor, here: &str, title: &str, lead: &str, form: &Markup) -> Page {
    let language = visitor.language;
    let tab = |href, text| Tab {
        href,
        text,
        is_here: href == here,
    };
    let views = [
        tab(PROFILE, t!(language, "settings-profile")),
        tab(EMAIL, t!(language, "settings-email")),
        tab(PASSWORD, t!(language, "settings-password")),
        tab(WAYS, t!(language, "settings-ways")),
        tab(SESSIONS, t!(language, "settings-sessions")),
        tab(MEASURES, t!(language, "own-measures-title")),
        tab(BRING, t!(language, "settings-bring")),
        tab(WITHDRAW, t!(language, "settings-withdraw")),
    ];
    let content = html! {
        header class="page-head" { h1 { (t!(language, "settings-title")) } }
        (tabs(&t!(language, "settings-tabs-label"), &views))
        section class="settings-section" {
            header {
                h2 { (title) }
                p { (lead) }
            }
            div { (form) }
        }
    };
    let title = format!("{title} · {}", t!(language, "settings-title"));
    Page::new(visitor, title, content)
        .styled(asset("providers.css"))
        .styled(asset("accounts.css"))
}
