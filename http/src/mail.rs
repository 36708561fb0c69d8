//! Mail: to an SMTP server, or into a folder where there is none. What is to be sent waits in the
//! vault's outbox, so that a node that is killed has lost nothing.

mod letters;
pub mod outbox;

use std::fmt;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncTransport, Message, Tokio1Executor};
use uuid::Uuid;

/// A server that has not answered by then is tried again later.
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

/// Where mail goes.
#[derive(Clone)]
pub enum Post {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// A file for each letter.
    Folder(PathBuf),
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // it holds a password
            Post::Smtp(_) => f.write_str("Smtp(…)"),
            Post::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
        }
    }
}

/// How a node sends mail.
#[derive(Clone, Debug)]
pub struct Mailing {
    pub post: Post,
    pub from: Mailbox,
    /// Scheme and host of the links in it.
    pub origin: String,
    /// Not only whoever looks into a folder on this machine: who joins waits for a letter.
    pub reaches_people: bool,
}

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("an address that no mail can have")]
    Address,
    #[error("a letter can't be written: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the server did not take it: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    #[error("{}: {cause}", path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
}

/// A letter as it is read.
#[derive(Debug)]
pub struct Letter {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Post {
    /// By an address such as `smtp://ann@mail.example:587?tls=required`, which holds no password.
    pub fn smtp(address: &str, password: Option<String>) -> anyhow::Result<Post> {
        let url: reqwest::Url = address.parse()?;
        anyhow::ensure!(
            url.password().is_none(),
            "the password comes from a file or from REELTIME_SMTP_PASSWORD, not with the address"
        );
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::from_url(address)?;
        if !url.username().is_empty() {
            let password = password.unwrap_or_default();
            let user = url.username().replace("%40", "@");
            server = server.credentials(Credentials::new(user, password));
        }
        Ok(Post::Smtp(server.timeout(Some(SMTP_TIMEOUT)).build()))
    }
}

impl Mailing {
    /// Sends a letter. Into a folder once; by SMTP under the same Message-ID, if it must be sent
    /// again because nobody knows whether it was.
    pub async fn send(&self, letter: Letter) -> Result<(), MailError> {
        let id = letter.id;
        let message = self.message(letter)?;
        match &self.post {
            Post::Smtp(server) => {
                server.send(message).await?;
            }
            Post::Folder(folder) => {
                let folder = folder.clone();
                let writing =
                    tokio::task::spawn_blocking(move || keep(&folder, id, &message.formatted()));
                writing.await.expect("writing does not panic")?;
            }
        }
        Ok(())
    }

    fn message(&self, letter: Letter) -> Result<Message, MailError> {
        let to: Address = letter.to.parse().map_err(|_| MailError::Address)?;
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .date(letter.at.into())
            .message_id(Some(id))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))?;
        Ok(message)
    }
}

/// Nobody but us reads them: they hold links.
fn keep(folder: &Path, id: Uuid, bytes: &[u8]) -> Result<(), MailError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| MailError::File { path, cause }
    };
    let mut builder = std::fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(failed(folder))?;
    let (path, half) = (
        folder.join(format!("{id}.eml")),
        folder.join(format!("{id}.half")),
    );
    let mut options = std::fs::OpenOptions::new();
    let options = options.create(true).truncate(true).write(true).mode(0o600);
    let mut file = options.open(&half).map_err(failed(&half))?;
    file.write_all(bytes).map_err(failed(&half))?;
    file.sync_all().map_err(failed(&half))?;
    std::fs::rename(&half, &path).map_err(failed(&path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailing(folder: &Path) -> Mailing {
        Mailing {
            post: Post::Folder(folder.to_owned()),
            from: "Reeltime <films@reeltime.example>".parse().unwrap(),
            origin: "https://reeltime.example".to_owned(),
            reaches_people: false,
        }
    }

    fn letter(to: &str) -> Letter {
        Letter {
            id: Uuid::from_u128(7),
            at: DateTime::UNIX_EPOCH,
            to: to.to_owned(),
            subject: "기생충\r\nBcc: all@example.org".to_owned(),
            text: "Stairs.".to_owned(),
            html: "<p>Stairs.</p>".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_letter_sent_twice_is_one_file_that_others_cannot_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("mail");
        for _ in 0..2 {
            let sent = mailing(&inside).send(letter("ann@example.org")).await;
            sent.unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(&inside).unwrap().collect();
        assert_eq!(files.len(), 1);
        let file = files.into_iter().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0);
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(text.contains("To: ann@example.org\r\n"), "{text}");
        assert!(!text.contains("\nBcc:"), "a subject is one line: {text}");
    }

    #[tokio::test]
    async fn what_is_no_address_gets_no_mail() {
        let folder = tempfile::tempdir().unwrap();
        let sent = mailing(folder.path()).send(letter("ann@@example")).await;
        assert!(matches!(sent, Err(MailError::Address)));
    }

    #[test]
    fn a_password_never_comes_with_the_address() {
        assert!(Post::smtp("smtps://ann:secret@mail.example", None).is_err());
        let password = Some("secret".to_owned());
        let post = Post::smtp("smtps://ann@mail.example", password).unwrap();
        assert_eq!(format!("{post:?}"), "Smtp(…)");
    }
}
