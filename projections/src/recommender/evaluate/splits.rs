//! What a model is fitted to, and what it then has to foretell.

use uuid::Uuid;

use super::super::Like;

/// Members with fewer likes are trained on but not asked about.
const LEAST_LIKES: usize = 5;

pub struct Split {
    pub training: Vec<Like>,
    pub cases: Vec<Case>,
}

/// A member, and the films that they liked after their training.
#[derive(Debug, PartialEq)]
pub struct Case {
    pub member: Uuid,
    pub films: Vec<Uuid>,
}

/// Of each member with five likes or more the last like but `after` is the case,
/// and what came later is left out. Likes come by member, oldest first.
pub fn last_but(likes: &[Like], after: usize) -> Split {
    let mut split = Split {
        training: Vec::new(),
        cases: Vec::new(),
    };
    for history in likes.chunk_by(|a, b| a.member == b.member) {
        if history.len() < LEAST_LIKES {
            split.training.extend(history);
            continue;
        }
        let case = history.len() - 1 - after;
        split.training.extend(&history[..case]);
        split.cases.push(Case {
            member: history[case].member,
            films: vec![history[case].film],
        });
    }
    split
}

/// The first `share` of all likes by time is the training; each member who liked
/// something before and after is a case.
pub fn by_time(likes: &[Like], share: f64) -> Split {
    let mut times: Vec<i64> = likes.iter().map(|like| like.at).collect();
    times.sort_unstable();
    let first = (times.len() as f64 * share) as usize;
    let until = times.get(first).copied().unwrap_or(i64::MAX);
    let mut split = Split {
        training: Vec::new(),
        cases: Vec::new(),
    };
    for history in likes.chunk_by(|a, b| a.member == b.member) {
        let (before, after) = history.split_at(history.partition_point(|like| like.at < until));
        split.training.extend(before);
        if !before.is_empty() && !after.is_empty() {
            let films = after.iter().map(|like| like.film).collect();
            split.cases.push(Case {
                member: history[0].member,
                films,
            });
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::super::super::given::id;
    use super::*;

    fn history(member: usize, times: std::ops::Range<i64>) -> Vec<Like> {
        times
            .map(|at| Like {
                member: id(member),
                film: id(at as usize),
                at,
            })
            .collect()
    }

    fn case(member: usize, films: &[usize]) -> Case {
        Case {
            member: id(member),
            films: films.iter().copied().map(id).collect(),
        }
    }

    #[test]
    fn the_last_like_of_a_member_with_five_is_the_case() {
        let likes = [history(1, 0..5), history(2, 0..4)].concat();
        let test = last_but(&likes, 0);
        assert_eq!(test.cases, [case(1, &[4])]);
        assert_eq!(test.training, [history(1, 0..4), history(2, 0..4)].concat());
        let validation = last_but(&likes, 1);
        assert_eq!(validation.cases, [case(1, &[3])]);
        assert_eq!(
            validation.training,
            [history(1, 0..3), history(2, 0..4)].concat()
        );
    }

    #[test]
    fn time_divides_all_members_at_once() {
        let likes = [history(1, 0..6), history(2, 5..8), history(3, 6..7)].concat();
        let split = by_time(&likes, 0.7);
        assert_eq!(split.cases, [case(2, &[6, 7])]);
        assert_eq!(
            split.training,
            [history(1, 0..6), history(2, 5..6)].concat()
        );
    }
}
