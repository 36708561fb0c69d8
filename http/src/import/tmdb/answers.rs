//! What TMDB answers, as far as it is read. TMDB leaves out, or gives as null, whatever it does
//! not know; a number may come with or without a decimal point.

use serde::{Deserialize, Deserializer};

/// Null is nothing, too.
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// How a refusal is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub status_code: Option<i64>,
    #[serde(deserialize_with = "nullable")]
    pub status_message: String,
}

#[derive(Debug, Deserialize)]
pub struct Configuration {
    pub images: Images,
}

#[derive(Debug, Deserialize)]
pub struct Images {
    pub secure_base_url: String,
}

#[derive(Debug, Deserialize)]
pub struct Genres {
    pub genres: Vec<Genre>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Genre {
    pub id: u32,
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
}

/// A page of popular, discovered or changed films.
#[derive(Debug, Deserialize)]
pub struct Found {
    #[serde(default, deserialize_with = "nullable")]
    pub results: Vec<FoundFilm>,
    #[serde(default, deserialize_with = "nullable")]
    pub total_pages: u32,
}

#[derive(Debug, Deserialize)]
pub struct FoundFilm {
    pub id: u32,
    #[serde(default, deserialize_with = "nullable")]
    pub adult: bool,
}

/// A line of the daily list of ids.
#[derive(Debug, Deserialize)]
pub struct Exported {
    pub id: u32,
    #[serde(default, deserialize_with = "nullable")]
    pub adult: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub video: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub popularity: f64,
}

/// A film in one language, with what was asked to be appended.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Details {
    #[serde(deserialize_with = "nullable")]
    pub adult: bool,
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    #[serde(deserialize_with = "nullable")]
    pub original_title: String,
    #[serde(deserialize_with = "nullable")]
    pub original_language: String,
    #[serde(deserialize_with = "nullable")]
    pub overview: String,
    /// May be empty.
    #[serde(deserialize_with = "nullable")]
    pub release_date: String,
    pub runtime: Option<f64>,
    #[serde(deserialize_with = "nullable")]
    pub genres: Vec<Genre>,
    #[serde(deserialize_with = "nullable")]
    pub production_countries: Vec<Country>,
    pub imdb_id: Option<String>,
    pub poster_path: Option<String>,
    pub backdrop_path: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub vote_count: f64,
    #[serde(deserialize_with = "nullable")]
    pub vote_average: f64,
    #[serde(deserialize_with = "nullable")]
    pub credits: Credits,
    #[serde(deserialize_with = "nullable")]
    pub keywords: Keywords,
    #[serde(deserialize_with = "nullable")]
    pub videos: Videos,
    #[serde(deserialize_with = "nullable")]
    pub images: FilmImages,
    #[serde(deserialize_with = "nullable")]
    pub translations: Translations,
}

#[derive(Debug, Deserialize)]
pub struct Country {
    #[serde(default, deserialize_with = "nullable")]
    pub iso_3166_1: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Credits {
    #[serde(deserialize_with = "nullable")]
    pub cast: Vec<Credit>,
    #[serde(deserialize_with = "nullable")]
    pub crew: Vec<Credit>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Credit {
    pub id: u64,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub original_name: String,
    /// Of actors: the leading ones first.
    pub order: Option<f64>,
    /// Of the crew.
    pub job: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Keywords {
    #[serde(deserialize_with = "nullable")]
    pub keywords: Vec<Keyword>,
}

#[derive(Debug, Deserialize)]
pub struct Keyword {
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Videos {
    #[serde(deserialize_with = "nullable")]
    pub results: Vec<Video>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Video {
    #[serde(deserialize_with = "nullable")]
    pub key: String,
    #[serde(deserialize_with = "nullable")]
    pub site: String,
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
    #[serde(deserialize_with = "nullable")]
    pub official: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct FilmImages {
    #[serde(deserialize_with = "nullable")]
    pub posters: Vec<Image>,
    #[serde(deserialize_with = "nullable")]
    pub backdrops: Vec<Image>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Image {
    pub file_path: Option<String>,
    pub iso_639_1: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Translations {
    #[serde(deserialize_with = "nullable")]
    pub translations: Vec<Translation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Translation {
    #[serde(deserialize_with = "nullable")]
    pub iso_639_1: String,
    #[serde(deserialize_with = "nullable")]
    pub data: TranslatedTexts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TranslatedTexts {
    #[serde(deserialize_with = "nullable")]
    pub title: String,
    #[serde(deserialize_with = "nullable")]
    pub overview: String,
}
