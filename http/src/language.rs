//! Korean and English: which of the two a visitor reads, and every text in it.
//!
//! The texts are in `locales/{en,ko}/*.ftl` (Fluent), a file for each area of the site, with the
//! same ids and the same variables in both; Korean is written in 해요체.
//! `t!(language, "id", name = value)` is a text now; `message!("id", name = value)` is one that
//! is spoken later, when the visitor is known. Both take a literal id, so that a test finds every
//! id that is used in the source.

mod message;
mod texts;

use std::str::FromStr;

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use fluent_bundle::FluentArgs;

use crate::cookies;
pub use message::{Argument, Message};
use texts::{bundle, grouped};

/// A visitor without an account keeps the choice in this cookie.
pub const LANGUAGE_COOKIE: &str = "language";
const LANGUAGE_COOKIE_SECONDS: u32 = 365 * 24 * 60 * 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    En,
    Ko,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::En, Language::Ko];

    /// The tag for `lang`, `Content-Language` and the cookie.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
        }
    }

    /// The member's choice, else the cookie's, else what the browser prefers, else English.
    pub fn choose(member: Option<Language>, headers: &HeaderMap) -> Language {
        if let Some(language) = member {
            return language;
        }
        if let Some(chosen) = cookies::get_either(headers, LANGUAGE_COOKIE)
            && let Ok(language) = chosen.parse()
        {
            return language;
        }
        let accepted = headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        accepted.and_then(preferred).unwrap_or(Language::En)
    }

    /// The `Set-Cookie` value that remembers this choice for a year.
    pub fn cookie(self, secure: bool) -> HeaderValue {
        cookies::set(
            LANGUAGE_COOKIE,
            self.code(),
            LANGUAGE_COOKIE_SECONDS,
            secure,
        )
    }

    /// A text by an id that is computed. An id that doesn't exist answers itself.
    /// Everywhere else use `t!`, which the test of ids can see.
    pub fn text(self, id: &str, args: Option<&FluentArgs>) -> String {
        let bundle = bundle(self);
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            tracing::error!(id, language = self.code(), "a text is missing");
            return id.to_owned();
        };
        bundle
            .format_pattern(pattern, args, &mut Vec::new())
            .into_owned()
    }

    /// The name of a genre by its slug.
    pub fn genre(self, slug: &str) -> String {
        self.text(&format!("genre-{slug}"), None)
    }

    /// The name of a country by its ISO 3166-1 code; one that we have no name for is its code.
    pub fn country(self, code: &str) -> String {
        let id = format!("country-{}", code.to_ascii_lowercase());
        let name = self.text(&id, None);
        if name == id { code.to_owned() } else { name }
    }

    /// A day as people write it: "3 March 2025", "2025년 3월 3일". In UTC.
    pub fn date(self, at: DateTime<Utc>) -> String {
        let month = self.text(&format!("month-{}", at.month()), None);
        let (year, day) = (at.year().to_string(), at.day().to_string());
        crate::t!(self, "date-long", year = year, month = month, day = day)
    }

    /// A time of a day, in UTC: where no script knows the reader's.
    pub fn moment(self, at: DateTime<Utc>) -> String {
        let (date, time) = (self.date(at), at.format("%H:%M").to_string());
        crate::t!(self, "date-and-time", date = date, time = time)
    }

    /// A day of a calendar.
    pub fn day(self, day: NaiveDate) -> String {
        self.date(day.and_time(NaiveTime::MIN).and_utc())
    }

    /// A month of a calendar.
    pub fn month(self, day: NaiveDate) -> String {
        let month = self.text(&format!("month-{}", day.month()), None);
        crate::t!(
            self,
            "month-long",
            year = day.year().to_string(),
            month = month
        )
    }

    /// A whole number with its thousands set apart; both languages write 12,345.
    pub fn number(self, number: i64) -> String {
        grouped(number)
    }
}

impl FromStr for Language {
    type Err = ();

    fn from_str(code: &str) -> Result<Language, ()> {
        match code {
            "en" => Ok(Language::En),
            "ko" => Ok(Language::Ko),
            _ => Err(()),
        }
    }
}

impl From<domain::Language> for Language {
    fn from(chosen: domain::Language) -> Language {
        match chosen {
            domain::Language::En => Language::En,
            domain::Language::Ko => Language::Ko,
        }
    }
}

impl From<Language> for domain::Language {
    fn from(language: Language) -> domain::Language {
        match language {
            Language::En => domain::Language::En,
            Language::Ko => domain::Language::Ko,
        }
    }
}

/// `message!("id", name = value)`: a [`Message`].
#[macro_export]
macro_rules! message {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::language::Message::new($id)$(.with(stringify!($name), $value))*
    };
}

/// `t!(language, "id", name = value)`: the text.
#[macro_export]
macro_rules! t {
    ($language:expr, $id:literal $(,)?) => {
        $language.text($id, None)
    };
    ($language:expr, $id:literal $(, $name:ident = $value:expr)+ $(,)?) => {
        $crate::message!($id $(, $name = $value)+).to($language)
    };
}

/// The first of our languages in an `Accept-Language` header, by weight.
fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for part in header.split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let tag = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let language = match primary {
            "*" => Language::En,
            other => match other.parse() {
                Ok(language) => language,
                Err(()) => continue,
            },
        };
        let weight = pieces
            .find_map(|piece| piece.strip_prefix("q="))
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests;
