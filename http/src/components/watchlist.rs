//! What members want to see: the button for it, and films with theirs.

use maud::{Markup, html};

use crate::components::films::film_card;
use crate::components::{FilmCard, counted, icon};
use crate::language::Language;
use crate::t;

pub struct Want<'a> {
    /// The page's form goes here; a stranger, to sign in.
    pub action: &'a str,
    /// A script does PUT and DELETE here.
    pub api: &'a str,
    /// Shown where the page is about the film.
    pub count: Option<i64>,
    pub is_wanted: bool,
    pub who: Wanter,
}

/// Who looks at the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanter {
    Member,
    Stranger,
    /// Nobody can want it, as it was.
    Nobody,
}

/// A bookmark: a form without scripts, at once with them. Among other films it says which it is of.
pub fn want_button(language: Language, want: &Want, film: Option<&str>) -> Markup {
    let inside = html! {
        (icon("bookmark"))
        span { (t!(language, "watchlist-want")) }
        @if let Some(film) = film { span class="visually-hidden" { (film) } }
        @if let Some(count) = want.count {
            span class="want-count" hidden[count == 0] { (counted(language, count)) }
        }
    };
    let class = match film {
        Some(_) => "button quiet small",
        None => "button quiet",
    };
    match want.who {
        Wanter::Member => html! {
            form class="want" method="post" action=(want.action) data-api=(want.api)
                data-failed=(t!(language, "watchlist-failed")) {
                button class=(class) type="submit" name="wanted" value=(!want.is_wanted)
                    aria-pressed=(want.is_wanted) { (inside) }
            }
        },
        Wanter::Stranger => html! { a class={ "want " (class) } href=(want.action) { (inside) } },
        Wanter::Nobody => match want.count {
            Some(count) if count > 0 => html! {
                p class="hint" { (t!(language, "watchlist-count", count = count)) }
            },
            _ => html! {},
        },
    }
}

/// Films, each with the button of whoever looks.
pub fn want_grid(language: Language, films: &[(FilmCard, Want)]) -> Markup {
    html! {
        ul class="film-grid wanted" {
            @for (card, want) in films {
                li { (film_card(card)) (want_button(language, want, Some(card.title))) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(who: Wanter, is_wanted: bool, count: i64) -> String {
        let want = Want {
            action: "/films/1/watchlist",
            api: "/api/v1/films/1/watchlist",
            count: Some(count),
            is_wanted,
            who,
        };
        want_button(Language::En, &want, None).into_string()
    }

    #[test]
    fn the_button_works_without_scripts_and_says_its_state() {
        let html = button(Wanter::Member, true, 1_234);
        assert!(
            html.contains("method=\"post\"") && html.contains("name=\"wanted\" value=\"false\"")
        );
        assert!(html.contains("aria-pressed=\"true\"") && html.contains("1,234"));
        let html = button(Wanter::Member, false, 0);
        assert!(
            html.contains("value=\"true\"") && html.contains("hidden"),
            "{html}"
        );
    }

    #[test]
    fn strangers_sign_in_first_and_the_past_only_tells() {
        let html = button(Wanter::Stranger, false, projections::MOST_COUNTED);
        assert!(html.contains("<a ") && html.contains("10,000+"), "{html}");
        assert!(!button(Wanter::Nobody, false, 3).contains("<button"));
        assert_eq!(button(Wanter::Nobody, false, 0), "");
    }
}
