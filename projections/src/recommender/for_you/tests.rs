//! Lists for members, in a world of two circles.

use super::super::given::id;
use super::super::{Facts, Like};
use super::*;

/// Films 0–4 are liked by every other member, most of 5–9 by the rest; nobody has seen
/// 20 and 21. Films of the same parity have the same genre and director.
fn two_circles() -> (Fitted, Shelf) {
    let mut likes = Vec::new();
    for member in 0..12 {
        let circle = if member % 2 == 0 { 0..5 } else { 5..10 };
        let skipped = 9 - member % 3;
        for film in circle.filter(|film| *film != skipped) {
            likes.push(Like {
                member: id(100 + member),
                film: id(film),
                at: film as i64,
            });
        }
    }
    let mut shelf = Shelf::default();
    for film in (0..10).chain([20, 21]) {
        let (genre, name) = [("drama", "Im"), ("war", "Lee")][film % 2];
        let director = domain::film::Person {
            en: name.to_owned(),
            ko: None,
        };
        let facts = Facts {
            genres: vec![genre.to_owned()],
            directors: vec![director],
            ..Facts::default()
        };
        shelf.put(id(film), &facts, 0);
    }
    (Fitted::new(likes, Vec::new()), shelf)
}

fn history(liked: &[usize], disliked: &[usize]) -> History {
    let rated = |film: &usize, half_stars| Rated {
        film: id(*film),
        half_stars,
        at: 0,
    };
    let liked = liked.iter().map(|film| rated(film, 9));
    History::new(liked.chain(disliked.iter().map(|film| rated(film, 2))))
}

fn films(suggestions: &[Suggestion]) -> Vec<Uuid> {
    suggestions.iter().map(|found| found.film).collect()
}

#[test]
fn films_of_the_same_circle_come_first_and_say_why() {
    let (fitted, shelf) = two_circles();
    let suggestions = fitted.suggest(&history(&[0, 1], &[3]), &shelf, 0, 2);
    let mut found = films(&suggestions);
    found.sort_unstable();
    assert_eq!(found, [id(2), id(4)]);
    let because = &suggestions[0].because;
    let named: Vec<Uuid> = because.iter().map(|because| because.film).collect();
    assert_eq!(named, [id(1), id(0)]);
    assert!((because.iter().map(|because| because.share).sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn what_was_seen_is_never_suggested_and_each_film_once() {
    let (fitted, shelf) = two_circles();
    let seen = history(&[0], &[3]);
    let mut everything = films(&fitted.suggest(&seen, &shelf, 0, 50));
    everything.sort_unstable();
    let but_seen = [1, 2, 4, 5, 6, 7, 8, 9, 20].map(id);
    // 21 shares nothing with what was liked
    assert_eq!(everything, but_seen);
}

#[test]
fn a_film_that_nobody_likes_yet_comes_by_what_it_is() {
    let (fitted, shelf) = two_circles();
    let suggestions = fitted.suggest(&history(&[0], &[]), &shelf, 0, 6);
    let discovery = suggestions.iter().find(|found| found.film == id(20));
    let discovery = discovery.unwrap();
    assert_eq!(discovery.source, Source::Content);
    assert_eq!(discovery.because[0].film, id(0));
}

#[test]
fn a_first_like_that_the_model_does_not_know_finds_its_kin() {
    let (fitted, shelf) = two_circles();
    let suggestions = fitted.suggest(&history(&[21], &[]), &shelf, 0, 3);
    assert_eq!(suggestions[0].source, Source::Content);
    assert!(shelf.kin().genres(suggestions[0].film) == ["war"]);
}

#[test]
fn a_new_member_gets_what_is_trending() {
    let (fitted, shelf) = two_circles();
    for history in [history(&[], &[]), history(&[], &[1])] {
        let suggestions = fitted.suggest(&history, &shelf, 0, 3);
        assert_eq!(suggestions.len(), 3);
        assert_eq!(suggestions[0].film, id(6));
        assert!(
            suggestions
                .iter()
                .all(|found| found.source == Source::Trending && found.because.is_empty())
        );
    }
}

#[test]
fn nobody_likes_anything_yet() {
    let fitted = Fitted::new(Vec::new(), Vec::new());
    let shelf = Shelf::default();
    assert!(fitted.suggest(&history(&[1], &[]), &shelf, 0, 5).is_empty());
    assert!(fitted.trending(5).is_empty());
}

#[test]
fn a_walk_stays_in_the_circle_and_never_comes_back() {
    let (fitted, shelf) = two_circles();
    let seen = history(&[], &[3]);
    let walk = fitted.walk_from(&[id(0)], &seen, &shelf, 9);
    let mut found: Vec<Uuid> = walk.iter().map(|(film, _)| *film).collect();
    found.sort_unstable();
    assert_eq!(found, [1, 2, 4].map(id));
}

#[test]
fn fellows_like_the_same_and_are_somebody_else() {
    let (fitted, _) = two_circles();
    let fellows = fitted.fellows(&[id(0), id(1)], id(100), 3);
    assert_eq!(fellows, [102, 104, 106].map(|member| (id(member), 2)));
    assert!(fitted.fellows(&[id(77)], id(100), 3).is_empty());
}

#[test]
fn the_same_likes_in_any_order_fit_the_same_numbers() {
    let (fitted, shelf) = two_circles();
    let mut likes = Vec::new();
    for (member, history) in fitted.likes.histories().enumerate() {
        for film in history {
            likes.push(Like {
                member: fitted.likes.members()[member],
                film: fitted.likes.films()[film],
                at: film as i64,
            });
        }
    }
    likes.reverse();
    let again = Fitted::new(likes, Vec::new());
    let seen = history(&[0, 7], &[]);
    assert_eq!(
        fitted.suggest(&seen, &shelf, 0, 9),
        again.suggest(&seen, &shelf, 0, 9)
    );
}
