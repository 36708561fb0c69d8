//! What members write, checked once where it enters.
//!
//! All text is NFC, so that Hangul typed on a Mac equals Hangul typed on Windows. Reading a stored
//! event does not check again: requests go through the constructors.

use unicode_normalization::UnicodeNormalization;

use crate::Invalid;

/// Text whose `Debug` does not show it, so that no log can, and which events hold only sealed:
/// under which of its member's keys, and the name of its place, fixed for ever.
macro_rules! text {
    ($($(#[$meta:meta])* $name:ident = ($place:literal, $key:ident))+) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::sealed::Content for $name {
            const KEY: $crate::KeyKind = $crate::KeyKind::$key;
            const PLACE: &'static str = $place;

            fn as_str(&self) -> &str {
                &self.0
            }

            fn from_stored(text: String) -> Self {
                Self(text)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )+};
}
pub(crate) use text;

text! {
    /// Markdown.
    ReviewText = ("review", Words)
    /// Markdown.
    CommentText = ("comment", Words)
    /// What a member says about themselves; empty is nothing.
    #[derive(Default)]
    About = ("about", Identity)
    /// One line.
    RoomName = ("room_name", Words)
    /// What a room is for; empty is nothing.
    #[derive(Default)]
    RoomDescription = ("room_description", Words)
    /// Said in a room: Markdown.
    MessageText = ("message", Words)
    /// Why something was moderated or reported.
    Reason = ("reason", Words)
    /// Why a measure is not right, as its member sees it.
    AppealText = ("appeal", Words)
}

impl ReviewText {
    pub const MAX_CHARS: usize = 10_000;

    /// None where nothing was typed: a review may be a rating alone.
    pub fn new(typed: &str) -> Result<Option<Self>, Invalid> {
        let text = written(typed, 0, Self::MAX_CHARS)?;
        Ok((!text.is_empty()).then_some(Self(text)))
    }
}

impl CommentText {
    pub const MAX_CHARS: usize = 2_000;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        written(typed, 1, Self::MAX_CHARS).map(Self)
    }
}

impl About {
    pub const MAX_CHARS: usize = 1_000;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        written(typed, 0, Self::MAX_CHARS).map(Self)
    }
}

impl RoomName {
    pub const MAX_CHARS: usize = 60;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        let line: Vec<&str> = typed.split_whitespace().collect();
        written(&line.join(" "), 1, Self::MAX_CHARS).map(Self)
    }
}

impl RoomDescription {
    pub const MAX_CHARS: usize = 500;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        written(typed, 0, Self::MAX_CHARS).map(Self)
    }
}

impl MessageText {
    pub const MAX_CHARS: usize = 4_000;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        written(typed, 1, Self::MAX_CHARS).map(Self)
    }
}

impl Reason {
    pub const MAX_CHARS: usize = 300;

    /// None where nothing was typed.
    pub fn new(typed: &str) -> Result<Option<Self>, Invalid> {
        let text = written(typed, 0, Self::MAX_CHARS)?;
        Ok((!text.is_empty()).then_some(Self(text)))
    }
}

impl AppealText {
    pub const MAX_CHARS: usize = 2_000;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        written(typed, 1, Self::MAX_CHARS).map(Self)
    }
}

/// Text of several lines. Joiners and marks of direction belong to how people write (emoji,
/// Arabic); control characters don't, and PostgreSQL can't store a NUL.
fn written(typed: &str, min: usize, max: usize) -> Result<String, Invalid> {
    let text: String = typed.trim().replace("\r\n", "\n").nfc().collect();
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Invalid::InvisibleCharacter);
    }
    within(text, min, max)
}

pub(crate) fn within(text: String, min: usize, max: usize) -> Result<String, Invalid> {
    match text.chars().count() {
        chars if chars < min => Err(Invalid::TooShort { min }),
        chars if chars > max => Err(Invalid::TooLong { max }),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_lines() {
        let text = CommentText::new("\n one\r\n\n👩\u{200D}🚀 two\t\n ").unwrap();
        assert_eq!(text.as_str(), "one\n\n👩\u{200D}🚀 two");
    }

    #[test]
    fn texts_have_a_least_and_a_greatest_length() {
        assert_eq!(ReviewText::new(" \r\n "), Ok(None));
        assert!(matches!(ReviewText::new(&"충".repeat(10_000)), Ok(Some(_))));
        assert_eq!(
            ReviewText::new(&"충".repeat(10_001)),
            Err(Invalid::TooLong { max: 10_000 })
        );
        assert_eq!(CommentText::new(" "), Err(Invalid::TooShort { min: 1 }));
        assert_eq!(
            CommentText::new(&"c".repeat(2_001)),
            Err(Invalid::TooLong { max: 2_000 })
        );
        assert_eq!(About::new(""), Ok(About::default()));
        assert_eq!(
            About::new(&"a".repeat(1_001)),
            Err(Invalid::TooLong { max: 1_000 })
        );
    }

    #[test]
    fn a_rooms_name_is_one_line() {
        let name = RoomName::new(" Dune:\n\n 사막의 밤 ").unwrap();
        assert_eq!(name.as_str(), "Dune: 사막의 밤");
        assert_eq!(RoomName::new("\n"), Err(Invalid::TooShort { min: 1 }));
        assert_eq!(
            RoomName::new(&"충".repeat(61)),
            Err(Invalid::TooLong { max: 60 })
        );
    }

    #[test]
    fn a_message_typed_on_a_mac_is_the_same_message() {
        let decomposed = "\u{1100}\u{1175}\u{1109}\u{1162}\u{11BC}\u{110E}\u{116E}\u{11BC}";
        assert_eq!(MessageText::new(decomposed), MessageText::new("기생충"));
        assert!(MessageText::new(&"충".repeat(4_000)).is_ok());
        assert_eq!(
            MessageText::new(&"충".repeat(4_001)),
            Err(Invalid::TooLong { max: 4_000 })
        );
    }

    #[test]
    fn texts_with_control_characters_are_refused() {
        for typed in ["a\0b", "a\u{1B}[31mb", "a\rb"] {
            assert_eq!(CommentText::new(typed), Err(Invalid::InvisibleCharacter));
        }
    }
}
