//! The nineteen genres that films are sorted by.

use serde::{Deserialize, Serialize};

use crate::Invalid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Genre {
    Action,
    Adventure,
    Animation,
    Comedy,
    Crime,
    Documentary,
    Drama,
    Family,
    Fantasy,
    History,
    Horror,
    Music,
    Mystery,
    Romance,
    ScienceFiction,
    TvMovie,
    Thriller,
    War,
    Western,
}

impl Genre {
    pub const ALL: [Self; 19] = [
        Self::Action,
        Self::Adventure,
        Self::Animation,
        Self::Comedy,
        Self::Crime,
        Self::Documentary,
        Self::Drama,
        Self::Family,
        Self::Fantasy,
        Self::History,
        Self::Horror,
        Self::Music,
        Self::Mystery,
        Self::Romance,
        Self::ScienceFiction,
        Self::TvMovie,
        Self::Thriller,
        Self::War,
        Self::Western,
    ];

    /// The name in URLs and in the stored form.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Adventure => "adventure",
            Self::Animation => "animation",
            Self::Comedy => "comedy",
            Self::Crime => "crime",
            Self::Documentary => "documentary",
            Self::Drama => "drama",
            Self::Family => "family",
            Self::Fantasy => "fantasy",
            Self::History => "history",
            Self::Horror => "horror",
            Self::Music => "music",
            Self::Mystery => "mystery",
            Self::Romance => "romance",
            Self::ScienceFiction => "science-fiction",
            Self::TvMovie => "tv-movie",
            Self::Thriller => "thriller",
            Self::War => "war",
            Self::Western => "western",
        }
    }

    pub fn from_slug(slug: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|genre| genre.slug() == slug)
            .ok_or(Invalid::UnknownGenre)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_and_stored_form_are_the_same_word() {
        for genre in Genre::ALL {
            let stored = format!("\"{}\"", genre.slug());
            assert_eq!(serde_json::to_string(&genre).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Genre>(&stored).unwrap(), genre);
            assert_eq!(Genre::from_slug(genre.slug()), Ok(genre));
        }
        assert_eq!(Genre::from_slug("Action"), Err(Invalid::UnknownGenre));
    }

    #[test]
    fn all_has_each_genre_once_in_order() {
        assert!(Genre::ALL.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(Genre::ALL[18], Genre::Western);
    }
}
