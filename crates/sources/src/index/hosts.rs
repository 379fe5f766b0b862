//! Addresses of hosts, asked for once. Every part of a file is a request of its own, and a name server that is asked for the
//! same name by many of them at once leaves some without an answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// The ordinary lookup, whose answers are kept as long as the client lives.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    lookup: DefaultResolver,
    known: Mutex<BTreeMap<String, Vec<SocketAddr>>>,
}

impl Resolver for Hosts {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |a| a.as_str()));
        // Kept locked while asking: whoever wants the same name waits for the answer.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(addresses) = known.get(&host) {
            let mut found = self.empty();
            addresses.iter().for_each(|address| found.push(*address));
            return Ok(found);
        }
        let found = self.lookup.resolve(uri, config, timeout)?;
        known.insert(host, found.iter().copied().collect());
        Ok(found)
    }
}
