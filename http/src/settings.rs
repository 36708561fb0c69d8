//! The command line and its environment variables. `--help` is the documentation.

mod databases;
mod keys;
mod limits;
mod mail;
mod tmdb;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use event_log::Master;
use projections::AsOfName;

use crate::address::Network;
use crate::log::Format;
use crate::mail::Mailing;
use crate::public_url::PublicUrl;
use crate::security::Protection;
use crate::server::Bounds;

pub use databases::Databases;
pub use keys::Keys;
pub use limits::Limits;
pub use mail::Mail;
pub use tmdb::Tmdb;

/// Reeltime: a community for people who love films.
///
/// Without --database-url it runs a private PostgreSQL cluster in its data directory, from the
/// PostgreSQL programs that are installed on this machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "reeltime", version)]
pub struct Settings {
    /// Address and port to listen on
    #[arg(
        long,
        env = "REELTIME_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS"
    )]
    pub listen: SocketAddr,

    /// Address and port at which Prometheus finds /metrics (127.0.0.1:9464). Without it they are
    /// served nowhere
    #[arg(long, env = "REELTIME_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,

    /// Where the private PostgreSQL cluster and its keys are kept
    #[arg(
        long,
        env = "REELTIME_DATA_DIR",
        default_value_os_t = cluster::default_data_dir(),
        value_name = "DIR"
    )]
    pub data_dir: PathBuf,

    /// The address that people type (https://reeltime.example). With https, cookies are sent
    /// over TLS alone
    #[arg(long, env = "REELTIME_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// Proxies whose X-Forwarded-For is believed: addresses and networks, separated by commas
    /// (127.0.0.1,10.0.0.0/8)
    #[arg(
        long,
        env = "REELTIME_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: Vec<Network>,

    /// File that says with which providers people may sign in: a JSON list such as
    /// [{"kind": "naver", "client_id": "…", "client_secret": "…"}]. Kinds are google, naver, kakao,
    /// github and openid-connect (with "issuer", "slug" and "name"). At the provider, register
    /// https://…/sign-in/{slug}/back, where the slug is the kind unless the file says otherwise
    #[arg(long, env = "REELTIME_PROVIDERS", value_name = "FILE")]
    pub providers: Option<PathBuf>,

    /// Days that a member who leaves has to change their mind; 0: they leave at once
    #[arg(long, env = "REELTIME_WITHDRAWAL_GRACE_DAYS", default_value = "7",
        value_parser = clap::value_parser!(u16).range(..=90))]
    pub withdrawal_grace_days: u16,

    /// Whether roles (operator, moderator, auditor) act only where their member came in with a passkey,
    /// or with a code of an authenticator app besides something else. Without it said: where people
    /// reach the site by https
    #[arg(
        long,
        env = "REELTIME_ROLES_NEED_SECOND_FACTOR",
        value_name = "true|false"
    )]
    pub roles_need_second_factor: Option<bool>,

    /// Show the site as it was, read-only, from what `replay-tool as-of POSITION|TIME --name NAME`
    /// built; also beside a Reeltime that runs, at another address
    #[arg(long, env = "REELTIME_AS_OF", value_name = "NAME")]
    pub as_of: Option<AsOfName>,

    /// What to log: error, warn, info, debug, trace, also per module (info,sqlx=warn)
    #[arg(long, env = "REELTIME_LOG", default_value = "info,sqlx=warn")]
    pub log: String,

    /// How to log: for people, or as an object of JSON for each line
    #[arg(long, env = "REELTIME_LOG_FORMAT", default_value = "text")]
    pub log_format: Format,

    #[command(flatten, next_help_heading = "Databases")]
    pub databases: Databases,

    #[command(flatten, next_help_heading = "Keys")]
    pub keys: Keys,

    #[command(flatten, next_help_heading = "Mail")]
    pub mail: Mail,

    #[command(flatten, next_help_heading = "TMDB")]
    pub tmdb: Tmdb,

    #[command(flatten, next_help_heading = "Limits")]
    pub limits: Limits,
}

impl Settings {
    pub fn protection(&self) -> Protection {
        Protection {
            public_url: self.public_url.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            request_timeout: self.limits.request_timeout(),
        }
    }

    /// Where the master key comes from.
    pub fn master(&self) -> anyhow::Result<Master> {
        self.keys.master(&self.data_dir)
    }

    pub fn bounds(&self) -> Bounds {
        self.limits.bounds(&self.trusted_proxies)
    }

    /// How mail is sent, with links to where people reach us.
    pub fn mailing(&self) -> anyhow::Result<Mailing> {
        let public = self.public_url.as_ref();
        let origin = match public {
            Some(url) => url.origin().to_owned(),
            None => format!("http://{}", self.listen),
        };
        Ok(Mailing {
            post: self.mail.post(&self.data_dir)?,
            from: self
                .mail
                .sender(public.map_or("localhost", PublicUrl::host))?,
            origin,
            reaches_people: self.mail.reaches_people(),
        })
    }

    /// Whether cookies carry `Secure`.
    pub fn secure_cookies(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Who tries Reeltime out on their own machine needs no phone for it.
    pub fn roles_need_two_factors(&self) -> bool {
        let is_public = || self.secure_cookies();
        self.roles_need_second_factor.unwrap_or_else(is_public)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::mail::Post;

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
        let url = settings.databases.database_url.unwrap();
        assert_eq!(url.connect().unwrap().get_host(), "host");
        let wrong = read(&["--database-url", "mysql://ann:hidden@host"]).unwrap();
        let refused = format!(
            "{:?}",
            wrong.databases.database_url.unwrap().connect().unwrap_err()
        );
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
                "smtp",
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
        assert_eq!(settings.tmdb.tmdb_token.unwrap().reveal(), "hush");
        let both = ["--tmdb-token", "hush", "--tmdb-token-file", "f"];
        assert!(!read(&both).unwrap_err().to_string().contains("hush"));
    }

    /// Whatever is typed is hidden, but for what names a place or is to be logged.
    #[test]
    fn no_setting_that_may_be_a_secret_is_printed() {
        const SHOWN: [&str; 11] = [
            "data_dir",
            "providers",
            "as_of",
            "log",
            "master_key_file",
            "checkpoints",
            "smtp_password_file",
            "mail_folder",
            "tmdb_token_file",
            "tmdb_url",
            "tmdb_exports_url",
        ];
        let mut shown = vec![];
        for argument in Settings::command().get_arguments() {
            let Some(long) = argument.get_long() else {
                continue;
            };
            let typed = format!("--{long}=hush");
            // what is no text is refused
            if let Ok(settings) = read(&[&typed])
                && format!("{settings:?}").contains("hush")
            {
                shown.push(argument.get_id().to_string());
            }
        }
        let is_more = |id: &&String| !SHOWN.contains(&id.as_str());
        let more: Vec<_> = shown.iter().filter(is_more).collect();
        assert!(more.is_empty(), "{more:?}");
        assert_eq!(shown.len(), SHOWN.len(), "{shown:?}");
    }

    #[test]
    fn roles_need_a_second_factor_where_people_come_by_https_unless_it_is_said_otherwise() {
        let need = |arguments: &[&str]| read(arguments).unwrap().roles_need_two_factors();
        let public = "--public-url=https://reeltime.example";
        assert!(!need(&[]));
        assert!(need(&[public]));
        assert!(need(&["--roles-need-second-factor=true"]));
        assert!(!need(&[public, "--roles-need-second-factor", "false"]));
    }

    #[test]
    fn cookies_are_sent_over_tls_alone_where_people_come_by_it() {
        let is_secure = |url: &str| read(&["--public-url", url]).unwrap().secure_cookies();
        assert!(is_secure("https://a.example"));
        assert!(!is_secure("http://localhost:8080"));
    }

    #[test]
    fn proxies_are_a_list() {
        let settings = read(&["--trusted-proxies", "127.0.0.1,10.0.0.0/8"]).unwrap();
        assert_eq!(settings.trusted_proxies.len(), 2);
        assert!(read(&["--trusted-proxies", "everybody"]).is_err());
    }
}
