//! What identifies a member or was written by one: it can be forgotten, and it never shows in
//! logs.
//!
//! The stored form is the plain JSON value, or `{"forgotten":true}`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Clone, PartialEq, Eq)]
pub enum Sealed<T> {
    Open(T),
    /// The member's keys were destroyed: nobody can read it any more.
    Forgotten,
}

impl<T> Sealed<T> {
    pub fn open(&self) -> Option<&T> {
        match self {
            Self::Open(content) => Some(content),
            Self::Forgotten => None,
        }
    }
}

impl<T> From<T> for Sealed<T> {
    fn from(content: T) -> Self {
        Self::Open(content)
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Sealed(…)",
            Self::Forgotten => "Forgotten",
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    forgotten: bool,
}

/// Untagged also for its error, which does not quote what it could not read.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored<T> {
    Forgotten(Forgotten),
    Open(T),
}

impl<T: Serialize> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Open(content) => content.serialize(serializer),
            Self::Forgotten => Forgotten { forgotten: true }.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Forgotten(Forgotten { .. }) => Self::Forgotten,
            Stored::Open(content) => Self::Open(content),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(sealed: &Sealed<String>) -> String {
        serde_json::to_string(sealed).unwrap()
    }

    fn read(json: &str) -> serde_json::Result<Option<Sealed<String>>> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_stored_form_is_the_value_or_that_it_was_forgotten() {
        assert_eq!(stored(&Sealed::Open("a \"b\"".into())), r#""a \"b\"""#);
        assert_eq!(stored(&Sealed::Forgotten), r#"{"forgotten":true}"#);
    }

    #[test]
    fn reading_gives_back_what_was_stored() {
        assert_eq!(read("null").unwrap(), None);
        for sealed in [Sealed::Open("기생충".to_owned()), Sealed::Forgotten] {
            assert_eq!(read(&stored(&sealed)).unwrap(), Some(sealed));
        }
    }

    #[test]
    fn neither_debug_nor_a_failed_read_shows_the_content() {
        assert_eq!(format!("{:?}", Sealed::Open("secret")), "Sealed(…)");
        let error = read(r#"{"secret":"secret"}"#).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
