//! The foot of every page: what this is, and what of it is TMDB's.

use maud::{Markup, html};

use super::language_switch;
use crate::language::Language;
use crate::t;
use crate::visitor::Visitor;

pub fn footer(visitor: &Visitor, is_of_tmdb: bool) -> Markup {
    let language = visitor.language;
    html! {
        footer class="site-footer" {
            div class="bar" {
                p {
                    strong { (t!(language, "footer-about")) }
                    br;
                    (t!(language, "footer-posters"))
                }
                @if is_of_tmdb { (tmdb_notice(language)) }
                div class="site-footer-links" {
                    (language_switch(visitor))
                    a href="/api/v1/openapi.json" { (t!(language, "footer-api")) }
                }
            }
        }
    }
}

/// Wherever something is TMDB's, in the words that it wants.
fn tmdb_notice(language: Language) -> Markup {
    const NOTICE: &str = "This product uses the TMDB API but is not endorsed or certified by TMDB.";
    html! {
        p class="tmdb-notice" {
            a class="tmdb-logo" href="https://www.themoviedb.org/" rel="noreferrer" lang="en" { "TMDB" }
            span lang="en" { (NOTICE) }
            @if language == Language::Ko { span { (t!(language, "footer-tmdb")) } }
        }
    }
}
