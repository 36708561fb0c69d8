//! How a room stands: who may be here, who is, and what it is called.

use domain::room::{Event, State};
use domain::{MemberId, Sealed};

#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// `None`: nothing has happened yet.
    state: Option<State>,
    name: Words,
    description: Words,
}

/// Some member's.
#[derive(Clone, Debug, Default)]
struct Words {
    text: Option<String>,
    by: Option<MemberId>,
}

impl Standing {
    pub fn evolve(&mut self, event: &Event) {
        self.state = State::evolve(self.state.take(), event);
        match event {
            Event::Opened(opened) => {
                self.name = words(opened.member, &opened.name, |name| name.as_str());
                self.description = words(opened.member, &opened.description, |text| text.as_str());
            }
            Event::Renamed(renamed) => {
                self.name = words(renamed.by, &renamed.name, |name| name.as_str());
            }
            Event::Described(described) => {
                self.description =
                    words(described.by, &described.description, |text| text.as_str());
            }
            _ => {}
        }
    }

    pub fn room(&self) -> Option<&State> {
        self.state.as_ref()
    }

    pub fn name(&self) -> Option<String> {
        self.name.text.clone()
    }

    pub fn description(&self) -> Option<String> {
        self.description.text.clone()
    }

    /// Keeps no words of those who took theirs along.
    pub fn forget_words(&mut self, is_forgotten: impl Fn(MemberId) -> bool) {
        for words in [&mut self.name, &mut self.description] {
            if words.by.is_some_and(&is_forgotten) {
                words.text = None;
            }
        }
    }
}

fn words<T>(by: MemberId, sealed: &Sealed<T>, text: impl Fn(&T) -> &str) -> Words {
    Words {
        text: sealed.open().map(|open| text(open).to_owned()),
        by: Some(by),
    }
}
