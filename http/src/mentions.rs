//! Who is named in a text: `@` and a member's name. Names may hold spaces and Korean particles
//! follow them without one, so every beginning of what follows the sign is looked up, and the
//! longest that somebody is called counts.

use std::collections::BTreeMap;

use commands::room::MAX_MENTIONS;
use domain::{MemberId, MemberName};
use projections::{Snapshot, members};
use uuid::Uuid;

use crate::app::App;
use crate::problem::Problem;
use crate::reading::failed;

/// The members who are named, in the order of the text. More than [`MAX_MENTIONS`] signs are
/// not looked at.
pub async fn mentioned(app: &App, text: &str) -> Result<Vec<MemberId>, Problem> {
    if signs(text).next().is_none() {
        return Ok(Vec::new());
    }
    let mut snapshot = app.reader.snapshot(None).await.map_err(failed)?;
    mentioned_at(app, &mut snapshot, text).await
}

/// The same, as of a snapshot.
pub async fn mentioned_at(
    app: &App,
    snapshot: &mut Snapshot,
    text: &str,
) -> Result<Vec<MemberId>, Problem> {
    let candidates: Vec<Vec<Uuid>> = signs(text)
        .map(|rest| {
            let names = beginnings(rest);
            names
                .map(|(name, _)| app.vault.name_reservation(&name).0)
                .collect()
        })
        .collect();
    let all = candidates.concat();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let found = members::by_names(snapshot, &all).await.map_err(failed)?;
    let who = |name: &Uuid| found.iter().find(|(known, _)| known == name);
    let named = candidates
        .iter()
        .filter_map(|names| names.iter().find_map(who));
    Ok(named.map(|(_, member)| MemberId(*member)).collect())
}

/// A name in a text.
pub struct Named {
    /// From the sign to the name's end.
    pub place: (usize, usize),
    pub member: Uuid,
}

/// The first of these names that follows a sign.
pub fn first(text: &str, named: &BTreeMap<Uuid, String>) -> Option<Named> {
    if named.is_empty() {
        return None;
    }
    let names: Vec<(Uuid, String)> = named
        .iter()
        .filter_map(|(member, name)| Some((*member, MemberName::new(name).ok()?.key())))
        .collect();
    signs(text).find_map(|rest| {
        let sign = text.len() - rest.len() - 1;
        beginnings(rest).find_map(|(name, length)| {
            let key = name.key();
            let (member, _) = names.iter().find(|(_, known)| *known == key)?;
            Some(Named {
                place: (sign, sign + 1 + length),
                member: *member,
            })
        })
    })
}

/// What follows each sign that begins a word.
fn signs(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@')
        .filter(|(place, _)| {
            let before = text[..*place].chars().next_back();
            before.is_none_or(|before| !before.is_alphanumeric())
        })
        .map(|(place, _)| &text[place + 1..])
        .take(MAX_MENTIONS)
}

/// What may be a name, the longest first, with its length in bytes. In Latin script a name ends
/// where a word does.
fn beginnings(rest: &str) -> impl Iterator<Item = (MemberName, usize)> {
    let line = rest.lines().next().unwrap_or_default();
    let ends: Vec<usize> = line
        .char_indices()
        .skip(1)
        .map(|(place, _)| place)
        .chain([line.len()])
        .take(MemberName::MAX_CHARS)
        .filter(|end| {
            let next = line[*end..].chars().next();
            next.is_none_or(|next| !next.is_alphanumeric() || is_hangul(next))
                && !line[..*end].ends_with(' ')
        })
        .collect();
    let names: Vec<(MemberName, usize)> = ends
        .into_iter()
        .rev()
        .filter_map(|end| Some((MemberName::new(&line[..end]).ok()?, end)))
        .collect();
    names.into_iter()
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<Vec<String>> {
        let typed = |(name, _): (MemberName, usize)| name.as_str().to_owned();
        signs(text)
            .map(|rest| beginnings(rest).map(typed).collect())
            .collect()
    }

    #[test]
    fn every_beginning_may_be_a_name_the_longest_first() {
        assert_eq!(names("Hi @Ann Lee!"), [["Ann Lee!", "Ann Lee", "Ann"]]);
        assert!(names("@민지가 왔다")[0].contains(&"민지".to_owned()));
    }

    #[test]
    fn a_latin_name_ends_with_its_word_and_addresses_name_nobody() {
        assert!(!names("@Annabel").concat().contains(&"Ann".to_owned()));
        assert_eq!(names("ann@example.org"), [[""; 0]; 0]);
    }

    #[test]
    fn a_text_full_of_signs_is_not_looked_at_for_ever() {
        assert_eq!(names(&" @Ann".repeat(4_000)).len(), MAX_MENTIONS);
    }
}
