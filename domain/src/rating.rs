//! A rating: half a star to five stars, in steps of half a star.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Half stars, 1 to 10: the stored form is that number, so that sums of ratings are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rating(u8);

impl Rating {
    pub fn new(half_stars: u8) -> Result<Self, Invalid> {
        if (1..=10).contains(&half_stars) {
            Ok(Self(half_stars))
        } else {
            Err(Invalid::NotARating)
        }
    }

    /// 0.5, 1, 1.5 … 5; a 3.7 is refused, not rounded.
    pub fn from_stars(stars: f64) -> Result<Self, Invalid> {
        (1..=10)
            .map(Self)
            .find(|rating| rating.stars() == stars)
            .ok_or(Invalid::NotARating)
    }

    pub fn half_stars(self) -> u8 {
        self.0
    }

    pub fn stars(self) -> f64 {
        f64::from(self.0) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_star_is_a_rating() {
        for half_stars in 1..=10 {
            let rating = Rating::new(half_stars).unwrap();
            assert_eq!(Rating::from_stars(rating.stars()), Ok(rating));
            assert_eq!(rating.half_stars(), half_stars);
        }
    }

    #[test]
    fn nothing_else_is_a_rating() {
        for half_stars in [0, 11, 255] {
            assert_eq!(Rating::new(half_stars), Err(Invalid::NotARating));
        }
        for stars in [0.0, -0.5, 0.4, 3.7, 5.5, 128.5, f64::NAN, f64::INFINITY] {
            assert_eq!(Rating::from_stars(stars), Err(Invalid::NotARating));
        }
    }
}
