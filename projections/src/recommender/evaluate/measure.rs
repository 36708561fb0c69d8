//! Recall, nDCG and coverage of the first ten films of each list.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::Likes;
use super::splits::Case;

/// Films in a list.
pub const LENGTH: usize = 10;

/// From a history (oldest first) to a list (best first, without films of the history).
pub type Ranker = Box<dyn Fn(&[usize]) -> Vec<usize> + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub cases: usize,
    /// Mean share of a case's films that are in the list.
    pub recall: f64,
    /// Mean discounted gain of the list over that of the best possible list.
    pub ndcg: f64,
    /// Share of the films that are in any list.
    pub coverage: f64,
}

/// Films that nobody likes in training are not asked for.
pub fn measure(likes: &Likes, cases: &[Case], rank: &Ranker) -> Measured {
    let (mut asked, mut recall, mut ndcg) = (0_usize, 0.0, 0.0);
    let mut listed = BTreeSet::new();
    for case in cases {
        let films: Vec<usize> = case
            .films
            .iter()
            .filter_map(|film| likes.film(*film))
            .collect();
        if films.is_empty() {
            continue;
        }
        let list = rank(&history(likes, case.member));
        asked += 1;
        recall += hits(&list, &films).count() as f64 / films.len() as f64;
        ndcg += hits(&list, &films).map(gain).sum::<f64>()
            / (0..films.len().min(LENGTH)).map(gain).sum::<f64>();
        listed.extend(list.into_iter().take(LENGTH));
    }
    let mean = |sum: f64| sum / asked.max(1) as f64;
    Measured {
        cases: asked,
        recall: mean(recall),
        ndcg: mean(ndcg),
        coverage: listed.len() as f64 / likes.films().len().max(1) as f64,
    }
}

fn history(likes: &Likes, member: Uuid) -> Vec<usize> {
    likes
        .member(member)
        .map(|member| likes.history(member))
        .unwrap_or_default()
}

/// The places of the list at which a wanted film is.
fn hits<'a>(list: &'a [usize], films: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let wanted = |(_, film): &(usize, &usize)| films.contains(film);
    list.iter()
        .take(LENGTH)
        .enumerate()
        .filter(wanted)
        .map(|(place, _)| place)
}

fn gain(place: usize) -> f64 {
    1.0 / (place as f64 + 2.0).log2()
}

#[cfg(test)]
mod tests {
    use super::super::super::given::{id, likes};
    use super::*;

    #[test]
    fn measures_by_hand() {
        let likes = likes(&[&[0, 1], &[2, 3]]);
        let case = |member: usize, films: &[usize]| Case {
            member: id(member),
            films: films.iter().copied().map(id).collect(),
        };
        let cases = [case(0, &[3]), case(1, &[0, 1, 99]), case(0, &[99])];
        let rank: Ranker = Box::new(|history| {
            if history == [0, 1] {
                vec![2, 3]
            } else {
                vec![0]
            }
        });
        let measured = measure(&likes, &cases, &rank);
        // The first finds its film at the second place, the second one of two films at the first.
        let second = 1.0 / 3.0_f64.log2();
        assert_eq!((measured.cases, measured.recall), (2, 0.75));
        assert!((measured.ndcg - (second + 1.0 / (1.0 + second)) / 2.0).abs() < 1e-12);
        assert_eq!(measured.coverage, 0.75);
    }

    #[test]
    fn only_the_first_ten_count() {
        let films: Vec<usize> = (0..20).collect();
        let likes = likes(&[&films]);
        let rank: Ranker = Box::new(|_| (0..20).collect());
        let late = Case {
            member: id(0),
            films: vec![id(10)],
        };
        assert_eq!(measure(&likes, &[late], &rank).recall, 0.0);
    }
}
