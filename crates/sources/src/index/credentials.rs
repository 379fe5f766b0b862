//! Names and passwords: out of the address itself, else out of the user's netrc file. They are sent to the host that
//! they are for, and never printed.

use std::path::Path;

use base64::Engine;
use netrc::Netrc;
use percent_encoding::percent_decode_str;
use url::Url;

/// Reads a netrc file; `None` where there is none or it cannot be understood.
pub(super) fn read_netrc(path: Option<&Path>) -> Option<Netrc> {
    let found = path.map(Path::to_path_buf).or_else(Netrc::get_file)?;
    Netrc::from_file(&found).ok()
}

/// The value of the `Authorization` header for an address, if any.
pub(super) fn authorization(url: &Url, netrc: Option<&Netrc>) -> Option<String> {
    let (name, password) = in_address(url).or_else(|| in_netrc(url, netrc?))?;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
    Some(format!("Basic {pair}"))
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
