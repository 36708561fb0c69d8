//! For each film those that are liked by the same members.

use uuid::Uuid;

use super::Likes;

/// Films kept for each film; the memory is at most so many times 16 bytes for a film.
const KEPT: usize = 30;
/// Draws the cosine of films with few fans towards zero: few fans prove little.
const SHRINK: f64 = 10.0;

/// A film that is liked with another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikedWith {
    pub film: Uuid,
    /// 0 to 1.
    pub strength: f64,
    /// Members who like both.
    pub fans: u32,
}

#[derive(Debug, Default)]
pub struct CoLikes {
    films: Vec<Uuid>,
    nearest: Vec<Vec<(u32, u32, f64)>>,
}

impl CoLikes {
    /// Costs the sum of the squared lengths of the histories.
    pub fn fit(likes: &Likes) -> CoLikes {
        let films = likes.films().len();
        let histories: Vec<Vec<usize>> = likes.histories().map(Iterator::collect).collect();
        let mut common = vec![0_u32; films];
        let mut nearest = Vec::with_capacity(films);
        for (film, fans) in likes.fans().iter().enumerate() {
            let mut touched = Vec::new();
            for other in fans.iter().flat_map(|fan| &histories[*fan]) {
                if common[*other] == 0 {
                    touched.push(*other);
                }
                common[*other] += 1;
            }
            let strength = |other: usize| {
                let norms = (fans.len() as f64 * likes.fans()[other].len() as f64).sqrt();
                f64::from(common[other]) / (norms + SHRINK)
            };
            let mut near: Vec<(u32, u32, f64)> = touched
                .iter()
                .filter(|other| **other != film)
                .map(|other| (*other as u32, common[*other], strength(*other)))
                .collect();
            near.sort_unstable_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
            near.truncate(KEPT);
            near.shrink_to_fit();
            nearest.push(near);
            for other in touched {
                common[other] = 0;
            }
        }
        CoLikes {
            films: likes.films().to_vec(),
            nearest,
        }
    }

    /// The films that are most liked with it, the strongest first.
    pub fn with(&self, film: Uuid) -> impl Iterator<Item = LikedWith> + '_ {
        let near = match self.films.binary_search(&film) {
            Ok(number) => &self.nearest[number][..],
            Err(_) => &[],
        };
        near.iter().map(|(film, fans, strength)| LikedWith {
            film: self.films[*film as usize],
            strength: *strength,
            fans: *fans,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{id, likes};
    use super::*;

    #[test]
    fn films_with_the_same_fans_are_near_and_few_fans_prove_little() {
        let co_likes = CoLikes::fit(&likes(&[&[0, 1], &[0, 1], &[1, 2]]));
        let with: Vec<LikedWith> = co_likes.with(id(1)).collect();
        assert_eq!((with[0].film, with[0].fans), (id(0), 2));
        assert_eq!((with[1].film, with[1].fans), (id(2), 1));
        assert!((with[0].strength - 2.0 / (6.0_f64.sqrt() + SHRINK)).abs() < 1e-12);
        assert_eq!(co_likes.with(id(9)).count(), 0);
    }
}
