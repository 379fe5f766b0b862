//! One HTTP client for everything: connections that are kept, proxies, certificates and credentials as pip and uv find
//! them, and attempts that are repeated where that can help.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use netrc::Netrc;
use ureq::http::Response;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::Url;

use super::credentials::{self, Credential};
use super::hosts::Hosts;

/// The environment variables that name a bundle of trusted certificates, the most particular first.
const BUNDLES: [&str; 4] = ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"];
/// The longest pause that a server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How requests are made.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Certificates to trust (PEM); the platform's own where there is none.
    pub certificates: Option<PathBuf>,
    /// The netrc file; the usual place where there is none.
    pub netrc: Option<PathBuf>,
    /// Names and passwords for servers.
    pub credentials: Vec<Credential>,
    /// Make no request at all.
    pub offline: bool,
    /// How often a request is made again before it counts as failed.
    pub retries: u32,
    /// The pause before the first repetition; it doubles each time.
    pub first_pause: Duration,
    /// How long a server may stay silent.
    pub silence: Duration,
    /// The largest file that is fetched whole, in bytes, where a server cannot serve parts.
    pub whole_limit: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            certificates: None,
            netrc: None,
            credentials: Vec::new(),
            offline: false,
            retries: 4,
            first_pause: Duration::from_millis(250),
            silence: Duration::from_secs(30),
            whole_limit: 4 << 30,
        }
    }
}

impl HttpSettings {
    /// Settings that follow the environment variables and configuration files that pip and its relatives follow. Proxies are always taken from
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    pub fn from_environment() -> Self {
        let bundle = BUNDLES.iter().filter_map(std::env::var_os).map(PathBuf::from).find(|path| path.is_file());
        Self { certificates: bundle, credentials: credentials::configured(), ..Self::default() }
    }
}

/// Told after each piece that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file, without credentials.
    pub url: &'a str,
    /// Bytes that have just arrived.
    pub bytes: u64,
}

/// A request failed for good.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is none that can be fetched.
    #[error("`{url}` is no address that can be fetched: {cause}")]
    Address {
        /// The address as given, without credentials.
        url: String,
        /// What is wrong.
        cause: String,
    },
    /// Requests are not allowed.
    #[error("`{url}` is not on this machine, and `--offline` was given")]
    Offline {
        /// Where to.
        url: String,
    },
    /// The bundle of certificates cannot be used.
    #[error("the certificates in `{path}` cannot be used: {cause}")]
    Certificates {
        /// The bundle.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// The server or the way to it.
    #[error("cannot fetch `{url}`: {cause}")]
    Fetch {
        /// What, without credentials.
        url: String,
        /// Why not.
        cause: String,
    },
}

/// A function that is told of progress; it may be called from several threads.
pub type OnProgress = Arc<dyn Fn(Progress<'_>) + Send + Sync>;

/// Makes requests. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    netrc: Option<Arc<Netrc>>,
    settings: HttpSettings,
    on_progress: Option<OnProgress>,
}

/// How many parts of files may be asked for at one time: as many connections are kept for the next request.
pub const AT_ONCE: usize = 32;

impl Client {
    /// A client.
    ///
    /// # Errors
    /// When the bundle of certificates cannot be used.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpError> {
        let tls = TlsConfig::builder().root_certs(roots(&settings)?).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .user_agent(concat!("numpact/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .timeout_connect(Some(settings.silence))
            .timeout_recv_response(Some(settings.silence))
            .timeout_per_read(Some(settings.silence))
            .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
            .max_idle_connections(AT_ONCE)
            .max_idle_connections_per_host(AT_ONCE)
            .build();
        let netrc = credentials::read_netrc(settings.netrc.as_deref()).map(Arc::new);
        let agent = Agent::with_parts(config, DefaultConnector::default(), Hosts::default());
        Ok(Self { agent, netrc, settings, on_progress: None })
    }

    /// The same client, telling of progress.
    #[must_use]
    pub fn with_progress(self, on_progress: OnProgress) -> Self {
        Self { on_progress: Some(on_progress), ..self }
    }

    pub(super) fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    pub(super) fn tell(&self, progress: Progress<'_>) {
        if let Some(on_progress) = &self.on_progress {
            on_progress(progress);
        }
    }

    /// One attempt at one request.
    pub(super) fn get(&self, address: &Address, range: Option<&str>) -> Result<Response<Body>, Failure> {
        let mut request = self.agent.get(&address.plain);
        if let Some(range) = range {
            request = request.header("Range", range);
        }
        if let Some(authorization) = &address.authorization {
            request = request.header("Authorization", authorization);
        }
        let response = request.call().map_err(|error| Failure::of(&error))?;
        match response.status().as_u16() {
            408 | 429 | 500..=599 if response.status().as_u16() != 501 => Err(Failure {
                cause: format!("the server answered {}", response.status()),
                again: true,
                pause: asked_pause(&response),
            }),
            401 | 403 | 404 | 407 | 410 => Err(Failure::last(refusal(&response, address))),
            _ => Ok(response),
        }
    }

    /// Repeats what may succeed another time.
    pub(super) fn persist<T>(&self, mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, String> {
        let mut pause = self.settings.first_pause;
        let mut left = self.settings.retries;
        loop {
            match attempt() {
                Ok(value) => return Ok(value),
                Err(failure) if !failure.again => return Err(failure.cause),
                Err(failure) if left == 0 => {
                    return Err(format!("{} ({} attempts)", failure.cause, self.settings.retries.saturating_add(1)));
                }
                Err(failure) => std::thread::sleep(failure.pause.unwrap_or(pause).min(LONGEST_PAUSE)),
            }
            left = left.saturating_sub(1);
            pause = pause.saturating_mul(2);
        }
    }
}

fn roots(settings: &HttpSettings) -> Result<RootCerts, HttpError> {
    let Some(path) = &settings.certificates else { return Ok(RootCerts::PlatformVerifier) };
    let failed = |cause: String| HttpError::Certificates { path: path.display().to_string(), cause };
    let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let items = parse_pem(&text).collect::<Result<Vec<_>, _>>().map_err(|error| failed(error.to_string()))?;
    let certificates: Vec<_> = items
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(failed("it holds no certificate".to_owned()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn asked_pause(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get("Retry-After")?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

fn refusal(response: &Response<Body>, address: &Address) -> String {
    let status = response.status();
    match (status.as_u16(), &address.authorization) {
        (401 | 403, None) => format!(
            "the server answered {status}; give a name and a password in the address, or in a netrc file for `{}`",
            address.host()
        ),
        (401 | 403, Some(_)) => format!("the server answered {status} to the name and password it was given"),
        _ => format!("the server answered {status}"),
    }
}

/// A failed attempt.
pub(super) struct Failure {
    pub(super) cause: String,
    /// Whether another attempt may succeed.
    pub(super) again: bool,
    /// The pause that the server asked for.
    pub(super) pause: Option<Duration>,
}

impl Failure {
    /// A failure that another attempt cannot mend.
    pub(super) fn last(cause: String) -> Self {
        Self { cause, again: false, pause: None }
    }

    /// A failure on the way, which another attempt may mend.
    pub(super) fn on_the_way(cause: String) -> Self {
        Self { cause, again: true, pause: None }
    }

    fn of(error: &ureq::Error) -> Self {
        let again = matches!(
            error,
            ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed | ureq::Error::Protocol(_)
        );
        Self { cause: error.to_string(), again, pause: None }
    }
}

/// An address, with what may be shown of it and what may not.
pub(super) struct Address {
    /// Without credentials, as it is asked for.
    plain: String,
    /// Without credentials, query and fragment: a query may carry a signature.
    shown: String,
    host: String,
    authorization: Option<String>,
}

impl Address {
    pub(super) fn parse(text: &str, client: &Client) -> Result<Self, HttpError> {
        let harmless = || text.rsplit('@').next().unwrap_or_default().to_owned();
        let bad = |cause: String| HttpError::Address { url: harmless(), cause };
        let mut url = Url::parse(text).map_err(|error| bad(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad(format!("`{}` is neither `http` nor `https`", url.scheme())));
        }
        let authorization = credentials::authorization(&url, &client.settings.credentials, client.netrc.as_deref());
        // These fail only for addresses without a host, which http addresses have.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        let plain = url.to_string();
        url.set_query(None);
        let address =
            Self { plain, shown: url.to_string(), host: url.host_str().unwrap_or_default().to_owned(), authorization };
        if client.settings.offline {
            return Err(HttpError::Offline { url: address.shown });
        }
        Ok(address)
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn failed(&self, cause: String) -> HttpError {
        HttpError::Fetch { url: self.shown.clone(), cause }
    }
}
