//! A form, the first time or once more: its submission's name, and what was wrong.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};

use crate::fresh;
use crate::layout::Page;
use crate::message;
use crate::pages::unkept;
use crate::problem::Problem;

pub struct Attempt {
    /// Names the next submission.
    pub command: String,
    pub problem: Option<Problem>,
}

impl Attempt {
    pub fn first() -> Attempt {
        Attempt {
            command: fresh::id().to_string(),
            problem: None,
        }
    }

    /// After `problem`. What only was not possible right now may be recorded all the same, so
    /// it keeps its name; what was refused was not, and its correction is something new.
    pub fn again(problem: Problem, command: Option<&str>) -> Attempt {
        let same = command.filter(|_| problem.is_passing()).map(str::to_owned);
        let problem = if problem.slug() == "idempotency-key-reused" {
            Problem::conflict().detail(message!("form-sent-already"))
        } else {
            problem
        };
        Attempt {
            command: same.unwrap_or_else(|| fresh::id().to_string()),
            problem: Some(problem),
        }
    }

    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// The page with the form in it.
    pub fn respond(&self, page: Page) -> Response {
        let Some(problem) = &self.problem else {
            return unkept(page);
        };
        let passes = problem.is_passing() || problem.status().is_server_error();
        let status = if passes {
            problem.status()
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let mut response = unkept(page.status(status));
        let told = problem.clone().into_response();
        if let Some(after) = told.headers().get(RETRY_AFTER) {
            response.headers_mut().insert(RETRY_AFTER, after.clone());
        }
        response
    }
}

/// Whether the form comes back; what is not there, or not for this visitor, is a page of its
/// own.
pub fn can_be_mended(problem: &Problem) -> bool {
    !matches!(
        problem.status(),
        StatusCode::NOT_FOUND | StatusCode::UNAUTHORIZED
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_the_same_submission_and_a_correction_is_another() {
        let busy = Attempt::again(Problem::busy(1), Some("17"));
        assert_eq!(busy.command, "17");
        let wrong = Problem::invalid("name", message!("error-name-taken"));
        assert_ne!(Attempt::again(wrong, Some("17")).command, "17");
    }

    #[test]
    fn what_is_not_there_cannot_be_mended() {
        assert!(!can_be_mended(&Problem::not_found()));
        assert!(!can_be_mended(&Problem::unauthenticated()));
        assert!(can_be_mended(&Problem::busy(1)));
    }
}
