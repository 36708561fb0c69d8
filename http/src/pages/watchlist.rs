//! What members want to see: the button on a film's page, and the list on a member's.

use axum::response::Response;
use commands::watchlist::{Add, Remove};
use domain::FilmId;
use maud::{Markup, html};
use projections::watchlist::{Entry, Interest};
use serde::Deserialize;
use uuid::Uuid;

use crate::asking::Asking;
use crate::components::{FilmCard, Want, Wanter, empty, want_button, want_grid};
use crate::extract::{Form, Path, Query};
use crate::flash;
use crate::pages::rows::{Film, Looking};
use crate::pages::{Next, leading_to};
use crate::problem::Problem;
use crate::session::Caller;
use crate::t;

#[derive(Deserialize)]
pub struct Choice {
    #[serde(default = "yes")]
    wanted: bool,
}

const fn yes() -> bool {
    true
}

/// `POST /films/{film}/watchlist?next={path}`: 303 to where the button was pressed, 404.
pub async fn want(
    Path(film): Path<Uuid>,
    Query(Next { next }): Query<Next>,
    caller: Caller,
    asking: Asking,
    Form(choice): Form<Choice>,
) -> Result<Response, Problem> {
    let next = match next.as_str() {
        "" => format!("/films/{film}"),
        next => flash::safe_path(next).to_owned(),
    };
    let (member, id) = (caller.member, FilmId(film));
    let accepted = if choice.wanted {
        let add = Add { member, film: id };
        asking
            .execute(Some(member), "watchlist-add", &film, add)
            .await?
    } else {
        let remove = Remove { member, film: id };
        asking
            .execute(Some(member), "watchlist-remove", &film, remove)
            .await?
    };
    Ok(asking.respond(accepted.position, flash::redirect(&next)))
}

/// A button, and where it leads.
struct Button {
    action: String,
    api: String,
    who: Wanter,
}

impl Button {
    fn of(film: Uuid, looking: &Looking) -> Button {
        let who = match looking.viewer {
            Some(_) => Wanter::Member,
            None if looking.is_past => Wanter::Nobody,
            None => Wanter::Stranger,
        };
        let page = match who {
            Wanter::Member => format!("/films/{film}/watchlist"),
            Wanter::Stranger | Wanter::Nobody => "/sign-in".to_owned(),
        };
        Button {
            action: leading_to(&page, &looking.path),
            api: format!("/api/v1/films/{film}/watchlist"),
            who,
        }
    }

    fn want(&self, is_wanted: bool, count: Option<i64>) -> Want<'_> {
        Want {
            action: &self.action,
            api: &self.api,
            count,
            is_wanted,
            who: self.who,
        }
    }
}

/// On the film's own page.
pub fn film_want(looking: &Looking, film: Uuid, interest: Interest) -> Markup {
    let button = Button::of(film, looking);
    let want = button.want(interest.is_wanted, Some(interest.count));
    want_button(looking.language, &want, None)
}

/// A page of a member's list.
pub fn wanted_films(looking: &Looking, is_own: bool, entries: Vec<Entry>) -> Markup {
    let language = looking.language;
    if entries.is_empty() && is_own {
        return empty(&t!(language, "watchlist-own-empty"));
    }
    if entries.is_empty() {
        return empty(&t!(language, "watchlist-empty"));
    }
    let button = |entry: &Entry| (Button::of(entry.film.film, looking), entry.is_wanted);
    let buttons: Vec<(Button, bool)> = entries.iter().map(button).collect();
    let films = Film::all(entries.into_iter().map(|entry| entry.film).collect());
    let cards = films.iter().map(|film| film.card(language));
    let wants = buttons
        .iter()
        .map(|(button, is_wanted)| button.want(*is_wanted, None));
    let list: Vec<(FilmCard, Want)> = cards.zip(wants).collect();
    html! {
        @if is_own { p class="hint" { (t!(language, "watchlist-everybody")) } }
        (want_grid(language, &list))
    }
}
