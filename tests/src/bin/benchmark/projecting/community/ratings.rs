//! Who saw which film when, and how they liked it: MovieLens', or made up.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::Context;
use rand::RngExt;
use rand::rngs::StdRng;

/// As many as in MovieLens' latest-small.
pub const FILMS: u32 = 9_742;
pub const MEMBERS: u32 = 610;
const RATINGS: usize = 100_836;

/// A film and a member by number, in half stars.
pub struct Rated {
    pub member: u32,
    pub film: u32,
    pub half_stars: u8,
    pub at: i64,
}

/// `ratings.csv`: userId,movieId,rating,timestamp.
pub fn read(directory: &Path) -> anyhow::Result<Vec<Rated>> {
    let path = directory.join("ratings.csv");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut films = HashMap::new();
    let lines = text.lines().skip(1);
    let rated = lines.map(|line| {
        let fields: Vec<&str> = line.trim_end().split(',').collect();
        let [member, movie, stars, at] = fields[..] else {
            anyhow::bail!("{line} is no rating");
        };
        let next = u32::try_from(films.len())?;
        let film = *films.entry(movie.to_owned()).or_insert(next);
        Ok(Rated {
            member: (member.parse::<u32>()? - 1) % MEMBERS,
            film,
            half_stars: (stars.parse::<f64>()? * 2.0) as u8,
            at: at.parse()?,
        })
    });
    rated.collect()
}

/// As unevenly as in MovieLens.
pub fn made_up(random: &mut StdRng) -> Vec<Rated> {
    let mut pairs = HashSet::new();
    let mut rated = Vec::with_capacity(RATINGS);
    while rated.len() < RATINGS {
        let (one, other): (f64, f64) = (random.random(), random.random());
        let member = (one * one * f64::from(MEMBERS)) as u32;
        let film = (other.powi(3) * f64::from(FILMS)) as u32;
        if pairs.insert((member, film)) {
            rated.push(Rated {
                member,
                film,
                half_stars: random.random_range(1..=10),
                at: 1_000_000_000 + i64::try_from(rated.len()).expect("there are fewer") * 5_000,
            });
        }
    }
    rated
}
