//! Who likes what, with films and members as numbers in the order of their ids.
//!
//! An order by number is an order by id, so a tie that a model breaks by number
//! is broken by id.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

/// A member's newest likes that count; older ones are left out. Fitting costs
/// the square of a history's length, so one tireless member must not decide it.
const LIKES_PER_MEMBER: usize = 5_000;

/// A member likes a film: rated it well, or said so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Like {
    pub member: Uuid,
    pub film: Uuid,
    pub at: i64,
}

/// The member–film matrix of likes, by row and by column.
#[derive(Clone, Debug, Default)]
pub struct Likes {
    films: Vec<Uuid>,
    members: Vec<Uuid>,
    /// For each member film and time, oldest first, films with equal times by number.
    histories: Vec<Vec<(usize, i64)>>,
    /// For each film its members, ascending.
    fans: Vec<Vec<usize>>,
}

impl Likes {
    /// Of several likes of one film by one member the newest counts.
    pub fn new(likes: impl IntoIterator<Item = Like>) -> Likes {
        let mut newest: BTreeMap<Uuid, BTreeMap<Uuid, i64>> = BTreeMap::new();
        for like in likes {
            let at = newest
                .entry(like.member)
                .or_default()
                .entry(like.film)
                .or_insert(like.at);
            *at = like.at.max(*at);
        }
        let histories: Vec<Vec<(Uuid, i64)>> = newest.values().map(oldest_first).collect();
        let films: BTreeSet<Uuid> = histories.iter().flatten().map(|(film, _)| *film).collect();
        let films: Vec<Uuid> = films.into_iter().collect();
        let mut fans = vec![Vec::new(); films.len()];
        let mut numbered = Vec::with_capacity(histories.len());
        for (member, history) in histories.into_iter().enumerate() {
            let number = |film| films.binary_search(film).expect("it is among the films");
            let history: Vec<(usize, i64)> = history
                .iter()
                .map(|(film, at)| (number(film), *at))
                .collect();
            for (film, _) in &history {
                fans[*film].push(member);
            }
            numbered.push(history);
        }
        Likes {
            films,
            members: newest.into_keys().collect(),
            histories: numbered,
            fans,
        }
    }

    /// The films that somebody likes, ascending.
    pub fn films(&self) -> &[Uuid] {
        &self.films
    }

    /// The members who like something, ascending.
    pub fn members(&self) -> &[Uuid] {
        &self.members
    }

    /// A film's number, if anybody likes it.
    pub fn film(&self, film: Uuid) -> Option<usize> {
        self.films.binary_search(&film).ok()
    }

    /// A member's number, if they like anything.
    pub fn member(&self, member: Uuid) -> Option<usize> {
        self.members.binary_search(&member).ok()
    }

    /// The films that each member likes, oldest like first.
    pub fn histories(&self) -> impl Iterator<Item = impl Iterator<Item = usize> + '_> {
        self.histories
            .iter()
            .map(|history| history.iter().map(|(film, _)| *film))
    }

    /// The films that a member likes, oldest like first.
    pub fn history(&self, member: usize) -> Vec<usize> {
        self.histories[member]
            .iter()
            .map(|(film, _)| *film)
            .collect()
    }

    /// For each film the members who like it, ascending.
    pub fn fans(&self) -> &[Vec<usize>] {
        &self.fans
    }

    /// Film and time of every like.
    pub fn times(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        self.histories.iter().flatten().copied()
    }
}

fn oldest_first(films: &BTreeMap<Uuid, i64>) -> Vec<(Uuid, i64)> {
    let mut films: Vec<(Uuid, i64)> = films.iter().map(|(film, at)| (*film, *at)).collect();
    films.sort_unstable_by_key(|(film, at)| (*at, *film));
    let old = films.len().saturating_sub(LIKES_PER_MEMBER);
    films.split_off(old)
}

#[cfg(test)]
mod tests {
    use super::super::given::id;
    use super::*;

    fn like(member: usize, film: usize, at: i64) -> Like {
        Like {
            member: id(member),
            film: id(film),
            at,
        }
    }

    #[test]
    fn numbers_are_in_the_order_of_ids() {
        let likes = Likes::new([
            like(9, 40, 2),
            like(9, 30, 2),
            like(9, 50, 1),
            like(7, 50, 5),
        ]);
        assert_eq!(likes.films(), [id(30), id(40), id(50)]);
        assert_eq!(likes.members(), [id(7), id(9)]);
        assert_eq!(likes.history(0), [2]);
        assert_eq!(likes.history(1), [2, 0, 1]);
        assert_eq!(likes.fans(), [vec![1], vec![1], vec![0, 1]]);
        assert_eq!(likes.film(id(40)), Some(1));
        assert_eq!(likes.film(id(41)), None);
    }

    #[test]
    fn a_film_liked_again_is_liked_once_and_lately() {
        let likes = Likes::new([like(1, 1, 10), like(1, 2, 20), like(1, 1, 30)]);
        assert_eq!(likes.history(0), [1, 0]);
    }

    #[test]
    fn the_oldest_likes_of_a_tireless_member_are_left_out() {
        let many = LIKES_PER_MEMBER + 2;
        let likes = Likes::new((0..many).map(|film| like(1, film, film as i64)));
        assert_eq!(likes.films().len(), LIKES_PER_MEMBER);
        assert_eq!(likes.films()[0], id(2));
    }
}
