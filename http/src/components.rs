//! The pieces that pages are made of. They take plain values, so that a page can fill them from
//! any query; they know addresses of pages only as texts that they are given.

mod comments;
mod controls;
mod films;
mod forms;
mod reviews;
mod rooms;
mod search;
mod stars;
pub mod taste;
mod watchlist;

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use projections::MOST_COUNTED;

use crate::assets::asset;
use crate::language::Language;
use crate::t;

pub use comments::{Comment, OwnComment, comment_form, comment_list, comment_text};
pub use controls::{Tab, confirm, empty, pagination, tabs};
pub use films::{
    FilmCard, FilmHeader, Person, film_card_small, film_grid, film_header, film_rail, genre_tiles,
};
pub use forms::{
    Field, command, error_summary, field, field_error, language_choice, optional_field, text_area,
};
pub use reviews::{Like, Liker, ReviewCard, ReviewForm, hidden_note, review_card, review_form};
pub use rooms::{present, room_cards, room_name};
pub use search::{FoundFilm, found_films, marked, search_box, search_filters};
pub use stars::{histogram, rating_summary, star_input, stars};
pub use watchlist::{Want, Wanter, want_button, want_grid};

/// Who wrote something. A former member has no name and no page.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    pub name: Option<&'a str>,
    pub href: Option<&'a str>,
}

impl<'a> Author<'a> {
    pub fn shown_name(&self, language: Language) -> String {
        self.name
            .map_or_else(|| t!(language, "former-member"), str::to_owned)
    }
}

/// The author's name, as a link if there is a page.
pub fn author(language: Language, author: &Author) -> Markup {
    let name = author.shown_name(language);
    html! {
        @match author.href {
            Some(href) => a class="author" href=(href) { (name) },
            None => span class="author former" { (name) },
        }
    }
}

/// A number of a list that is counted no further than the bound.
pub fn counted(language: Language, count: i64) -> String {
    let number = language.number(count);
    match count < MOST_COUNTED {
        true => number,
        false => format!("{number}+"),
    }
}

/// A round sign with the first letter; a quiet one for a former member. Decorative: the name
/// stands beside it.
pub fn avatar(name: Option<&str>) -> Markup {
    let letter = name.and_then(|name| name.chars().next());
    let tone = name.unwrap_or_default().bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    let class = match letter {
        Some(_) => format!("avatar avatar-{}", tone % 8),
        None => "avatar former".to_owned(),
    };
    html! {
        span class=(class) aria-hidden="true" {
            @if let Some(letter) = letter { (letter.to_uppercase()) }
        }
    }
}

/// A moment: the date for everyone; a script makes it "5 minutes ago".
pub fn time(language: Language, at: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(at.format("%Y-%m-%dT%H:%M:%SZ")) { (language.date(at)) }
    }
}

/// A drawing out of `assets/icons.svg`. Decorative.
pub fn icon(name: &str) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 24 24" aria-hidden="true" {
            use href={ (asset("icons.svg")) "#" (name) } {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_member_has_no_name_and_no_link() {
        let former = Author {
            name: None,
            href: None,
        };
        assert_eq!(
            author(Language::Ko, &former).into_string(),
            "<span class=\"author former\">탈퇴한 회원</span>"
        );
    }

    #[test]
    fn a_name_is_never_markup() {
        let nasty = Author {
            name: Some("<script>"),
            href: Some("/members/1"),
        };
        let html = author(Language::En, &nasty).into_string();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"));
        assert!(avatar(Some("<")).into_string().contains("&lt;"));
    }

    #[test]
    fn the_same_name_keeps_its_colour() {
        assert_eq!(
            avatar(Some("Ann")).into_string(),
            avatar(Some("Ann")).into_string()
        );
    }
}
