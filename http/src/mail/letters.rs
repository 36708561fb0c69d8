//! What letters say, in their reader's language: as text, and as plain HTML.

use chrono::{DateTime, Utc};
use maud::{DOCTYPE, html};
use uuid::Uuid;

use super::Letter;
use crate::language::Language;
use crate::t;
use crate::vault::links::Purpose;
use crate::vault::mail::Kind;

/// To whom, and about what.
pub struct Occasion<'a> {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub kind: Kind,
    pub language: Language,
    pub name: &'a str,
    pub to: &'a str,
    /// What the letter is for, as an address of ours.
    pub link: Option<&'a str>,
}

/// The parts of a letter: each a sentence or two.
struct Said {
    subject: String,
    text: String,
    button: String,
    /// Whoever did not ask for it.
    aside: String,
}

pub fn letter(occasion: &Occasion) -> Letter {
    let language = occasion.language;
    let said = said(language, occasion.kind);
    let greeting = t!(language, "mail-greeting", name = occasion.name);
    let sent_by = t!(language, "mail-sent-by");
    let mut text = format!("{greeting}\n\n{}\n", said.text);
    if let Some(link) = occasion.link {
        text.push_str(&format!("\n{link}\n"));
    }
    text.push_str(&format!("\n{}\n\n-- \n{sent_by}\n", said.aside));
    let page = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (said.subject) }
            }
            body style="margin:0;padding:24px 16px;background:#f6f2ea;color:#201b24;\
                font:16px/1.6 system-ui,sans-serif;word-break:keep-all" {
                div style="max-width:520px;margin:0 auto;padding:28px;background:#fff;\
                    border-radius:12px" {
                    p style="margin:0 0 20px;font-weight:700" { (t!(language, "brand")) }
                    p { (greeting) }
                    p { (said.text) }
                    @if let Some(link) = occasion.link {
                        p style="margin:24px 0" {
                            a href=(link) style="display:inline-block;padding:12px 20px;\
                                border-radius:8px;background:#a3241f;color:#fff;\
                                font-weight:600;text-decoration:none" { (said.button) }
                        }
                        p style="font-size:13px;color:#5c5461;overflow-wrap:anywhere" {
                            (t!(language, "mail-link-hint")) br; (link)
                        }
                    }
                    p style="font-size:14px;color:#5c5461" { (said.aside) }
                }
                p style="max-width:520px;margin:16px auto 0;font-size:13px;color:#5c5461" {
                    (sent_by)
                }
            }
        }
    };
    Letter {
        id: occasion.id,
        at: occasion.at,
        to: occasion.to.to_owned(),
        subject: said.subject,
        text,
        html: page.into_string(),
    }
}

fn said(language: Language, kind: Kind) -> Said {
    match kind {
        Kind::Linking(Purpose::Verification) => Said {
            subject: t!(language, "mail-verification-subject"),
            text: t!(language, "mail-verification"),
            button: t!(language, "mail-verification-button"),
            aside: t!(language, "mail-verification-aside"),
        },
        Kind::Linking(Purpose::Address) => Said {
            subject: t!(language, "mail-address-subject"),
            text: t!(language, "mail-address"),
            button: t!(language, "mail-address-button"),
            aside: t!(language, "mail-address-aside"),
        },
        Kind::Linking(Purpose::Reset) => Said {
            subject: t!(language, "mail-reset-subject"),
            text: t!(language, "mail-reset"),
            button: t!(language, "mail-reset-button"),
            aside: t!(language, "mail-reset-aside"),
        },
        Kind::Linking(Purpose::Joining) => Said {
            subject: t!(language, "mail-joining-subject"),
            text: t!(language, "mail-joining"),
            button: t!(language, "mail-joining-button"),
            aside: t!(language, "mail-joining-aside"),
        },
        Kind::HereAlready => Said {
            subject: t!(language, "mail-here-already-subject"),
            text: t!(language, "mail-here-already"),
            button: t!(language, "mail-here-already-button"),
            aside: t!(language, "mail-here-already-aside"),
        },
        Kind::AddressChanged => Said {
            subject: t!(language, "mail-address-changed-subject"),
            text: t!(language, "mail-address-changed"),
            button: String::new(),
            aside: t!(language, "mail-address-changed-aside"),
        },
        Kind::PasswordChanged => Said {
            subject: t!(language, "mail-password-changed-subject"),
            text: t!(language, "mail-password-changed"),
            button: t!(language, "mail-password-changed-button"),
            aside: t!(language, "mail-password-changed-aside"),
        },
        Kind::WaysChanged => Said {
            subject: t!(language, "mail-ways-changed-subject"),
            text: t!(language, "mail-ways-changed"),
            button: t!(language, "mail-ways-changed-button"),
            aside: t!(language, "mail-ways-changed-aside"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_as_text_and_as_html_in_its_readers_language() {
        for (language, said) in [(Language::En, "password"), (Language::Ko, "비밀번호")] {
            let letter = letter(&Occasion {
                id: Uuid::nil(),
                at: DateTime::UNIX_EPOCH,
                kind: Kind::Linking(Purpose::Reset),
                language,
                name: "<Ann>",
                to: "ann@example.org",
                link: Some("https://reeltime.example/reset-password?token=a"),
            });
            for part in [&letter.text, &letter.html] {
                assert!(part.contains(said), "{part}");
                assert!(part.contains("https://reeltime.example/reset-password?token=a"));
            }
            assert!(letter.html.contains("&lt;Ann&gt;"));
        }
    }
}
