//! Where one writes, and what the script needs to send it at once.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};
use uuid::Uuid;

use super::{Shown, Written, line, verdict};
use crate::components::{command, error_summary};
use crate::language::Language;
use crate::pages::attempt::Attempt;
use crate::pages::leading_to;
use crate::reading::Reading;
use crate::t;

/// What the script calls a text, and its id.
const SCRIPTS_TEXTS: [(&str, &str); 31] = [
    ("reconnecting", "room-js-reconnecting"),
    ("unreadable", "room-js-unreadable"),
    ("over", "room-js-over"),
    ("new-messages", "room-js-new-messages"),
    ("newest", "room-newest"),
    ("mentions", "room-js-mentions"),
    ("mentions-some", "room-js-mentions-some"),
    ("here", "room-js-here"),
    ("sending", "room-js-sending"),
    ("sends-in", "room-js-sends-in"),
    ("failed", "room-js-failed"),
    ("try-again", "room-js-try-again"),
    ("typing-one", "room-js-typing-one"),
    ("typing-many", "room-js-typing-many"),
    ("retracted", "room-retracted"),
    ("forgotten", "room-forgotten"),
    ("spoiler", "room-spoiler-cover"),
    ("edited", "room-edited"),
    ("former-member", "former-member"),
    ("someone", "room-js-someone"),
    ("delete", "delete"),
    ("leave", "room-leave"),
    // refusals
    ("muted", "problem-muted"),
    ("banned", "problem-banned"),
    ("room_archived", "problem-room-archived"),
    ("room_full", "problem-room-full"),
    ("no_such_room", "room-js-closed"),
    ("suspended", "problem-suspended"),
    ("removed", "room-js-removed"),
    ("until", "room-js-until"),
    ("reason", "room-js-reason"),
];

impl Shown {
    pub(super) fn composer(
        &self,
        reading: &Reading,
        written: &Written,
        attempt: &Attempt,
    ) -> Markup {
        let language = reading.visitor.language;
        let here = format!("/rooms/{}", self.card.room);
        if reading.visitor.as_of.is_some() {
            return html! {};
        }
        if reading.viewer().is_none() {
            return html! {
                p class="composer-closed" {
                    a class="button" href=(leading_to("/sign-in", &here)) {
                        (t!(language, "room-sign-in"))
                    }
                }
            };
        }
        if let Some(ban) = self.verdicts.ban() {
            return verdict::banned(language, ban, &written.text);
        }
        html! {
            @if let Some(removal) = self.verdicts.removal() {
                (verdict::removed(language, removal))
            }
            // one of the two is shown: the room may be archived and opened again meanwhile
            form class="composer-closed room-reopen" method="post" action={ (here) "/enter" } {
                p { (t!(language, "room-is-archived")) }
                button class="button" type="submit" { (t!(language, "room-enter-archived")) }
            }
            (self.form(language, written, attempt))
        }
    }

    /// Where one writes; who is muted finds why not in its place, unless something stands there.
    fn form(&self, language: Language, written: &Written, attempt: &Attempt) -> Markup {
        let Written { text, spoiler } = written;
        let here = format!("/rooms/{}", self.card.room);
        let answered = self.answered.as_ref();
        let mute = self.verdicts.mute();
        html! {
            p id="muted" class="room-status" role="status" hidden[mute.is_none()] {
                (t!(language, "problem-muted")) " "
                span id="muted-why" { @if let Some(mute) = mute { (verdict::why(language, mute)) } }
            }
            form id="composer" class="composer" method="post" action={ (here) "/messages#newest" }
                data-max="4000" hidden[mute.is_some() && text.is_empty()] {
                (error_summary(language, attempt.problem()))
                (command(&attempt.command))
                div id="replying" class="replying" hidden[answered.is_none()] {
                    span class="replying-text" {
                        @if let Some(said) = answered { (line(language, said)) }
                    }
                    a class="replying-cancel" href={ (here) "#composer" }
                        aria-label=(t!(language, "cancel")) { "×" }
                }
                input type="hidden" name="reply_to" value=(answered.map(|said| said.seq.to_string()).unwrap_or_default());
                div class="composer-row" {
                    textarea name="text" rows="1" maxlength="4000" required enterkeyhint="send"
                        aria-label=(t!(language, "room-write"))
                        placeholder=(t!(language, "room-write")) { "\n" (text) }
                    button class="button" type="submit" { (t!(language, "room-send")) }
                }
                label class="composer-spoiler" {
                    input type="checkbox" name="spoiler" value="yes" checked[*spoiler];
                    (t!(language, "room-spoiler"))
                }
            }
        }
    }

    /// What the script needs, as JSON.
    pub(super) fn data(&self, language: Language, viewer: Option<Uuid>) -> Markup {
        let text = |id| language.text(id, None);
        let present = |count: i64| t!(language, "room-present", count = count);
        let mut texts: BTreeMap<&str, String> = SCRIPTS_TEXTS
            .into_iter()
            .map(|(name, id)| (name, text(id)))
            .collect();
        texts.insert("present-none", present(0));
        texts.insert("present-one", present(1));
        texts.insert("present-many", present(2).replace('2', "{count}"));
        let reacted = t!(language, "room-reacted", reaction = "{reaction}", count = 2);
        texts.insert("reacted", reacted.replace('2', "{count}"));
        let slow = t!(language, "room-slow-mode-on", count = 2);
        texts.insert("slow-mode", slow.replace('2', "{count}"));
        let slow = t!(language, "room-slow-mode-minutes", count = 2);
        texts.insert("slow-mode-minutes", slow.replace('2', "{count}"));
        let because = t!(language, "room-retracted-because", reason = "{reason}");
        texts.insert("retracted-because", because);
        let data = serde_json::json!({
            "members": self.names,
            "texts": texts,
        });
        // nothing in it may end the element
        let json = data.to_string().replace('<', "\\u003c");
        html! {
            script type="application/json" id="room-data" { (PreEscaped(json)) }
            @if viewer.is_some() {
                @for (id, is_own) in [("own-menu", true), ("other-menu", false)] {
                    template id=(id) { (self.message_menu(language, is_own, "{seq}")) }
                }
                template id="edit-form" { (edit_form(language)) }
            }
        }
    }
}

/// Where one changes what one said, in its place.
fn edit_form(language: Language) -> Markup {
    html! {
        form class="message-edit" method="post" aria-label=(t!(language, "room-edit-message")) {
            textarea name="text" rows="1" maxlength="4000" required
                aria-label=(t!(language, "room-write")) {}
            p class="message-edit-acts" {
                label { input type="checkbox" name="spoiler"; (t!(language, "room-spoiler")) }
                button class="button quiet small" type="button" name="cancel" {
                    (t!(language, "cancel"))
                }
                button class="button small" type="submit" { (t!(language, "room-save")) }
            }
        }
    }
}
