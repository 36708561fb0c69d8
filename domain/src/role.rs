//! What somebody may do beyond what every member may.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Invalid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Hides what breaks the rules, and suspends who breaks them.
    Moderator,
    /// Reads the history of everything; changes nothing.
    Auditor,
    /// Grants and revokes roles.
    Operator,
}

/// Of one member. None of them includes another: an operator who wants to moderate grants
/// themselves that role, and the log says so.
pub type Roles = BTreeSet<Role>;

impl Role {
    pub const ALL: [Self; 3] = [Self::Moderator, Self::Auditor, Self::Operator];

    /// The name in URLs, on the command line and in the stored form.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }

    pub fn from_slug(slug: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|role| role.slug() == slug)
            .ok_or(Invalid::UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_one_name() {
        for role in Role::ALL {
            assert_eq!(Role::from_slug(role.slug()), Ok(role));
            let stored = serde_json::to_string(&role).unwrap();
            assert_eq!(stored, format!("\"{}\"", role.slug()));
        }
        assert_eq!(Role::from_slug("member"), Err(Invalid::UnknownRole));
    }
}
