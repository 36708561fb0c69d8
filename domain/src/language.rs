//! The languages that Reeltime speaks.

use serde::{Deserialize, Serialize};

use crate::Invalid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    Ko,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// ISO 639-1: the stored form, and what HTML's `lang` wants.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    pub fn from_code(code: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == code)
            .ok_or(Invalid::UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_stored_form_are_the_same_word() {
        for language in Language::ALL {
            let stored = format!("\"{}\"", language.code());
            assert_eq!(serde_json::to_string(&language).unwrap(), stored);
            assert_eq!(Language::from_code(language.code()), Ok(language));
        }
        assert_eq!(Language::from_code("fr"), Err(Invalid::UnknownLanguage));
    }
}
