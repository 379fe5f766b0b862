//! What the pipeline of wheels works with: for whom they are chosen, the way to the network, and the memory of wheels
//! that were read before.

use anyhow::{Context as _, Result, bail};
use contract::Version;
use contract::judge::python_line;
use contract::report::{JudgedNumpy, NumpySource};
use sources::environment::{self, Place};
use sources::index::{CachedWheel, Client, FactsCache, HttpSettings};
use sources::lockfile::{LockedFile, Wanted};
use sources::wheel::{Budget, Limits, Platform, Target};

use crate::pipeline::numpy;
use crate::settings::{Columns, PythonChoice, Settings};

/// How wheels are found and read.
pub(crate) struct Access {
    python: Option<(u8, u8)>,
    platform: Option<Platform>,
    numpy: Option<Version>,
    /// Judge under many releases too.
    pub(super) columns: Option<Columns>,
    cache: Option<FactsCache>,
    /// Makes requests.
    pub(super) client: Client,
    /// Bounds the memory that all wheels share.
    pub(super) budget: Budget,
    /// The extras and groups of lock files to keep.
    pub(super) wanted: Wanted,
    /// Take requirements without what they require themselves.
    pub(super) no_deps: bool,
    /// Fetch nothing.
    pub(super) offline: bool,
    /// Whether to show progress.
    pub(super) progress: bool,
}

impl Access {
    /// The access that the settings and the environment variables of pip and its kin ask for.
    pub(crate) fn new(settings: &Settings, progress: bool) -> Result<Self> {
        let platform = settings.platform.as_deref().map(str::parse::<Platform>).transpose()?;
        let (python, there) = asked(settings.python.as_ref())?.unzip();
        let access =
            Self::to(python, platform.or(there.flatten()), settings.numpy.clone(), settings.offline, progress)?;
        let (columns, wanted) = (settings.columns.clone(), settings.wanted.clone());
        Ok(Self { columns, wanted, no_deps: settings.no_deps, ..access })
    }

    /// The access for changing an environment: its Python and platform are known.
    pub(crate) fn of_environment(target: Target, offline: bool, progress: bool) -> Result<Self> {
        Self::to(Some(target.python), Some(target.platform), None, offline, progress)
    }

    fn to(
        python: Option<(u8, u8)>,
        platform: Option<Platform>,
        numpy: Option<Version>,
        offline: bool,
        progress: bool,
    ) -> Result<Self> {
        let http = HttpSettings { offline, ..HttpSettings::from_environment() };
        Ok(Self {
            python,
            platform,
            numpy,
            columns: None,
            // Entries are good for the reader that made them alone.
            cache: FactsCache::from_environment(&format!("reader-{}", reader::REVISION)),
            client: Client::new(http)?,
            budget: Budget::new(Limits::default().resident),
            wanted: Wanted::default(),
            no_deps: false,
            offline,
            progress,
        })
    }

    /// The Python and the platform to choose wheels for: the ones asked for, else those of the active environment and of
    /// this machine.
    pub(super) fn target(&self) -> Result<Target> {
        self.target_or(None)
    }

    /// As [`Self::target`], for files that may name the Python that they are for.
    pub(super) fn target_or(&self, own: Option<(u8, u8)>) -> Result<Target> {
        let unknown = "it is not known for which Python to choose wheels; give it as `--python 3.11`";
        let python = self.python.or(own).or_else(active_python).context(unknown)?;
        let unknown = "it is not known for which platform to choose wheels; give it as `--platform linux-x86_64`";
        let platform = self.platform.or_else(Platform::current).context(unknown)?;
        Ok(Target { python, platform })
    }

    /// The target of a wheel that is named by path: what was asked for, and for the rest what its own tags say.
    pub(super) fn target_of(&self, own: Option<Target>) -> Option<Target> {
        let python = self.python.or(own.map(|own| own.python))?;
        let platform = self.platform.or(own.map(|own| own.platform))?;
        Some(Target { python, platform })
    }

    /// The NumPy to judge against: the one asked for, else the `found` one, by the table of releases.
    pub(super) fn numpy(&self, found: Option<&Version>) -> Result<Option<JudgedNumpy>> {
        match (&self.numpy, found) {
            (Some(version), _) => Ok(numpy::requested(version)),
            (None, Some(version)) => {
                let provision = numpy::tabled(version).with_context(|| {
                    format!("NumPy {version}, which would be installed, is not known; name one with `--numpy VERSION`")
                })?;
                Ok(Some(JudgedNumpy { provision, path: None, source: NumpySource::Table }))
            }
            (None, None) => Ok(None),
        }
    }

    /// What is remembered of a wheel.
    pub(super) fn remembered(&self, file: &LockedFile) -> Option<CachedWheel> {
        let facts = self.cache.as_ref()?.get(file.sha256.as_ref()?, &file.filename)?;
        (facts.address == address(file)).then_some(facts)
    }

    /// Remembers a wheel, if all of it could be read: what failed on the way may not fail the next time.
    pub(super) fn remember(&self, file: &LockedFile, facts: &CachedWheel) {
        let whole = facts.files.iter().all(|file| file.unreadable.is_none());
        if let (true, Some(cache), Some(hash)) = (whole, &self.cache, &file.sha256) {
            // A memory that cannot be written costs time, not truth.
            let _ = cache.put(hash, facts);
        }
    }
}

/// A line of Python, and where it runs, if that is known.
type Asked = ((u8, u8), Option<Platform>);

fn asked(python: Option<&PythonChoice>) -> Result<Option<Asked>> {
    match python {
        None => Ok(None),
        Some(PythonChoice::Version(version)) => match python_line(version) {
            Some(python) => Ok(Some((python, None))),
            None => bail!("`--python {version}` names no line of Python to choose wheels for; give one such as `3.11`"),
        },
        Some(PythonChoice::Path(path)) => {
            let found = environment::discover(&Place::Path(path.clone()), &surroundings())?.python;
            let python = found
                .and_then(|found| Some((python_line(&found.version)?, Platform::of_environment(&found.platform).ok())));
            Ok(Some(python.with_context(|| format!("the version of the Python in `{}` is not known", path.display()))?))
        }
    }
}

/// The address of a file, fit to be kept: without credentials, and without what a server signs for a while.
pub(super) fn address(file: &LockedFile) -> String {
    let Some(mut url) = file.url.as_deref().and_then(|url| url::Url::parse(url).ok()) else { return String::new() };
    url.set_query(None);
    url.set_fragment(None);
    // Addresses without a host have no credentials to take away.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

fn surroundings() -> environment::Surroundings {
    environment::Surroundings::from_process()
}

/// No environment is no failure here: the user can name a version.
fn active_python() -> Option<(u8, u8)> {
    python_line(&environment::discover(&Place::Active, &surroundings()).ok()?.python?.version)
}
