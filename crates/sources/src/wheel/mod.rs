//! Wheels, read where they lie: the directory at the end, the metadata, and of the compiled members as many bytes as
//! somebody asks for. Nothing is unpacked to disk, and nothing in a wheel is trusted.

mod blocks;
mod cursor;
mod directory;
mod ending;
mod glibc;
mod inflating;
mod limits;
mod member;
mod metadata;
mod name;
#[cfg(test)]
mod samples;
mod tail;
mod target;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use contract::Undetermined;
use reader::ByteSource;

pub use limits::{Budget, Limits};
use member::Wanted;
pub use member::{Member, MemberSource};
pub use metadata::Distribution;
pub use name::{Tag, WheelName, normalized};
pub use target::{Platform, PlatformError, Ranking, System, Target};

use crate::FileSource;
use blocks::Blocks;
pub(crate) use cursor::Cursor;
use directory::Directory;
pub(crate) use metadata::headers;

/// Bytes of an archive, wherever they are.
pub type SharedBytes = Arc<dyn ByteSource + Send + Sync>;

/// How many disagreements of `RECORD` are told one by one.
const TOLD: usize = 5;

/// A wheel could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum WheelError {
    /// The file cannot be opened.
    #[error("cannot open `{path}`: {cause}")]
    Open {
        /// The file.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It has no readable directory.
    #[error("not a readable zip archive: {cause}")]
    NotAnArchive {
        /// What is wrong with it.
        cause: String,
    },
    /// Its directory is larger than any wheel's.
    #[error("its directory lists {entries} members, more than the limit of {limit}")]
    TooManyEntries {
        /// What it lists.
        entries: usize,
        /// What is allowed.
        limit: usize,
    },
}

impl WheelError {
    fn not_an_archive(error: zip::result::ZipError) -> Self {
        Self::NotAnArchive { cause: error.to_string() }
    }
}

/// A wheel.
pub struct Wheel {
    path: String,
    bytes: SharedBytes,
    /// The same bytes for Python modules.
    blocks: Arc<Blocks>,
    members: BTreeMap<String, Member>,
    compiled: Vec<Member>,
    distribution: Distribution,
    problems: Vec<String>,
    limits: Limits,
    budget: Budget,
}

impl fmt::Debug for Wheel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wheel")
            .field("path", &self.path)
            .field("distribution", &self.distribution)
            .finish_non_exhaustive()
    }
}

impl Wheel {
    /// Opens a wheel on disk, with the ordinary limits.
    ///
    /// # Errors
    /// When the file cannot be opened or is no zip archive. Everything else is among [`Wheel::problems`].
    pub fn open(path: &Path) -> Result<Self, WheelError> {
        let limits = Limits::default();
        Self::open_with(path, limits, &Budget::new(limits.resident))
    }

    /// Opens a wheel on disk; several wheels may share a budget.
    ///
    /// # Errors
    /// As [`Wheel::open`].
    pub fn open_with(path: &Path, limits: Limits, budget: &Budget) -> Result<Self, WheelError> {
        let open = |cause| WheelError::Open { path: path.display().to_string(), cause };
        let bytes = Arc::new(FileSource::open(path).map_err(open)?);
        Self::from_bytes(bytes, &path.display().to_string(), limits, budget)
    }

    /// Reads a wheel's directory and metadata out of any bytes. `path` is what the user calls it; its last part is
    /// taken for the file name.
    ///
    /// # Errors
    /// When the bytes hold no zip archive.
    pub fn from_bytes(bytes: SharedBytes, path: &str, limits: Limits, budget: &Budget) -> Result<Self, WheelError> {
        let Directory { members, problems } = Directory::read(&bytes, &limits)?;
        let compiled: Vec<Member> = members.iter().filter(|m| m.can_be_compiled()).cloned().collect();
        let members = members.into_iter().map(|member| (member.path.clone(), member)).collect();
        let mut wheel = Self {
            path: path.to_owned(),
            blocks: Arc::new(Blocks::new(Arc::clone(&bytes))),
            bytes,
            members,
            compiled,
            distribution: Distribution::default(),
            problems,
            limits,
            budget: budget.clone(),
        };
        wheel.compiled.sort_by(|a, b| a.installed.cmp(&b.installed));
        wheel.read_dist_info();
        Ok(wheel)
    }

    /// Every member, by name.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// What the user calls it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What it says of itself.
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// Its members that can be compiled code by their names, by installed path. Those with an obstacle cannot be
    /// read; they count as undetermined.
    pub fn compiled(&self) -> &[Member] {
        &self.compiled
    }

    /// What is wrong with it, a sentence each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The bytes of a member, inflated as they are asked for.
    ///
    /// # Errors
    /// The member's obstacle, or why its bytes cannot be found.
    pub fn source(&self, member: &Member) -> Result<MemberSource, Undetermined> {
        MemberSource::open(member, &self.bytes, &self.budget, Wanted::Some)
    }

    /// Its Python modules, by installed path. Their texts are not read.
    pub fn python_modules(&self) -> impl Iterator<Item = &Member> {
        self.members.values().filter(|member| member.path.ends_with(".py") && member.obstacle.is_none())
    }

    /// Fetches Python modules together, whose texts are going to be asked for one by one.
    pub fn prepare(&self, modules: &[&Member]) {
        let ranges: Vec<_> = modules.iter().map(|member| member.range()).collect();
        self.blocks.prepare(&ranges);
    }

    /// The text of a small member, whole and with its checksum verified.
    ///
    /// # Errors
    /// When it is larger than the limit for texts, or cannot be read.
    pub fn text(&self, member: &Member) -> Result<Vec<u8>, Undetermined> {
        let unreadable = |detail: String| Undetermined { reason: "member-unreadable".to_owned(), detail };
        let limit = self.limits.text;
        if member.size > limit {
            return Err(unreadable(format!("it has {} bytes, more than the limit of {limit}", member.size)));
        }
        let bytes = if member.path.ends_with(".py") { Arc::clone(&self.blocks) as _ } else { Arc::clone(&self.bytes) };
        let source = MemberSource::open(member, &bytes, &self.budget, Wanted::All)?;
        let mut text = vec![0; usize::try_from(member.size).unwrap_or(0)];
        source.read_at(0, &mut text).map_err(|error| unreadable(format!("it cannot be read: {}", error.cause)))?;
        Ok(text)
    }

    /// A member by its name in the archive.
    pub fn member(&self, path: &str) -> Option<&Member> {
        self.members.get(path)
    }

    fn read_dist_info(&mut self) {
        let file_name = self.path.rsplit(['/', '\\']).next().and_then(WheelName::parse);
        let mut distribution = Distribution::default();
        match self.dist_info() {
            Ok(folder) => self.read_folder(&folder, &mut distribution),
            Err(problem) => self.problems.push(problem),
        }
        if let Some(name) = file_name {
            self.reconcile(&name, &mut distribution);
        }
        self.distribution = distribution;
    }

    /// The one `.dist-info` folder at the root.
    fn dist_info(&self) -> Result<String, String> {
        let roots = self.members.keys().filter_map(|path| path.split_once('/')).map(|(root, _)| root);
        let mut folders: Vec<&str> = roots.filter(|root| root.ends_with(".dist-info")).collect();
        folders.dedup();
        match folders.as_slice() {
            [only] => Ok((*only).to_owned()),
            [] => Err("there is no `.dist-info` folder: this is no wheel".to_owned()),
            several => Err(format!("there are {} `.dist-info` folders where a wheel has one", several.len())),
        }
    }

    fn read_folder(&mut self, folder: &str, distribution: &mut Distribution) {
        let metadata = self.dist_info_file(folder, "METADATA").and_then(|t| metadata::read_metadata(&t, distribution));
        let tags = self.dist_info_file(folder, "WHEEL").and_then(|text| metadata::read_wheel(&text));
        let record = self.dist_info_file(folder, "RECORD").and_then(|text| metadata::read_record(&text));
        self.note(folder, "METADATA", metadata.err());
        match tags {
            Ok(tags) => distribution.tags = tags,
            Err(error) => self.note(folder, "WHEEL", Some(error)),
        }
        match record {
            Ok(record) => self.hold_against_record(folder, &record),
            Err(error) => self.note(folder, "RECORD", Some(error)),
        }
    }

    fn dist_info_file(&self, folder: &str, name: &str) -> Result<Vec<u8>, String> {
        let member = self.member(&format!("{folder}/{name}")).ok_or("it is missing")?;
        self.text(member).map_err(|error| error.detail)
    }

    fn note(&mut self, folder: &str, name: &str, error: Option<String>) {
        self.problems.extend(error.map(|error| format!("`{folder}/{name}` cannot be used: {error}")));
    }

    /// Files that `RECORD` and the directory do not agree on: an installer copies what is in the archive.
    fn hold_against_record(&mut self, folder: &str, record: &BTreeMap<String, Option<u64>>) {
        // A `RECORD` does not list signatures of itself.
        let itself = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with("/RECORD"));
        let unlisted = self.members.keys().filter(|path| !record.contains_key(*path) && !itself(path));
        let absent = record.keys().filter(|path| !path.ends_with('/') && !self.members.contains_key(*path));
        let sized =
            self.members.values().filter(|m| record.get(&m.path).copied().flatten().is_some_and(|s| s != m.size));
        let mut problems: Vec<String> = Vec::new();
        problems.extend(unlisted.map(|path| format!("`{path}` is in the archive, but not in `RECORD`")));
        problems.extend(absent.map(|path| format!("`{path}` is in `RECORD`, but not in the archive")));
        problems.extend(sized.map(|m| format!("`{}` has another size than `RECORD` says", m.path)));
        let more = problems.len().saturating_sub(TOLD);
        problems.truncate(TOLD);
        if more > 0 {
            problems.push(format!("`RECORD` and the archive disagree on {more} more files"));
        }
        self.problems.extend(problems);
    }

    /// The file name decides what an installer takes a wheel for, so a disagreement is worth telling.
    fn reconcile(&mut self, name: &WheelName, distribution: &mut Distribution) {
        if distribution.tags.is_empty() {
            distribution.tags.clone_from(&name.tags);
        }
        if distribution.name.is_empty() {
            distribution.name.clone_from(&name.name);
            distribution.version.clone_from(&name.version);
        } else if normalized(&distribution.name) != normalized(&name.name) {
            self.problems
                .push(format!("the file is named for `{}`, its metadata for `{}`", name.name, distribution.name));
        }
    }
}
