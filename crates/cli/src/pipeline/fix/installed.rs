//! The environment as it is, in the form that plans are made of.

use std::collections::BTreeMap;

use advice::commands::Installer;
use advice::plan::{Situation, Standing};
use anyhow::{Context as _, Result};
use contract::judge::{is_numpy, judge_target};
use contract::report::{DistributionReport, JudgedNumpy, TargetReport};
use contract::{Verdict, Version};
use render::TargetHint;
use sources::environment::{DirectUrl, Distribution, EnvironmentKind, Need, Place, Recorded};
use sources::wheel::{Platform, Target, normalized};

use crate::pipeline::environment::{Depth, Scene};
use crate::pipeline::means::Means;
use crate::pipeline::wheels::{self, Gathered};
use crate::settings::Settings;

/// Why no installer of wheels moves what conda's channels brought.
pub(super) const BY_CONDA: &str = "conda installed it";

/// An environment that was read and judged.
pub(crate) struct Installed {
    pub(crate) scene: Scene,
    /// The judgement against the NumPy that is there.
    pub(crate) report: TargetReport,
    pub(crate) hint: TargetHint,
    /// What can change it.
    pub(super) means: Means,
    pub(crate) situation: Situation,
    /// For whom wheels are chosen.
    pub(crate) target: Target,
    /// Every distribution that an import would find, by normalised name.
    by_name: BTreeMap<String, Present>,
}

/// What planning needs to know of one distribution.
#[derive(Clone, Debug)]
pub(crate) struct Present {
    pub(crate) name: String,
    pub(crate) version: Option<Version>,
    pub(crate) requested: bool,
    pub(crate) compiled: bool,
    pub(crate) needs: Vec<Need>,
}

/// A distribution that would not work, and the NumPys that its bytes allow, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) why: String,
}

impl Installed {
    /// Reads and judges the environment at `place`.
    pub(crate) fn gather(place: &Place, settings: &Settings, progress: bool) -> Result<Self> {
        let scene = Scene::gather(place, settings, Depth::Everything, progress)?;
        let report = judge_target(&scene.input(), knowledge::releases());
        let target = target(&report)?;
        let python = scene.environment.python.clone();
        let seen = scene.environment.distributions.iter().filter(|d| !d.shadowed);
        let by_name = seen.map(|d| (normalized(&d.name), present(d, d.needs(python.as_ref())))).collect();
        let situation = situation(&scene, &report);
        let means = Means::by_name(&scene.environment);
        Ok(Self { hint: scene.hint_with(&means), means, scene, report, situation, target, by_name })
    }

    /// Finds out, by starting them, which tools are there. Plans are proved with, written down for and done by the same one.
    pub(super) fn try_means(&mut self) {
        self.means = Means::by_trial(&self.scene.environment);
        self.hint = self.scene.hint_with(&self.means);
    }

    /// Who is asked what goes together: whoever would change the environment; for what keeps a lock file uv first, whose
    /// own answers tell more.
    pub(super) fn asked(&self) -> Installer {
        if self.scene.keeper().keeps_lock() && self.means.uv { Installer::Uv } else { self.hint.direct }
    }

    /// Whether anything is incompatible with the NumPy that is there.
    pub(crate) fn is_broken(&self) -> bool {
        self.report.distributions.iter().any(|d| d.verdict == Verdict::Incompatible)
    }

    /// Every distribution, by normalised name.
    pub(crate) fn present(&self) -> &BTreeMap<String, Present> {
        &self.by_name
    }

    /// The distribution of a name, however spelled.
    pub(crate) fn of(&self, name: &str) -> Option<&Present> {
        self.by_name.get(&normalized(name))
    }

    /// The judgement of what would be installed: the distributions that are there, `gathered` wheels in the place of
    /// those of the same name, under `numpy`.
    pub(super) fn judged_with(&self, numpy: Option<JudgedNumpy>, gathered: &[Gathered<'_>]) -> TargetReport {
        let moved: Vec<_> = gathered.iter().map(|one| wheels::distribution(one, Some(&self.target))).collect();
        let mut input = self.scene.input();
        input.numpy = numpy;
        let stays = |name: &str| !moved.iter().any(|wheel| normalized(&wheel.name) == normalized(name));
        input.distributions.retain(|distribution| stays(&distribution.name));
        // The types that another release defines are not known before it lies there.
        input
            .surroundings
            .types
            .retain(|one| !moved.iter().any(|wheel| one.distribution.starts_with(&format!("`{}` ", wheel.name))));
        input.distributions.extend(moved);
        judge_target(&input, knowledge::releases())
    }

    /// Whatever is not as good as it must be: what is moved must fit, and so must what was broken; the rest may not
    /// become worse than it is.
    pub(super) fn misfits(&self, after: &TargetReport, moved: &[Gathered<'_>]) -> Vec<Misfit> {
        let fits = |d: &&DistributionReport| {
            let before = self.report.distributions.iter().find(|b| b.name == d.name && b.version == d.version);
            let tolerated = before.map(|before| before.verdict).filter(|v| *v < Verdict::Incompatible);
            let stays = !moved.iter().any(|wheel| normalized(wheel.name()) == normalized(&d.name));
            let allowed = tolerated.filter(|_| stays).unwrap_or(Verdict::Compatible);
            d.verdict > allowed.max(Verdict::Compatible)
        };
        after.distributions.iter().filter(fits).map(misfit).collect()
    }
}

fn misfit(distribution: &DistributionReport) -> Misfit {
    let why = match (&distribution.verdict, &distribution.numpy_binary) {
        (Verdict::Undetermined, _) => "whether it fits could not be told".to_owned(),
        (_, Some(set)) if set.is_everything() => "its files do not fit".to_owned(),
        (_, Some(set)) => format!("its bytes work with `numpy{}`", set.to_specifiers()),
        (verdict, None) => format!("it is {}", verdict.as_str()),
    };
    Misfit { name: distribution.name.clone(), version: distribution.version.clone(), why }
}

fn target(report: &TargetReport) -> Result<Target> {
    let python = report.python.as_ref();
    let unknown = || format!("`{}`: its Python is not known, so that no wheel can be chosen for it", report.path);
    let python = python.with_context(unknown)?;
    let line = contract::judge::python_line(&python.version).with_context(unknown)?;
    Ok(Target { python: line, platform: Platform::of_environment(&python.platform)? })
}

fn present(distribution: &Distribution, needs: Vec<Need>) -> Present {
    Present {
        name: distribution.name.clone(),
        version: version(distribution),
        requested: distribution.requested,
        compiled: !distribution.compiled.is_empty(),
        needs,
    }
}

/// The version without what a vendor added to it: indexes do not serve that, and specifiers pass over it.
fn version(distribution: &Distribution) -> Option<Version> {
    distribution.version.split('+').next()?.parse().ok()
}

fn situation(scene: &Scene, report: &TargetReport) -> Situation {
    let ranges = scene.ranges();
    let seen = || scene.environment.distributions.iter().filter(|d| !d.shadowed);
    let numpy = seen().find(|d| is_numpy(&d.name));
    let there = scene.numpy.as_ref().and_then(|numpy| numpy.provision.version.clone());
    Situation {
        numpy: there.or_else(|| numpy.and_then(version)),
        numpy_requested: numpy.is_some_and(|numpy| numpy.requested),
        numpy_fixed: numpy.and_then(|numpy| fixed(scene, numpy)),
        distributions: seen()
            .filter(|d| !is_numpy(&d.name))
            .map(|d| standing(scene, d, of(report, d), of(&ranges, d)))
            .collect(),
    }
}

fn of<'a>(report: &'a TargetReport, distribution: &Distribution) -> Option<&'a DistributionReport> {
    let same = |d: &&DistributionReport| d.name == distribution.name && d.version == distribution.version;
    report.distributions.iter().find(same)
}

fn standing(
    scene: &Scene,
    distribution: &Distribution,
    judged: Option<&DistributionReport>,
    ranged: Option<&DistributionReport>,
) -> Standing {
    let version = version(distribution);
    let unknown = version.is_none().then(|| "its version cannot be read".to_owned());
    Standing {
        name: distribution.name.clone(),
        requested: distribution.requested,
        fixed: unknown.or_else(|| fixed(scene, distribution)),
        version: version.unwrap_or_else(|| Version::from_release(&[0])),
        broken: judged.is_some_and(|judged| judged.verdict == Verdict::Incompatible),
        allowed: ranged.and_then(|ranged| ranged.numpy_binary.clone()),
        declared: distribution.requires_numpy.clone(),
    }
}

/// Why an installer of wheels may not put another release in the place of this one.
fn fixed(scene: &Scene, distribution: &Distribution) -> Option<String> {
    // A release that somebody fetched as a file is the one that indexes have; what was built elsewhere is not.
    let own_build = |origin: &DirectUrl| !origin.archive || distribution.version.contains('+');
    if let Some(origin) = distribution.direct_url().filter(own_build) {
        let how = if origin.editable { "an editable install of" } else { "installed from" };
        return Some(format!("it is {how} `{}`, and no index has it", origin.url));
    }
    let isolated = scene.environment.kind != EnvironmentKind::SitePackages;
    match distribution.recorded_by {
        Recorded::Conda => Some(BY_CONDA.to_owned()),
        Recorded::EggInfo => Some("it has no list of its files, so that no installer can take it away".to_owned()),
        Recorded::DistInfo if isolated && !distribution.site.starts_with(&scene.environment.root) => {
            Some(format!("it lies in `{}`, outside of the environment", distribution.site.display()))
        }
        Recorded::DistInfo => None,
    }
}
