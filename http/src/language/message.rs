//! Texts whose language is decided later.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use fluent_bundle::{FluentArgs, FluentValue};

use super::Language;

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
            args.set(Cow::Borrowed(*name), value.to(language));
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
/// (years are texts); a moment is written as the language does.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    Text(String),
    Number(i64),
    Moment(DateTime<Utc>),
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

impl From<DateTime<Utc>> for Argument {
    fn from(at: DateTime<Utc>) -> Argument {
        Argument::Moment(at)
    }
}

impl Argument {
    fn to(&self, language: Language) -> FluentValue<'_> {
        match self {
            Argument::Text(text) => FluentValue::from(text.as_str()),
            Argument::Number(number) => FluentValue::from(*number),
            Argument::Moment(at) => FluentValue::from(language.moment(*at)),
        }
    }
}
