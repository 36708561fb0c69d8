//! What a member shows of themselves: what is changed of it at once is changed together, or not at
//! all.

use domain::{Event, MemberId, Stream};

use crate::member::{ChangeAbout, ChooseLanguage};
use crate::name::Rename;
use crate::{Command, Refused, Seen};

/// What is `None` stays. No part's answer depends on another's.
#[derive(Clone, Debug)]
pub struct ChangeProfile {
    pub member: MemberId,
    pub name: Option<Rename>,
    pub about: Option<ChangeAbout>,
    pub language: Option<ChooseLanguage>,
}

impl Command for ChangeProfile {
    fn streams(&self) -> Vec<Stream> {
        match &self.name {
            Some(name) => name.streams(),
            None => vec![self.member.stream()],
        }
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let mut events = vec![];
        if let Some(name) = &self.name {
            events.extend(name.decide(seen)?);
        }
        if let Some(about) = &self.about {
            events.extend(about.decide(seen)?);
        }
        if let Some(language) = &self.language {
            events.extend(language.decide(seen)?);
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use domain::member::{AboutChanged, LanguageChosen, Renamed};
    use domain::reservation::Kind;
    use domain::{About, Language, MemberName, Sealed};

    use super::*;
    use crate::harness::*;
    use crate::member::reserved;

    /// Ann is called Bob, says something about herself and reads English.
    fn change() -> ChangeProfile {
        ChangeProfile {
            member: ANN,
            name: Some(Rename {
                member: ANN,
                name: MemberName::new("Bob").unwrap(),
                reservation: name_of(BOB),
                former: name_of(ANN),
            }),
            about: Some(ChangeAbout {
                member: ANN,
                about: About::new("Stairs.").unwrap(),
            }),
            language: Some(ChooseLanguage {
                member: ANN,
                language: Language::En,
            }),
        }
    }

    #[test]
    fn the_parts_of_a_profile_change_together() {
        given([signed_up(ANN).into()]).when(change()).then([
            reserved(name_of(BOB), Kind::Name, ANN),
            Renamed {
                member: ANN,
                name: Sealed::Open(MemberName::new("Bob").unwrap()),
                reservation: name_of(BOB),
                former: name_of(ANN),
            }
            .into(),
            AboutChanged {
                member: ANN,
                about: Sealed::Open(About::new("Stairs.").unwrap()),
            }
            .into(),
            LanguageChosen {
                member: ANN,
                language: Language::En,
            }
            .into(),
        ]);
    }

    #[test]
    fn where_one_part_is_refused_none_changes() {
        given([
            signed_up(ANN).into(),
            reserved(name_of(BOB), Kind::Name, BOB),
        ])
        .when(change())
        .refused(Refused::NameTaken);
    }
}
