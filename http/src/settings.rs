//! The command line and its environment variables. `--help` is the documentation.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use axum::http::Uri;
use clap::Parser;
use event_log::Master;
use lettre::message::Mailbox;
use projections::AsOfName;
use sealing::MasterKeys;

use crate::address::Network;
use crate::database_url::DatabaseUrl;
use crate::images::ImagesUrl;
use crate::limits::Allowances;
use crate::log::Format;
use crate::mail::{Mailing, Post};
use crate::patience::Patience;
use crate::security::Protection;
use crate::server::Bounds;

/// Reeltime: a community for people who love films.
///
/// Without --database-url it runs a private PostgreSQL cluster in its data directory, from the
/// PostgreSQL programs that are installed on this machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "reeltime", version)]
pub struct Settings {
    /// Address and port to listen on
    #[arg(long, env = "REELTIME_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Address and port at which Prometheus finds /metrics (127.0.0.1:9464). Without it they are
    /// served nowhere
    #[arg(long, env = "REELTIME_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,

    /// Where the private PostgreSQL cluster and its keys are kept
    #[arg(long, env = "REELTIME_DATA_DIR", default_value_os_t = cluster::default_data_dir())]
    pub data_dir: PathBuf,

    /// Use this PostgreSQL server (postgres://user:password@host/database) instead of a
    /// private one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<DatabaseUrl>,

    /// The same database as the one who owns the schema: migrations run as that role, and the one
    /// of --database-url is only let in to do its work, which excludes changing what is in the log.
    /// Without it one role does both
    #[arg(
        long,
        env = "REELTIME_OWNER_URL",
        hide_env_values = true,
        requires = "database_url"
    )]
    pub owner_url: Option<DatabaseUrl>,

    /// Keep the vault (keys, password hashes, sessions) in this database instead of the log's, so
    /// that its backups can be kept for a shorter time
    #[arg(long, env = "REELTIME_VAULT_URL", hide_env_values = true)]
    pub vault_url: Option<DatabaseUrl>,

    /// The file with the master key, under which the vault's keys are wrapped; made at the first
    /// start. Without it nobody can read what members wrote: keep a copy, apart from the database's
    /// backups [default: master-key in the data directory]
    #[arg(long, env = "REELTIME_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,

    /// The master key itself (32 bytes in base64) instead of a file; during a rotation several,
    /// separated by commas, the newest first
    #[arg(
        long,
        env = "REELTIME_MASTER_KEY",
        hide_env_values = true,
        conflicts_with = "master_key_file"
    )]
    pub master_key: Option<SecretText>,

    /// Connections to the database for writing, and as many for reading; at the bound, requests wait
    /// for one. Half a dozen more follow the log
    #[arg(long, env = "REELTIME_DATABASE_CONNECTIONS", default_value = "16")]
    pub database_connections: NonZeroU32,

    /// The address that people type (https://reeltime.example). With https, cookies are sent
    /// over TLS alone
    #[arg(long, env = "REELTIME_PUBLIC_URL")]
    pub public_url: Option<PublicUrl>,

    /// The server that sends mail: smtps://user@mail.example, or smtp://…?tls=required for STARTTLS.
    /// Its password is in REELTIME_SMTP_PASSWORD or in a file. Without a server, mail is written to
    /// a folder
    #[arg(long, env = "REELTIME_SMTP")]
    pub smtp: Option<String>,

    /// File with the password of the server that sends mail
    #[arg(long, env = "REELTIME_SMTP_PASSWORD_FILE", value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,

    /// From whom mail is [default: Reeltime <no-reply@> and the public address' host]
    #[arg(long, env = "REELTIME_MAIL_FROM")]
    pub mail_from: Option<Mailbox>,

    /// The folder that mail is written to where no server sends it [default: mail in the data
    /// directory]
    #[arg(long, env = "REELTIME_MAIL_FOLDER", conflicts_with = "smtp")]
    pub mail_folder: Option<PathBuf>,

    /// File that says with which providers people may sign in: a JSON list such as
    /// [{"kind": "naver", "client_id": "…", "client_secret": "…"}]. Kinds are google, naver, kakao,
    /// github and openid-connect (with "issuer", "slug" and "name"). At the provider, register
    /// https://…/sign-in/{slug}/back, where the slug is the kind unless the file says otherwise
    #[arg(long, env = "REELTIME_PROVIDERS")]
    pub providers: Option<PathBuf>,

    /// Days that a member who leaves has to change their mind; 0: they leave at once
    #[arg(long, env = "REELTIME_WITHDRAWAL_GRACE_DAYS", default_value = "7",
        value_parser = clap::value_parser!(u16).range(..=90))]
    pub withdrawal_grace_days: u16,

    /// Proxies whose X-Forwarded-For is believed: addresses and networks, separated by commas
    /// (127.0.0.1,10.0.0.0/8)
    #[arg(long, env = "REELTIME_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// The key that signs the log's checkpoints (PRIVATE+KEY+…), or a file that holds it. A private
    /// PostgreSQL's is made at the first start, in the data directory; with --database-url nothing
    /// is signed without one
    #[arg(
        long,
        env = "REELTIME_CHECKPOINT_KEY",
        hide_env_values = true,
        value_name = "KEY|FILE"
    )]
    pub checkpoint_key: Option<String>,

    /// Keep signed checkpoints here, too: a file, or a directory that gets a file each day. Best
    /// where this machine can only append
    #[arg(long, env = "REELTIME_CHECKPOINTS", value_name = "PATH")]
    pub checkpoints: Option<PathBuf>,

    /// Show the site as it was, read-only, from what `replay-tool as-of POSITION|TIME --name NAME`
    /// built; also beside a Reeltime that runs, at another address
    #[arg(long, env = "REELTIME_AS_OF", value_name = "NAME")]
    pub as_of: Option<AsOfName>,

    /// File with TMDB's API Read Access Token, for `reeltime import tmdb` and the page /imports
    #[arg(long, env = "REELTIME_TMDB_TOKEN_FILE", value_name = "FILE")]
    pub tmdb_token_file: Option<PathBuf>,

    /// The token itself instead of a file; best in the environment, where no list of processes
    /// shows it
    #[arg(
        long,
        env = "REELTIME_TMDB_TOKEN",
        hide_env_values = true,
        conflicts_with = "tmdb_token_file",
        value_name = "TOKEN"
    )]
    pub tmdb_token: Option<SecretText>,

    /// Where TMDB's API is
    #[arg(
        long,
        env = "REELTIME_TMDB_URL",
        default_value = "https://api.themoviedb.org/3",
        value_name = "URL"
    )]
    pub tmdb_url: String,

    /// Where TMDB's daily lists of ids are
    #[arg(
        long,
        env = "REELTIME_TMDB_EXPORTS_URL",
        default_value = "https://files.tmdb.org/p/exports",
        value_name = "URL"
    )]
    pub tmdb_exports_url: String,

    /// Where browsers find TMDB's pictures; "none" shows our own drawings alone
    #[arg(
        long,
        env = "REELTIME_TMDB_IMAGES_URL",
        default_value = "https://image.tmdb.org/t/p",
        value_name = "URL|none"
    )]
    pub tmdb_images_url: ImagesUrl,

    /// What to log: error, warn, info, debug, trace, also per module (info,sqlx=warn)
    #[arg(long, env = "REELTIME_LOG", default_value = "info,sqlx=warn")]
    pub log: String,

    /// How to log: for people, or as an object of JSON for each line
    #[arg(long, env = "REELTIME_LOG_FORMAT", default_value = "text")]
    pub log_format: Format,

    /// Seconds that a start waits for PostgreSQL while that is away or has too much to do; then it
    /// gives up
    #[arg(long, env = "REELTIME_START_PATIENCE_SECONDS", default_value = "60")]
    pub start_patience_seconds: u32,

    /// Client connections at once; at the bound, new ones wait
    #[arg(long, env = "REELTIME_CONNECTIONS", default_value = "4096")]
    pub connections: NonZeroU32,

    /// Of these, of one address that is neither this machine nor a trusted proxy; at the bound, new
    /// ones are hung up on
    #[arg(long, env = "REELTIME_CONNECTIONS_PER_ADDRESS", default_value = "2048")]
    pub connections_per_address: NonZeroU32,

    /// Seconds until a request that is not answered gets a 503
    #[arg(long, env = "REELTIME_REQUEST_TIMEOUT_SECONDS", default_value = "30")]
    pub request_timeout_seconds: NonZeroU32,

    /// Seconds that requests in flight may take when Reeltime is told to stop
    #[arg(long, env = "REELTIME_SHUTDOWN_TIMEOUT_SECONDS", default_value = "10")]
    pub shutdown_timeout_seconds: NonZeroU32,

    /// Pages and answers of the API per minute and address (of IPv6, a network of /64) of who is not
    /// signed in; beyond, 429
    #[arg(long, env = "REELTIME_READS_PER_MINUTE", default_value = "6000")]
    pub reads_per_minute: NonZeroU32,

    /// The same of a member, from all addresses together
    #[arg(long, env = "REELTIME_MEMBER_READS_PER_MINUTE", default_value = "600")]
    pub member_reads_per_minute: NonZeroU32,

    /// Attempts to sign in per minute and address; beyond, 429
    #[arg(long, env = "REELTIME_SIGN_INS_PER_MINUTE", default_value = "60")]
    pub sign_ins_per_minute: NonZeroU32,

    /// Attempts to sign up per hour and address; beyond, 429
    #[arg(long, env = "REELTIME_SIGN_UPS_PER_HOUR", default_value = "120")]
    pub sign_ups_per_hour: NonZeroU32,

    /// Changes per minute and address of who is not signed in; beyond, 429
    #[arg(long, env = "REELTIME_WRITES_PER_MINUTE", default_value = "600")]
    pub writes_per_minute: NonZeroU32,

    /// The same of a member, from all addresses together
    #[arg(long, env = "REELTIME_MEMBER_WRITES_PER_MINUTE", default_value = "120")]
    pub member_writes_per_minute: NonZeroU32,

    /// Live connections (sockets and streams of events) of one address at once, of who is not signed
    /// in; beyond, 429
    #[arg(
        long,
        env = "REELTIME_LIVE_CONNECTIONS_PER_ADDRESS",
        default_value = "1024"
    )]
    pub live_connections_per_address: NonZeroU32,

    /// How often in an hour a member may take all of theirs along; beyond, 429
    #[arg(long, env = "REELTIME_EXPORTS_PER_HOUR", default_value = "6")]
    pub exports_per_hour: NonZeroU32,
}

/// A request's head must arrive within this; also how long a kept connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Whoever acknowledges nothing for so long is gone.
const DEAF_TIMEOUT: Duration = Duration::from_secs(30);

impl Settings {
    pub fn protection(&self) -> Protection {
        Protection {
            public_url: self.public_url.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            request_timeout: seconds(self.request_timeout_seconds),
        }
    }

    /// Where the master key comes from.
    pub fn master(&self) -> anyhow::Result<Master> {
        if let Some(SecretText(text)) = &self.master_key {
            return Ok(Master::Given(
                MasterKeys::parse(text).context("--master-key")?,
            ));
        }
        let file = self.master_key_file.clone();
        Ok(Master::File(
            file.unwrap_or_else(|| self.data_dir.join("master-key")),
        ))
    }

    pub fn bounds(&self) -> Bounds {
        Bounds {
            connections: self.connections.get() as usize,
            per_address: self.connections_per_address.get() as usize,
            proxies: [&self.trusted_proxies[..], &Network::HERE].concat(),
            head_timeout: HEAD_TIMEOUT,
            deaf_timeout: DEAF_TIMEOUT,
            shutdown_timeout: seconds(self.shutdown_timeout_seconds),
        }
    }

    /// From now on.
    pub fn patience(&self) -> Patience {
        Patience::of(Duration::from_secs(self.start_patience_seconds.into()))
    }

    pub fn allowances(&self) -> Allowances {
        Allowances {
            reads_per_minute: self.reads_per_minute,
            member_reads_per_minute: self.member_reads_per_minute,
            member_writes_per_minute: self.member_writes_per_minute,
            live_connections: self.live_connections_per_address,
            sign_ins_per_minute: self.sign_ins_per_minute,
            sign_ups_per_hour: self.sign_ups_per_hour,
            writes_per_minute: self.writes_per_minute,
            exports_per_hour: self.exports_per_hour,
        }
    }

    /// How mail is sent, with links to where people reach us.
    pub fn mailing(&self) -> anyhow::Result<Mailing> {
        let public = self.public_url.as_ref();
        let origin = match public {
            Some(url) => url.origin().to_owned(),
            None => format!("http://{}", self.listen),
        };
        let from = match (&self.mail_from, public) {
            (Some(from), _) => from.clone(),
            (None, Some(url)) => own_mailbox(url.host()).context("--mail-from is needed")?,
            (None, None) => own_mailbox("localhost").expect("it is an address"),
        };
        Ok(Mailing {
            post: self.post()?,
            from,
            origin,
            reaches_people: self.smtp.is_some(),
        })
    }

    fn post(&self) -> anyhow::Result<Post> {
        let Some(server) = &self.smtp else {
            let folder = self.mail_folder.clone();
            let folder = folder.unwrap_or_else(|| self.data_dir.join("mail"));
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
        Post::smtp(server, password).context("--smtp")
    }

    /// Whether cookies carry `Secure`.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }
}

fn own_mailbox(host: &str) -> anyhow::Result<Mailbox> {
    let host = host.split(':').next().unwrap_or(host);
    Ok(format!("Reeltime <no-reply@{host}>").parse()?)
}

fn seconds(number: NonZeroU32) -> Duration {
    Duration::from_secs(u64::from(number.get()))
}

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

/// Scheme and host (and port) by which people reach this server.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicUrl {
    origin: String,
}

impl PublicUrl {
    /// As a browser sends it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Host and port, without the scheme.
    pub fn host(&self) -> &str {
        let host = self.origin.split_once("://");
        host.map_or(&self.origin, |(_, host)| host)
    }

    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(url: &str) -> Result<PublicUrl, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "this is not an address")?;
        let scheme = match uri.scheme_str() {
            Some("https") => "https",
            Some("http") => "http",
            _ => return Err("it begins with https:// or http://"),
        };
        let authority = uri.authority().ok_or("it has no host")?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('@') {
            return Err("it is a host alone, without a path");
        }
        // Browsers leave out the port that goes without saying.
        let host = authority.host().to_ascii_lowercase();
        let origin = match authority.port_u16() {
            None | Some(443) if scheme == "https" => format!("{scheme}://{host}"),
            None | Some(80) if scheme == "http" => format!("{scheme}://{host}"),
            None => format!("{scheme}://{host}"),
            Some(port) => format!("{scheme}://{host}:{port}"),
        };
        Ok(PublicUrl { origin })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn read(arguments: &[&str]) -> Result<Settings, clap::Error> {
        Settings::try_parse_from(["reeltime"].iter().chain(arguments))
    }

    #[test]
    fn the_command_line_is_well_formed_and_documents_each_setting() {
        let mut command = Settings::command();
        command.clone().debug_assert();
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            if matches!(id, "help" | "version") {
                continue;
            }
            assert!(argument.get_help().is_some(), "{id} has no help");
            assert!(
                argument.get_env().is_some(),
                "{id} has no environment variable"
            );
        }
        let help = command.render_long_help().to_string();
        assert!(help.contains("REELTIME_LISTEN") && help.contains("127.0.0.1:8080"));
    }

    #[test]
    fn a_password_is_never_printed() {
        let settings = read(&["--database-url", "postgres://ann:secret@host/reeltime"]).unwrap();
        assert!(!format!("{settings:?}").contains("secret"));
        let url = settings.database_url.unwrap();
        assert_eq!(url.connect().unwrap().get_host(), "host");
        let wrong = read(&["--database-url", "mysql://ann:hidden@host"]).unwrap();
        let refused = format!("{:?}", wrong.database_url.unwrap().connect().unwrap_err());
        assert!(refused.contains("postgres://") && !refused.contains("hidden"));
    }

    /// clap shows the environment's values in `--help`, unless it is told not to.
    #[test]
    fn what_is_secret_is_hidden_in_the_help() {
        for argument in Settings::command().get_arguments() {
            let id = argument.get_id().as_str();
            let names = [
                "key",
                "token",
                "password",
                "secret",
                "database_url",
                "owner_url",
                "vault_url",
            ];
            let is_secret = names.iter().any(|name| id.contains(name)) && !id.ends_with("_file");
            assert_eq!(argument.is_hide_env_values_set(), is_secret, "{id}");
        }
    }

    #[test]
    fn mail_comes_from_where_people_reach_us_unless_it_is_said_otherwise() {
        let from = |arguments: &[&str]| read(arguments).unwrap().mailing().unwrap();
        let mailing = from(&["--public-url", "https://reeltime.example:8443"]);
        assert_eq!(
            mailing.from.to_string(),
            "Reeltime <no-reply@reeltime.example>"
        );
        assert_eq!(mailing.origin, "https://reeltime.example:8443");
        let mailing = from(&["--mail-from", "films@a.example"]);
        assert_eq!(mailing.from.to_string(), "films@a.example");
        assert!(matches!(mailing.post, Post::Folder(_)));
        let server = ["--smtp", "smtps://ann@mail.example"];
        assert!(matches!(from(&server).post, Post::Smtp(_)));
        let with_password = read(&["--smtp", "smtps://ann:b@mail.example"]).unwrap();
        assert!(with_password.mailing().is_err());
    }

    #[test]
    fn tmdbs_token_is_never_printed() {
        let settings = read(&["--tmdb-token", "hush"]).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
        assert_eq!(settings.tmdb_token.unwrap().reveal(), "hush");
        let both = ["--tmdb-token", "hush", "--tmdb-token-file", "f"];
        assert!(!read(&both).unwrap_err().to_string().contains("hush"));
    }

    #[test]
    fn a_public_address_is_an_origin() {
        let origin = |text: &str| text.parse().map(|url: PublicUrl| url.origin);
        assert_eq!(
            origin("https://Reeltime.example:443/").unwrap(),
            "https://reeltime.example"
        );
        assert_eq!(
            origin("http://localhost:8080").unwrap(),
            "http://localhost:8080"
        );
        for wrong in [
            "reeltime.example",
            "ftp://a",
            "https://a/b",
            "https://u@a",
            "https://a?b",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
        assert!(
            read(&["--public-url", "https://a.example"])
                .unwrap()
                .secure_cookies()
        );
    }

    #[test]
    fn proxies_are_a_list() {
        let settings = read(&["--trusted-proxies", "127.0.0.1,10.0.0.0/8"]).unwrap();
        assert_eq!(settings.trusted_proxies.len(), 2);
        assert!(read(&["--trusted-proxies", "everybody"]).is_err());
    }
}
