//! Names and passwords: out of the address itself, else out of the addresses of indexes that the user's installers are
//! configured with, else out of the user's netrc file. They are sent to the server that they are for, and never printed.
//! Installers leave them out of what they say that they would install.

use std::path::{Path, PathBuf};

use base64::Engine;
use netrc::Netrc;
use percent_encoding::percent_decode_str;
use url::Url;

/// The variables in which pip and uv are told addresses of indexes.
const VARIABLES: [&str; 8] = [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
];
/// The largest configuration file that is searched, in bytes.
const LARGEST: u64 = 1 << 20;

/// A name and a password for one server.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Scheme, host and port.
    server: (String, String, Option<u16>),
    name: String,
    password: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Credential {
    /// The credentials in an address, if it has any.
    fn of(url: &Url) -> Option<Self> {
        let (name, password) = in_address(url)?;
        Some(Self { server: server(url)?, name, password })
    }
}

fn server(url: &Url) -> Option<(String, String, Option<u16>)> {
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.port_or_known_default()))
}

/// Every credential in the environment variables and configuration files of pip and uv.
pub(super) fn configured() -> Vec<Credential> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let texts = VARIABLES.iter().map(|name| variable(name)).chain(files().into_iter().map(|path| read(&path)));
    let mut found: Vec<Credential> = texts.flat_map(|text| in_text(&text)).collect();
    let named = ["UV_DEFAULT_INDEX", "UV_INDEX"].map(variable).join(" ");
    found.extend(named.split_whitespace().filter_map(|word| of_named_index(word, &variable)));
    found
}

/// The addresses with credentials in a text of words, lines or assignments.
fn in_text(text: &str) -> Vec<Credential> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']'));
    let addresses = words.filter_map(|word| Url::parse(word.get(word.find("http")?..)?).ok());
    addresses.filter_map(|url| Credential::of(&url)).collect()
}

/// `NAME=URL`, whose credentials uv takes from variables that bear the name.
fn of_named_index(word: &str, variable: &impl Fn(&str) -> String) -> Option<Credential> {
    let (name, address) = word.split_once('=')?;
    let stem: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let (user, password) =
        (variable(&format!("UV_INDEX_{stem}_USERNAME")), variable(&format!("UV_INDEX_{stem}_PASSWORD")));
    let server = server(&Url::parse(address).ok()?)?;
    (!user.is_empty() || !password.is_empty()).then_some(Credential { server, name: user, password })
}

/// Where pip and uv look for their configuration.
fn files() -> Vec<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if folder("PIP_CONFIG_FILE").is_some_and(|path| path == Path::new("/dev/null")) {
        return folder("UV_CONFIG_FILE").into_iter().collect();
    }
    let config = etcetera::choose_base_strategy().ok().map(|base| etcetera::BaseStrategy::config_dir(&base));
    let below = |folder: Option<PathBuf>, name: &str| folder.map(|folder| folder.join(name));
    let all = [
        folder("PIP_CONFIG_FILE"),
        folder("UV_CONFIG_FILE"),
        below(folder("VIRTUAL_ENV"), "pip.conf"),
        below(config.clone(), "pip/pip.conf"),
        below(config.clone(), "pip/pip.ini"),
        below(config, "uv/uv.toml"),
        below(folder("HOME"), ".pip/pip.conf"),
        Some(PathBuf::from("/etc/pip.conf")),
        Some(PathBuf::from("/etc/uv/uv.toml")),
        Some(PathBuf::from("uv.toml")),
        Some(PathBuf::from("pyproject.toml")),
    ];
    all.into_iter().flatten().collect()
}

/// A file that cannot be read holds nothing for us.
fn read(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path);
    let _ = file.and_then(|file| std::io::Read::read_to_string(&mut std::io::Read::take(file, LARGEST), &mut text));
    text
}

/// Reads a netrc file; `None` where there is none or it cannot be understood.
pub(super) fn read_netrc(path: Option<&Path>) -> Option<Netrc> {
    let found = path.map(Path::to_path_buf).or_else(Netrc::get_file)?;
    Netrc::from_file(&found).ok()
}

/// The value of the `Authorization` header for an address, if any.
pub(super) fn authorization(url: &Url, known: &[Credential], netrc: Option<&Netrc>) -> Option<String> {
    let pair = in_address(url).or_else(|| among(known, url)).or_else(|| in_netrc(url, netrc?));
    let (name, password) = pair?;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
    Some(format!("Basic {pair}"))
}

fn among(known: &[Credential], url: &Url) -> Option<(String, String)> {
    let server = server(url)?;
    let found = known.iter().find(|credential| credential.server == server)?;
    Some((found.name.clone(), found.password.clone()))
}

fn in_address(url: &Url) -> Option<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (!url.username().is_empty()).then(|| (decode(url.username()), decode(url.password().unwrap_or_default())))
}

fn in_netrc(url: &Url, netrc: &Netrc) -> Option<(String, String)> {
    let host = url.host_str()?;
    let entry = netrc.hosts.get(host).or_else(|| netrc.hosts.get("default"))?;
    Some((entry.login.clone(), entry.password.clone()))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{among, in_text, of_named_index};

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn addresses_are_found_in_whatever_is_around_them() {
        let text = "[global]\nindex-url = https://me:se%40cret@example.org/simple\nurl = \"http://a:b@127.0.0.1:8080/x\"\n\
                    name=https://plain.example.org/simple\n";
        let known = in_text(text);
        let of = |address| among(&known, &url(address));
        assert_eq!(of("https://example.org/files/a.whl"), Some(("me".to_owned(), "se@cret".to_owned())));
        assert_eq!(of("http://127.0.0.1:8080/a.whl"), Some(("a".to_owned(), "b".to_owned())));
        for other in [
            "http://example.org/a.whl",
            "https://example.org:8443/a",
            "http://127.0.0.1/",
            "https://plain.example.org/",
        ] {
            assert_eq!(of(other), None, "another server: {other}");
        }
        assert!(!format!("{known:?}").contains("cret"));
    }

    #[test]
    fn a_named_index_has_its_credentials_in_variables() {
        let variable = |name: &str| match name {
            "UV_INDEX_MY_INDEX_USERNAME" => "me".to_owned(),
            "UV_INDEX_MY_INDEX_PASSWORD" => "secret".to_owned(),
            _ => String::new(),
        };
        let known: Vec<_> = of_named_index("my-index=https://example.org/simple", &variable).into_iter().collect();
        assert_eq!(among(&known, &url("https://example.org/a.whl")), Some(("me".to_owned(), "secret".to_owned())));
        assert!(of_named_index("other=https://example.org/simple", &variable).is_none());
    }
}
