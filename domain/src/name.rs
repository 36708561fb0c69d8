//! What a member is known by: the name that others see, and the e-mail address. One member at a
//! time holds each, whatever its case or Unicode form.

use unicode_normalization::UnicodeNormalization;

use crate::Invalid;
use crate::text::{text, within};

text! {
    /// What a member is called: one line, nothing in it that can't be seen.
    MemberName = ("name", Identity)
    Email = ("e-mail", Identity)
}

impl MemberName {
    /// One syllable is a name (앤).
    pub const MIN_CHARS: usize = 1;
    pub const MAX_CHARS: usize = 30;

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        let typed = typed.trim();
        if typed.contains(is_invisible) {
            return Err(Invalid::InvisibleCharacter);
        }
        let name: String = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = name.nfc().collect();
        within(name, Self::MIN_CHARS, Self::MAX_CHARS).map(Self)
    }

    /// Equal for names that differ only in case or Unicode form: one of them can be taken.
    pub fn key(&self) -> String {
        folded(&self.0)
    }
}

impl Email {
    /// RFC 5321, section 4.5.3.1.
    pub const MAX_BYTES: usize = 254;

    /// Checks the shape only: whether mail arrives there, mail alone can tell.
    pub fn new(typed: &str) -> Result<Self, Invalid> {
        let address: String = typed.trim().nfc().collect();
        if address.len() > Self::MAX_BYTES {
            return Err(Invalid::TooLong {
                max: Self::MAX_BYTES,
            });
        }
        // What a mail header needs quotes for is not worth having in an address.
        let is_odd = |c: char| c.is_whitespace() || is_invisible(c) || r#"()<>[]:;,\""#.contains(c);
        if address.contains(is_odd) {
            return Err(Invalid::NotAnEmail);
        }
        let (local, host) = address.split_once('@').ok_or(Invalid::NotAnEmail)?;
        let is_dotted = host.contains('.') && host.split('.').all(|label| !label.is_empty());
        if local.is_empty() || host.contains('@') || !is_dotted {
            return Err(Invalid::NotAnEmail);
        }
        Ok(Self(address))
    }

    /// Equal for addresses that differ only in case or Unicode form: one of them can be taken.
    pub fn key(&self) -> String {
        folded(&self.0)
    }
}

/// Like NFKC_Casefold: down, up and down again, character by character. Up makes ß into SS and what
/// has two lower cases (σ and ς) one; the first way down is for what is up already (ẞ).
fn folded(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

/// Control, format and private-use characters, and the rest of what renderers leave blank: two
/// names that differ in these alone would look the same. (Unicode 16: categories Cc, Cf, Co and
/// Default_Ignorable_Code_Point, the separators of lines and paragraphs, blank symbols, and what
/// stands where a character was lost.)
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}'
            | '\u{890}'..='\u{891}' | '\u{8E2}'
            | '\u{115F}'..='\u{1160}' // Hangul fillers
            | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' // Braille with no dots
            | '\u{3164}' // Hangul filler
            | '\u{E000}'..='\u{F8FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' // Hangul filler
            | '\u{FFF0}'..='\u{FFFF}'
            | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> String {
        MemberName::new(name).unwrap().key()
    }

    #[test]
    fn names_that_differ_in_case_or_unicode_form_have_one_key() {
        for same in [
            [
                "기생충",
                "\u{1100}\u{1175}\u{1109}\u{1162}\u{11BC}\u{110E}\u{116E}\u{11BC}",
            ],
            ["Zoë", "ZOE\u{308}"],
            ["Ann Lee", "  ａｎｎ\u{3000}\u{A0}LEE "],
            ["Straße", "STRASSE"],
            ["Straße", "STRAẞE"],
            ["ΟΔΥΣΣΕΥΣ", "οδυσσευς"],
            ["ﬁlm", "FILM"],
        ] {
            assert_eq!(key(same[0]), key(same[1]));
        }
        assert_ne!(key("Ann"), key("Anne"));
        assert_ne!(key("기생"), key("기생충"));
    }

    #[test]
    fn the_key_of_a_key_is_itself() {
        for c in ('\0'..='\u{2FFFF}').filter(|&c| !is_invisible(c)) {
            let once = folded(&c.to_string());
            assert_eq!(folded(&once), once, "{c:?}");
        }
    }

    #[test]
    fn a_name_is_shown_as_typed_but_in_one_form() {
        let name = MemberName::new("\tZoe\u{308} \u{3000} 봉 ").unwrap();
        assert_eq!(name.as_str(), "Zoë 봉");
    }

    #[test]
    fn names_with_what_cannot_be_seen_are_refused() {
        for c in [
            '\0',
            '\n',
            '\u{7F}',
            '\u{AD}',
            '\u{115F}',
            '\u{200B}',
            '\u{200D}',
            '\u{200E}',
            '\u{202E}',
            '\u{2028}',
            '\u{2066}',
            '\u{2800}',
            '\u{3164}',
            '\u{FE0F}',
            '\u{FEFF}',
            '\u{FFA0}',
            '\u{FFFD}',
            '\u{E000}',
            '\u{E0041}',
        ] {
            let name = format!("An{c}n");
            assert_eq!(
                MemberName::new(&name),
                Err(Invalid::InvisibleCharacter),
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_names_length_is_counted_in_characters() {
        assert_eq!(MemberName::new(" "), Err(Invalid::TooShort { min: 1 }));
        assert_eq!(MemberName::new(" 앤 ").unwrap().as_str(), "앤");
        assert!(MemberName::new(&"충".repeat(30)).is_ok());
        assert!(MemberName::new(&"e\u{301}".repeat(30)).is_ok());
        assert_eq!(
            MemberName::new(&"충".repeat(31)),
            Err(Invalid::TooLong { max: 30 })
        );
    }

    #[test]
    fn an_email_has_the_shape_of_one() {
        for address in ["ann@example.org", " a+b.c@x.co.kr ", "봉@예.한국"] {
            assert!(Email::new(address).is_ok(), "{address}");
        }
        for address in [
            "",
            "ann",
            "@x.org",
            "ann@",
            "ann@localhost",
            "ann@x..org",
            "ann@.org",
            "ann@x.org.",
            "ann@b@x.org",
            "ann lee@x.org",
            "an\u{200B}n@x.org",
            "Ann<ann@x.org>",
            "ann@x.org,bob@x.org",
        ] {
            assert_eq!(Email::new(address), Err(Invalid::NotAnEmail), "{address}");
        }
        let long = format!("{}@x.org", "a".repeat(249));
        assert_eq!(Email::new(&long), Err(Invalid::TooLong { max: 254 }));
    }

    #[test]
    fn an_email_keeps_its_spelling_but_has_one_key() {
        let email = Email::new("Ann@Example.ORG").unwrap();
        assert_eq!(email.as_str(), "Ann@Example.ORG");
        assert_eq!(email.key(), "ann@example.org");
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(
            format!("{:?}", MemberName::new("Ann").unwrap()),
            "MemberName(…)"
        );
    }
}
