//! How mail is sent.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use lettre::message::Mailbox;

use crate::mail::Post;
use crate::secret_text::SecretText;

#[derive(Clone, Debug, Args)]
pub struct Mail {
    /// The server that sends mail: smtps://user@mail.example, or smtp://…?tls=required for STARTTLS.
    /// Its password is in REELTIME_SMTP_PASSWORD or in a file. Without a server, mail is written to
    /// a folder
    #[arg(
        long,
        env = "REELTIME_SMTP",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp: Option<SecretText>,

    /// File with the password of the server that sends mail
    #[arg(long, env = "REELTIME_SMTP_PASSWORD_FILE", value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,

    /// From whom mail is [default: Reeltime <no-reply@> and the public address' host]
    #[arg(long, env = "REELTIME_MAIL_FROM", value_name = "MAILBOX")]
    pub mail_from: Option<Mailbox>,

    /// The folder that mail is written to where no server sends it [default: mail in the data
    /// directory]
    #[arg(
        long,
        env = "REELTIME_MAIL_FOLDER",
        conflicts_with = "smtp",
        value_name = "DIR"
    )]
    pub mail_folder: Option<PathBuf>,
}

impl Mail {
    pub fn reaches_people(&self) -> bool {
        self.smtp.is_some()
    }

    /// From whom it is, where people reach us at this host.
    pub fn sender(&self, host: &str) -> anyhow::Result<Mailbox> {
        match &self.mail_from {
            Some(from) => Ok(from.clone()),
            None => own_mailbox(host).context("--mail-from is needed"),
        }
    }

    pub fn post(&self, data_dir: &Path) -> anyhow::Result<Post> {
        let Some(server) = &self.smtp else {
            let folder = self.mail_folder.clone();
            let folder = folder.unwrap_or_else(|| data_dir.join("mail"));
            tracing::info!(folder = %folder.display(), "no --smtp: mail is written here");
            return Ok(Post::Folder(folder));
        };
        let password = match &self.smtp_password_file {
            Some(file) => {
                let read = std::fs::read_to_string(file);
                Some(read.with_context(|| file.display().to_string())?)
            }
            None => std::env::var("REELTIME_SMTP_PASSWORD").ok(),
        };
        let password = password.map(|password| password.trim_end().to_owned());
        Post::smtp(server.reveal(), password).context("--smtp")
    }
}

fn own_mailbox(host: &str) -> anyhow::Result<Mailbox> {
    let host = host.split(':').next().unwrap_or(host);
    Ok(format!("Reeltime <no-reply@{host}>").parse()?)
}
