//! A secret that is typed, or stands in a file.

use std::fmt;

/// Never printed, not even when it is wrong.
#[derive(Clone)]
pub struct SecretText(String);

impl SecretText {
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Without the end of a file's line.
    #[must_use]
    pub fn trimmed(&self) -> SecretText {
        SecretText(self.0.trim().to_owned())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> SecretText {
        SecretText(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = SecretText::from("hush\n".to_owned()).trimmed();
        assert_eq!(secret.reveal(), "hush");
        assert!(!format!("{secret:?}").contains("hush"));
    }
}
