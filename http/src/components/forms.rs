//! Fields with labels, hints and what is wrong with them.

use maud::{Markup, html};

use crate::language::{Language, Message};
use crate::problem::{FieldError, Problem};
use crate::t;

/// A one-line field. `kind` is the input's type, `autocomplete` what a browser may fill in.
pub struct Field<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub label: String,
    pub hint: Option<String>,
    pub value: &'a str,
    pub autocomplete: &'a str,
    pub most_characters: Option<u32>,
}

/// What is wrong with this field.
pub fn field_error<'a>(problem: Option<&'a Problem>, name: &str) -> Option<&'a Message> {
    let error = problem?.errors().iter().find(|error| error.field == name)?;
    Some(&error.message)
}

pub fn field(language: Language, field: &Field, problem: Option<&Problem>) -> Markup {
    input(language, field, true, problem)
}

/// As [`field`], and may stay empty.
pub fn optional_field(language: Language, field: &Field, problem: Option<&Problem>) -> Markup {
    input(language, field, false, problem)
}

fn input(
    language: Language,
    field: &Field,
    is_required: bool,
    problem: Option<&Problem>,
) -> Markup {
    let error = field_error(problem, field.name);
    html! {
        div class="field" {
            label for=(field.name) { (field.label) }
            input id=(field.name) name=(field.name) type=(field.kind) value=(field.value)
                autocomplete=(field.autocomplete) required[is_required]
                maxlength=[field.most_characters]
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described_by(field.name, field.hint.is_some(), error)];
            (notes(language, field.name, field.hint.as_deref(), error))
        }
    }
}

/// An optional text of several lines; `draft` names where a script keeps it until it is sent.
pub fn text_area(
    language: Language,
    field: &Field,
    rows: u8,
    draft: Option<&str>,
    problem: Option<&Problem>,
) -> Markup {
    let error = field_error(problem, field.name);
    html! {
        div class="field" {
            label for=(field.name) { (field.label) }
            textarea id=(field.name) name=(field.name) rows=(rows)
                maxlength=[field.most_characters]
                data-draft=[draft]
                data-draft-restored=[draft.map(|_| t!(language, "review-draft-restored"))]
                data-draft-discard=[draft.map(|_| t!(language, "review-draft-discard"))]
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[described_by(field.name, field.hint.is_some(), error)]
                // HTML drops a first line break.
                { "\n" (field.value) }
            (notes(language, field.name, field.hint.as_deref(), error))
        }
    }
}

/// Names a form's submission: sent twice, it is done once.
pub fn command(id: &str) -> Markup {
    html! { input type="hidden" name="command" value=(id); }
}

pub fn language_choice(language: Language, chosen: Language) -> Markup {
    html! {
        fieldset class="choice" {
            legend { (t!(language, "field-language")) }
            @for option in Language::ALL {
                @let id = format!("language-{}", option.code());
                input type="radio" id=(id) name="language" value=(option.code())
                    checked[option == chosen];
                label for=(id) lang=(option.code()) {
                    @match option {
                        Language::En => (t!(language, "language-en")),
                        Language::Ko => (t!(language, "language-ko")),
                    }
                }
            }
        }
    }
}

/// At the head of a form that came back: what to look at, with links to the fields; or the
/// problem itself if it is about none of them.
pub fn error_summary(language: Language, problem: Option<&Problem>) -> Markup {
    let Some(problem) = problem else {
        return html! {};
    };
    let errors = problem.errors();
    html! {
        div class="alert" role="alert" tabindex="-1" autofocus {
            @if errors.is_empty() {
                p { (problem.detail_text(language).unwrap_or_else(|| problem.title(language))) }
            } @else {
                p { (t!(language, "form-errors", count = errors.len())) }
                ul {
                    @for FieldError { field, message } in errors {
                        li { a href={ "#" (field) } { (message.to(language)) } }
                    }
                }
            }
        }
    }
}

fn described_by(name: &str, has_hint: bool, error: Option<&Message>) -> Option<String> {
    match (has_hint, error) {
        (false, None) => None,
        (true, None) => Some(format!("{name}-hint")),
        (false, Some(_)) => Some(format!("{name}-error")),
        (true, Some(_)) => Some(format!("{name}-error {name}-hint")),
    }
}

fn notes(language: Language, name: &str, hint: Option<&str>, error: Option<&Message>) -> Markup {
    html! {
        @if let Some(error) = error {
            p class="field-error" id={ (name) "-error" } { (error.to(language)) }
        }
        @if let Some(hint) = hint {
            p class="hint" id={ (name) "-hint" } { (hint) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message;

    fn name_field(value: &str) -> Field<'_> {
        Field {
            name: "name",
            kind: "text",
            label: "Name".to_owned(),
            hint: Some("2 to 30".to_owned()),
            value,
            autocomplete: "username",
            most_characters: Some(30),
        }
    }

    #[test]
    fn a_field_that_came_back_says_what_is_wrong_and_keeps_its_value() {
        let problem = Problem::invalid("name", message!("error-name-taken"));
        let html = field(Language::En, &name_field("\"Ann\""), Some(&problem)).into_string();
        assert!(html.contains("value=\"&quot;Ann&quot;\""));
        assert!(html.contains("aria-invalid=\"true\""));
        assert!(html.contains("aria-describedby=\"name-error name-hint\""));
        assert!(html.contains("Somebody has this name already"));
    }

    #[test]
    fn a_summary_links_to_the_fields_or_tells_the_problem() {
        let fields = Problem::invalid("name", message!("error-name-taken"));
        let html = error_summary(Language::En, Some(&fields)).into_string();
        assert!(html.contains("<a href=\"#name\">") && html.contains("One thing needs"));
        let busy = error_summary(Language::En, Some(&Problem::busy(1))).into_string();
        assert!(busy.contains("Nothing of yours is lost"));
        assert_eq!(error_summary(Language::En, None).into_string(), "");
    }

    #[test]
    fn a_text_keeps_its_first_line_break_and_stays_text() {
        let area = text_area(Language::En, &name_field("\n</textarea><b>"), 4, None, None);
        assert!(
            area.into_string()
                .contains(">\n\n&lt;/textarea&gt;&lt;b&gt;</textarea>")
        );
    }
}
