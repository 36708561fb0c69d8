//! Small worlds that the models' tests share.

use uuid::Uuid;

use super::{Like, Likes};

pub fn id(number: usize) -> Uuid {
    Uuid::from_u128(number as u128)
}

/// Members 0, 1, … like these films, one second after the other.
pub fn likes(histories: &[&[usize]]) -> Likes {
    Likes::new(histories.iter().enumerate().flat_map(|(member, films)| {
        films.iter().enumerate().map(move |(at, film)| Like {
            member: id(member),
            film: id(*film),
            at: at as i64,
        })
    }))
}

/// Members whose tastes differ, by plain arithmetic.
pub fn crowd(members: usize, films: usize) -> Likes {
    let likes = |member: usize, film: usize| {
        let mixed = (member * 7919 + film * 104_729 + member * film * 31) % 1000;
        mixed < 120 + 10 * (film % 9)
    };
    let histories: Vec<Vec<usize>> = (0..members)
        .map(|member| (0..films).filter(|film| likes(member, *film)).collect())
        .collect();
    let histories: Vec<&[usize]> = histories.iter().map(Vec::as_slice).collect();
    self::likes(&histories)
}
