//! A form that was sent.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{Asking, Look};
use crate::app::App;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::visitor::Visitor;

/// A request that asks for a change by a form. What goes beyond the allowance of writes is told in
/// the form itself, which comes again with what was typed.
pub struct Sent {
    asking: Asking,
    refusal: Option<Problem>,
}

impl FromRequestParts<App> for Sent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Sent, Problem> {
        let (asking, allowed) = Asking::of(parts, app).await?;
        let refusal = allowed.err();
        Ok(Sent { asking, refusal })
    }
}

impl Sent {
    /// What it asks for, under the name in the form's hidden field; 429 beyond the allowance.
    pub fn asking(&mut self, command: Option<&str>) -> Result<&mut Asking, Problem> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        self.asking.name(command)?;
        Ok(&mut self.asking)
    }

    /// For the form, and for what it is about.
    pub async fn look(&mut self) -> Result<Look<'_, Reading>, Problem> {
        self.asking.look().await
    }

    pub fn visitor(&self) -> &Visitor {
        &self.asking.visitor
    }
}
