//! The plan to build what does not fit from source, against the NumPy that is there. It can be proved only when it is
//! done: what was built is read before it is installed.

use std::path::{Path, PathBuf};

use advice::plan::{Change, Plan, headers_for};
use anyhow::{Context as _, Result, bail};
use runner::change::build;
use sources::wheel::normalized;

use super::Installed;
use crate::pipeline::wheels;

/// The plan to build every broken distribution again; `None` where one of them cannot be replaced, or without a NumPy.
pub(super) fn plan(installed: &Installed) -> Option<Plan> {
    let numpy = installed.situation.numpy.as_ref()?;
    let broken = || installed.situation.distributions.iter().filter(|standing| standing.broken);
    if broken().any(|standing| standing.fixed.is_some()) {
        return None;
    }
    let changes: Vec<Change> = broken()
        .map(|standing| Change {
            name: standing.name.clone(),
            from: Some(standing.version.clone()),
            to: standing.version.clone(),
            requested: standing.requested,
            why: format!(
                "built against `{}`, it asks for nothing that NumPy {numpy} lacks; this needs its source distribution and a \
                 compiler for its language (gcc or clang, on Windows MSVC)",
                headers_for(numpy)
            ),
        })
        .collect();
    (!changes.is_empty()).then_some(Plan { changes, keep: Vec::new(), proof: None })
}

/// Builds a plan's wheels into a folder, reads them, and makes sure that they fit.
pub(super) fn wheels_of(plan: &Plan, installed: &Installed, pip: (&Path, &[String]), folder: &Path) -> Result<()> {
    let numpy = installed.situation.numpy.as_ref().context("there is no NumPy to build against")?;
    let constraint = folder.join("build-constraints.txt");
    std::fs::write(&constraint, headers_for(numpy) + "\n").with_context(|| format!("`{}`", constraint.display()))?;
    let (program, start) = pip;
    let mut arguments = start.to_vec();
    arguments.extend(["wheel", "--no-input", "--no-deps", "--no-cache-dir", "--wheel-dir"].map(str::to_owned));
    arguments.push(folder.display().to_string());
    for change in &plan.changes {
        arguments.extend(["--no-binary".to_owned(), change.name.clone()]);
        arguments.push(format!("{}=={}", change.name, change.to));
    }
    if !build(program, &arguments, &constraint)?.success {
        bail!("building failed, as told above; nothing was changed");
    }
    fit(plan, installed, folder)
}

/// Reads what was built and judges it with what stays.
fn fit(plan: &Plan, installed: &Installed, folder: &Path) -> Result<()> {
    let built = built(folder)?;
    let gathered = built.iter().map(|path| wheels::gather_local(path)).collect::<Result<Vec<_>>>()?;
    for change in &plan.changes {
        if !gathered.iter().any(|wheel| normalized(wheel.name()) == normalized(&change.name)) {
            bail!("the build of `{}` left no wheel; nothing was changed", change.name);
        }
    }
    let after = installed.judged_with(installed.scene.numpy.clone(), &gathered);
    match installed.misfits(&after, &gathered).first() {
        Some(misfit) => bail!(
            "what was built of `{} {}` does not fit either: {}; nothing was changed",
            misfit.name,
            misfit.version,
            misfit.why
        ),
        None => Ok(()),
    }
}

fn built(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| format!("`{}`", folder.display()))?;
    let mut wheels: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    wheels.retain(|path| path.extension().is_some_and(|end| end == "whl"));
    wheels.sort();
    Ok(wheels)
}
