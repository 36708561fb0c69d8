//! TMDB's pictures: by their size, from its own host, and only where a film has one. Our drawing
//! lies beneath, so a picture that does not come leaves no hole.

use std::str::FromStr;
use std::sync::OnceLock;

use axum::http::Uri;
use maud::{Markup, html};

/// Where TMDB's configuration says that they are.
const TMDB: &str = "https://image.tmdb.org/t/p";

/// Told once, when a node starts.
static IMAGES: OnceLock<ImagesUrl> = OnceLock::new();

/// The address in front of a picture's size and path, or that none are shown.
#[derive(Clone, Debug, PartialEq)]
pub enum ImagesUrl {
    At(String),
    None,
}

impl FromStr for ImagesUrl {
    type Err = &'static str;

    fn from_str(typed: &str) -> Result<ImagesUrl, &'static str> {
        if typed == "none" {
            return Ok(ImagesUrl::None);
        }
        let uri: Uri = typed.parse().map_err(|_| "this is not an address")?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) || uri.authority().is_none() {
            return Err("it begins with https:// or http://");
        }
        // it stands in a header and in pages
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/._-~[]".contains(&byte);
        if !typed.bytes().all(is_plain) {
            return Err("it has no query and no unusual signs");
        }
        Ok(ImagesUrl::At(typed.trim_end_matches('/').to_owned()))
    }
}

/// Shows pictures from there, from now on.
pub fn serve_from(images: ImagesUrl) {
    // a second node of this process shows them like the first
    let _ = IMAGES.set(images);
}

/// In front of a picture's size and path; empty where none are shown.
pub fn base() -> &'static str {
    match IMAGES.get() {
        None => TMDB,
        Some(ImagesUrl::At(base)) => base,
        Some(ImagesUrl::None) => "",
    }
}

/// Scheme and host, for a page's policy.
pub fn origin() -> &'static str {
    let base = base();
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    &base[..end]
}

/// How large a poster is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// In lists.
    Card,
    /// On its film's page.
    Whole,
}

impl Size {
    /// TMDB's names, for usual and for dense screens.
    fn names(self) -> [&'static str; 2] {
        match self {
            Size::Card => ["w342", "w500"],
            Size::Whole => ["w500", "w780"],
        }
    }
}

/// A poster's address for who asks the API.
pub fn address(path: Option<&str>, size: Size) -> Option<String> {
    let path = path.filter(|_| !base().is_empty())?;
    let [usual, _] = size.names();
    Some(format!("{}/{usual}{path}", base()))
}

/// A drawn poster with TMDB's over it, where there is one. It takes the drawing's place exactly, and
/// is loaded when it comes near; what fails to load is not seen.
pub fn over(drawn: Markup, path: Option<&str>, size: Size) -> Markup {
    let Some(path) = path else { return drawn };
    if base().is_empty() {
        // the film is TMDB's all the same, which is said below
        return html! { span class="picture" { (drawn) } };
    }
    let [usual, dense] = size.names().map(|name| format!("{}/{name}{path}", base()));
    html! {
        span class="picture" {
            (drawn)
            img src=(usual) srcset={ (usual) ", " (dense) " 2x" } alt="" width="342" height="513"
                loading="lazy" decoding="async" referrerpolicy="no-referrer";
        }
    }
}

/// A picture of the film, faint behind its head.
pub fn backdrop(path: Option<&str>) -> Markup {
    html! {
        @if let Some(path) = path.filter(|_| !base().is_empty()) {
            span class="picture backdrop" {
                img src={ (base()) "/w1280" (path) } alt="" width="1280" height="720"
                    decoding="async" referrerpolicy="no-referrer";
            }
        }
    }
}

/// Whether a page shows films that have any.
pub fn are_in(page: &str) -> bool {
    page.contains("<span class=\"picture")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_lies_over_the_drawing() {
        let drawn = html! { svg {} };
        let html = over(drawn.clone(), Some("/p.jpg"), Size::Card).into_string();
        assert!(html.contains("src=\"https://image.tmdb.org/t/p/w342/p.jpg\""));
        assert!(html.contains("loading=\"lazy\"") && html.contains("<svg>"));
        assert!(are_in(&html));
        let html = over(drawn, None, Size::Card).into_string();
        assert!(!html.contains("img") && !are_in(&html));
        assert_eq!(origin(), "https://image.tmdb.org");
    }

    #[test]
    fn an_address_of_pictures_is_plain() {
        assert_eq!("none".parse(), Ok(ImagesUrl::None));
        let at = ImagesUrl::At("http://127.0.0.1:1/p".to_owned());
        assert_eq!("http://127.0.0.1:1/p/".parse(), Ok(at));
        for wrong in [
            "image.tmdb.org",
            "ftp://a",
            "https://a/?b",
            "https://a; script-src *",
        ] {
            assert!(wrong.parse::<ImagesUrl>().is_err(), "{wrong}");
        }
    }
}
