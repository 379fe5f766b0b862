//! Files of locked versions whose lock file names no address: the user's installer knows where its index keeps them. All are
//! asked for in one question, since each takes an installer about as long as all of them.

use contract::Version;
use runner::installer::Request;
use sources::lockfile::{Choice, Chosen, Locked, LockedEnvironment, LockedFile, LockedPackage, choose};
use sources::wheel::{Target, normalized};

use crate::pipeline::access::Access;
use crate::pipeline::requirements;

/// What an index has of locked versions.
pub(super) struct Lookup<'a> {
    target: Target,
    access: &'a Access,
    /// The answer to the one question; `None` where there was none, and each version must be asked for by itself.
    all: Option<Locked>,
}

impl<'a> Lookup<'a> {
    /// Asks for everything that `chosen` names no address of.
    pub(super) fn new(chosen: &[&Chosen<'_>], target: Target, access: &'a Access) -> Self {
        let unknown = chosen.iter().filter(|chosen| match chosen.choice {
            Choice::Wheel(file) | Choice::Sdist(file) => file.url.is_none(),
            Choice::Unnamed => true,
            _ => false,
        });
        let wanted: Vec<String> = unknown.filter_map(|chosen| exactly(chosen.package).ok()).collect();
        let several = wanted.len() > 1;
        let all = several.then(|| ask(wanted, access).ok()).flatten();
        Self { target, access, all }
    }

    /// The wheel of a locked version; its hash must be one of the locked ones.
    pub(super) fn wheel(&self, package: &LockedPackage) -> Result<LockedFile, String> {
        let who = exactly(package)?;
        let file = self.find(package, &who, |choice| match choice {
            Choice::Wheel(file) => Some(file.clone()),
            _ => None,
        })?;
        let file = file.ok_or_else(|| format!("{who}: no wheel for {}", self.target))?;
        if is_locked(&file, package) {
            return Ok(file);
        }
        Err(format!("{who}: the index has `{}` with a hash that is not locked", file.filename))
    }

    /// The source distribution of a locked version that has no wheel.
    pub(super) fn sdist(&self, package: &LockedPackage) -> Option<LockedFile> {
        let found = self.find(package, &exactly(package).ok()?, |choice| match choice {
            Choice::Sdist(file) => Some(file.clone()),
            _ => None,
        });
        found.ok()?.filter(|file| is_locked(file, package))
    }

    fn find(
        &self,
        package: &LockedPackage,
        who: &str,
        take: impl Fn(Choice<'_>) -> Option<LockedFile>,
    ) -> Result<Option<LockedFile>, String> {
        if let Some(all) = &self.all {
            return Ok(taken(all, package, &self.target, &take));
        }
        let asked = ask(vec![who.to_owned()], self.access).map_err(|error| format!("{who}: {error:#}"))?;
        Ok(taken(&asked, package, &self.target, &take))
    }
}

/// What the answer has of a package: of files whose hash is locked, and only where there is none of any file.
fn taken(
    answer: &Locked,
    package: &LockedPackage,
    target: &Target,
    take: &impl Fn(Choice<'_>) -> Option<LockedFile>,
) -> Option<LockedFile> {
    let asked = answer.environments.first()?;
    let own = asked.packages.iter().filter(|other| normalized(&other.name) == normalized(&package.name));
    let all = LockedEnvironment { packages: own.cloned().collect(), ..LockedEnvironment::default() };
    let mut locked = all.clone();
    for one in &mut locked.packages {
        one.wheels.retain(|file| is_locked(file, package));
        one.sdist = one.sdist.take().filter(|file| is_locked(file, package));
    }
    let one = |from: &LockedEnvironment| take(choose(from, target).first()?.choice);
    one(&locked).or_else(|| one(&all))
}

/// What an installer says of requirements by themselves, source distributions where there are no wheels.
pub(super) fn ask(requirements: Vec<String>, access: &Access) -> anyhow::Result<Locked> {
    let request = Request { requirements, no_dependencies: true, sources_too: true, ..requirements::request(access)? };
    Ok(requirements::answered(&request, access)?.0)
}

/// Whether a file's hash is among those that are locked, where both are known.
fn is_locked(file: &LockedFile, package: &LockedPackage) -> bool {
    let files = package.wheels.iter().chain(&package.sdist);
    let known: Vec<&String> = files.filter_map(|file| file.sha256.as_ref()).chain(&package.hashes).collect();
    file.sha256.as_ref().is_none_or(|hash| known.is_empty() || known.contains(&hash))
}

/// `NAME==VERSION`. The words come from a file and go to an installer, which also takes options where it takes
/// requirements: nothing but a name and a version may pass.
fn exactly(package: &LockedPackage) -> Result<String, String> {
    let name = &package.name;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let named = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain);
    let version = package.version.as_ref().and_then(|version| version.parse::<Version>().ok());
    match version {
        Some(version) if named => Ok(format!("{name}=={version}")),
        _ => Err(format!("`{}`: it is locked without a name and a version that can be looked up", name.escape_debug())),
    }
}

#[cfg(test)]
mod tests {
    use sources::lockfile::{Choice, LockKind, LockedFile, LockedPackage, parse};
    use sources::wheel::Target;

    use super::{exactly, taken};

    /// The index had more than one wheel that fits, the best of them was not locked, and the locked one was not looked at.
    #[test]
    fn a_locked_wheel_is_taken_before_a_better_one_that_is_not_locked() {
        let [newer, older] =
            ["manylinux_2_28", "manylinux_2_17"].map(|tag| format!("demo-1.0-cp311-cp311-{tag}_x86_64.whl"));
        let [one, other] = ["a", "b"].map(|digit| digit.repeat(64));
        let answer = format!(
            "lock-version = '1.0'\n[[packages]]\nname = 'Demo'\nversion = '1.0'\nwheels = [\n\
             {{ url = 'https://example.org/{newer}', hashes = {{ sha256 = '{one}' }} }},\n\
             {{ url = 'https://example.org/{older}', hashes = {{ sha256 = '{other}' }} }}]\n"
        );
        let answer = parse(LockKind::Pylock, &answer).expect("a lock");
        let target = Target { python: (3, 11), platform: "linux-x86_64".parse().expect("a platform") };
        let wheel = |choice: Choice<'_>| match choice {
            Choice::Wheel(file) => Some(file.clone()),
            _ => None,
        };
        let found = |hash: &str| {
            let sha256 = Some(hash.to_owned());
            let wheels = vec![LockedFile { filename: older.clone(), sha256, ..LockedFile::default() }];
            let package = LockedPackage { name: "demo".to_owned(), wheels, ..LockedPackage::default() };
            taken(&answer, &package, &target, &wheel).map(|file| file.filename)
        };
        assert_eq!(found(&other), Some(older.clone()));
        assert_eq!(found(&"c".repeat(64)), Some(newer.clone()), "to say that it is not locked");
    }

    #[test]
    fn only_names_and_versions_reach_an_installer() {
        let package = |name: &str, version: &str| LockedPackage {
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..LockedPackage::default()
        };
        assert_eq!(exactly(&package("zope.interface", "6.0")).as_deref(), Ok("zope.interface==6.0"));
        assert!(exactly(&package("--index-url=x", "1.0")).is_err());
        assert!(exactly(&package("x\n--pre", "1.0")).is_err());
        assert!(exactly(&package("x", "1.0 --pre")).is_err());
    }
}
