//! How well a name matches what was typed.

use super::fold::{self, initials};
use super::query::Query;

/// The better, the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Quality {
    /// It is the name.
    Exact,
    /// The name begins with it.
    Beginning,
    /// The name begins with it while its last syllable is still being typed (고 → 과거).
    Typing,
    /// A word of the name begins with it.
    Word,
    /// It is within the name.
    Part,
    /// All its words are in the name, in another order.
    Words,
    /// It is found in what else is known: people, genres, the year, the overview.
    Elsewhere,
    /// With a letter changed it would be better.
    Misspelt,
}

impl Quality {
    /// Of a thing with several names: the best one, and which.
    pub(crate) fn best(query: &Query, names: &[String]) -> Option<(Quality, usize)> {
        let each = names.iter().enumerate();
        each.filter_map(|(nth, name)| Some((Quality::of(query, name)?, nth)))
            .min()
    }

    /// `None`: the name has nothing of it.
    fn of(query: &Query, name: &str) -> Option<Quality> {
        if let Some(asked) = &query.initials {
            return Quality::of_whole(asked, &initials(name)?);
        }
        let words = fold::words(name);
        let (asked, whole) = (query.whole.as_str(), words.concat());
        let mut starts = words.iter().scan(0, |end, word| {
            *end += word.len();
            Some(*end)
        });
        let begins = whole.starts_with(asked);
        if whole == asked {
            return Some(Quality::Exact);
        }
        if begins && fold::plain(name).starts_with(&query.plain) {
            return Some(Quality::Beginning);
        }
        if begins {
            return Some(Quality::Typing);
        }
        if starts.any(|start| whole[start..].starts_with(asked)) {
            return Some(Quality::Word);
        }
        // a letter or two stand within every other name
        if asked.chars().count() < 3 {
            let part = query
                .syllable
                .is_some_and(|syllable| name.contains(syllable));
            return part.then_some(Quality::Part);
        }
        if whole.contains(asked) {
            return Some(Quality::Part);
        }
        let all = query.words.iter().all(|word| whole.contains(word.as_str()));
        all.then_some(Quality::Words)
    }

    fn of_whole(asked: &str, whole: &str) -> Option<Quality> {
        if whole == asked {
            Some(Quality::Exact)
        } else if whole.starts_with(asked) {
            Some(Quality::Beginning)
        } else {
            whole.contains(asked).then_some(Quality::Part)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(typed: &str, name: &str) -> Option<Quality> {
        Quality::of(&Query::new(typed).unwrap(), name)
    }

    #[test]
    fn a_better_match_comes_first() {
        for (typed, name, expected) in [
            ("기생충", "기생충", Some(Quality::Exact)),
            ("parasite", "Parasite", Some(Quality::Exact)),
            ("살인의추억", "살인의 추억", Some(Quality::Exact)),
            ("ㄱㅅㅊ", "기생충", Some(Quality::Exact)),
            ("ㅅㅇㅇ", "살인의 추억", Some(Quality::Beginning)),
            ("ㅊㅇ", "살인의 추억", Some(Quality::Part)),
            ("기생", "기생충", Some(Quality::Beginning)),
            ("amelie p", "Amélie Poulain", Some(Quality::Beginning)),
            ("고", "고래사냥", Some(Quality::Beginning)),
            ("고", "과거가 없는 남자", Some(Quality::Typing)),
            ("기새", "기생충", Some(Quality::Typing)),
            ("추억", "살인의 추억", Some(Quality::Word)),
            ("space ody", "2001: A Space Odyssey", Some(Quality::Word)),
            ("생충", "기생충", Some(Quality::Part)),
            ("생", "기생충", Some(Quality::Part)),
            ("rasi", "Parasite", Some(Quality::Part)),
            ("추억 살인", "살인의 추억", Some(Quality::Words)),
            ("a", "Parasite", None),
            ("추", "살인의 초상", None),
            ("paradise", "Parasite", None),
        ] {
            assert_eq!(quality(typed, name), expected, "{typed} in {name}");
        }
    }

    #[test]
    fn the_best_of_several_names_counts() {
        let names = ["Memories of Murder".to_owned(), "살인의 추억".to_owned()];
        let best = |typed| Quality::best(&Query::new(typed).unwrap(), &names);
        assert_eq!(best("살인"), Some((Quality::Beginning, 1)));
        assert_eq!(best("murder"), Some((Quality::Word, 0)));
        assert_eq!(best("parasite"), None);
    }
}
