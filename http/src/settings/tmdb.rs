//! Where TMDB is, and who asks.

use std::path::PathBuf;

use clap::Args;

use crate::images::ImagesUrl;
use crate::secret_text::SecretText;

#[derive(Clone, Debug, Args)]
pub struct Tmdb {
    /// File with TMDB's API Read Access Token, for `reeltime import tmdb` and the page /imports
    #[arg(long, env = "REELTIME_TMDB_TOKEN_FILE", value_name = "FILE")]
    pub tmdb_token_file: Option<PathBuf>,

    /// The token itself instead of a file; best in the environment, where no list of processes
    /// shows it
    #[arg(
        long,
        env = "REELTIME_TMDB_TOKEN",
        hide_env_values = true,
        conflicts_with = "tmdb_token_file",
        value_name = "TOKEN"
    )]
    pub tmdb_token: Option<SecretText>,

    /// Where TMDB's API is
    #[arg(
        long,
        env = "REELTIME_TMDB_URL",
        default_value = "https://api.themoviedb.org/3",
        value_name = "URL"
    )]
    pub tmdb_url: String,

    /// Where TMDB's daily lists of ids are
    #[arg(
        long,
        env = "REELTIME_TMDB_EXPORTS_URL",
        default_value = "https://files.tmdb.org/p/exports",
        value_name = "URL"
    )]
    pub tmdb_exports_url: String,

    /// Where browsers find TMDB's pictures; "none" shows our own drawings alone
    #[arg(
        long,
        env = "REELTIME_TMDB_IMAGES_URL",
        default_value = "https://image.tmdb.org/t/p",
        value_name = "URL|none"
    )]
    pub tmdb_images_url: ImagesUrl,
}
