//! Korean and English: which of the two a visitor reads, and every text in it.
//!
//! The texts are in `locales/{en,ko}/*.ftl` (Fluent), a file for each area of the site, with the
//! same ids and the same variables in both; Korean is written in 해요체. `t!(language, "id", name = value)` is a text now;
//! `message!("id", name = value)` is one that is spoken later, when the visitor is known.
//! Both take a literal id, so that a test finds every id that is used in the source.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, HeaderValue};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;

use crate::cookies;

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

    /// How long ago: "5 minutes ago", and the date after a week.
    pub fn relative(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let minutes = (now - at).num_minutes();
        match minutes {
            ..1 => crate::t!(self, "time-just-now"),
            1..60 => crate::t!(self, "time-minutes-ago", count = minutes),
            60..1_440 => crate::t!(self, "time-hours-ago", count = minutes / 60),
            1_440..10_080 => crate::t!(self, "time-days-ago", count = minutes / 1_440),
            10_080.. => self.date(at),
        }
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

/// A text whose language is decided later: problems and form errors carry these.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    id: &'static str,
    args: Vec<(&'static str, Argument)>,
}

impl Message {
    pub fn new(id: &'static str) -> Message {
        Message {
            id,
            args: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Argument>) -> Message {
        self.args.push((name, value.into()));
        self
    }

    pub fn id(&self) -> &'static str {
        self.id
    }

    pub fn to(&self, language: Language) -> String {
        let mut args = FluentArgs::with_capacity(self.args.len());
        for (name, value) in &self.args {
            args.set(Cow::Borrowed(*name), FluentValue::from(value));
        }
        language.text(self.id, Some(&args))
    }
}

/// In English, for logs and for answers whose reader is unknown.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to(Language::En))
    }
}

/// What may stand in a text: a number takes part in plurals and is grouped; a text does not
/// (years are texts).
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Text(String),
    Number(i64),
}

impl From<&str> for Argument {
    fn from(text: &str) -> Argument {
        Argument::Text(text.to_owned())
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Argument {
        Argument::Text(text)
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Argument {
        Argument::Text(text.clone())
    }
}

macro_rules! number_argument {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Argument {
            fn from(number: $integer) -> Argument {
                Argument::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
number_argument!(u8, u16, u32, u64, usize, i16, i32, i64);

impl<'a> From<&'a Argument> for FluentValue<'a> {
    fn from(argument: &'a Argument) -> FluentValue<'a> {
        match argument {
            Argument::Text(text) => FluentValue::from(text.as_str()),
            Argument::Number(number) => FluentValue::from(*number),
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

/// Both languages' texts, a file for each area of the site.
#[derive(RustEmbed)]
#[folder = "locales/"]
struct Texts;

/// A language's files.
fn sources(language: Language) -> Vec<String> {
    let names = Texts::iter().filter(|name| name.starts_with(language.code()));
    names
        .map(|name| {
            let file = Texts::get(&name).expect("a listed file is there");
            String::from_utf8(file.data.into_owned()).expect("the texts are UTF-8")
        })
        .collect()
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static EN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| read_bundle(Language::En));
    static KO: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| read_bundle(Language::Ko));
    match language {
        Language::En => &EN,
        Language::Ko => &KO,
    }
}

fn read_bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag = language
        .code()
        .parse()
        .expect("our language codes are language tags");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks that isolate directions would show up in titles and in what tests compare;
    // both languages run left to right.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => {
            // Counts are far below 2^53.
            Some(grouped(number.value as i64))
        }
        _ => None,
    }));
    for source in sources(language) {
        let resource =
            FluentResource::try_new(source).expect("the texts are well-formed; a test reads them");
        bundle
            .add_resource(resource)
            .expect("no text has two meanings; a test reads them");
    }
    bundle
}

fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
