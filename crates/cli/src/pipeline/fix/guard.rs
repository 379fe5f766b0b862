//! Environments that are not numpact's to change, and the way out for each.

use std::path::{Path, PathBuf};

use advice::commands::Installer;
use runner::change::users;
use sources::environment::{Environment, EnvironmentKind};

use super::Installed;

/// Files beside which a Python belongs to a program that brings it along.
const HOSTS: &[(&str, &str)] = &[
    ("blender", "Blender"),
    ("blender.exe", "Blender"),
    ("Blender", "Blender"),
    ("bin/qgis-bin.exe", "QGIS"),
    ("MacOS/QGIS", "QGIS"),
    ("OSGeo4W.bat", "QGIS (OSGeo4W)"),
    ("bin/ArcGISPro.exe", "ArcGIS Pro"),
    ("bin/FreeCAD.exe", "FreeCAD"),
    ("run_nvidia_gpu.bat", "ComfyUI"),
];
/// How far above the environment such a file may lie.
const ABOVE: usize = 4;

/// Why the environment is left alone, with what to do instead; `None` where it may be changed.
pub(super) fn obstacle(installed: &Installed) -> Option<String> {
    let environment = &installed.scene.environment;
    let root = environment.root.display();
    if environment.externally_managed {
        return Some(format!(
            "`{root}` is managed by the system's own packages (`EXTERNALLY-MANAGED`): make a virtual environment with `python3 -m venv .venv` and install there"
        ));
    }
    if is_conda_base(environment) {
        return Some(format!(
            "`{root}` is conda's base environment, which conda itself runs in: make another with `conda create --name mended --clone base` and mend that"
        ));
    }
    let installer = installed.hint.installer;
    if installer.keeps_lock() {
        let tool = installer.as_str();
        return Some(format!(
            "{tool} keeps this environment, and would undo what others install: run the commands that `numpact fix` shows, which are {tool}'s own"
        ));
    }
    if installer == Installer::Conda {
        return Some(format!(
            "conda keeps `{root}`, and knows nothing of what others install there: run the commands that `numpact fix` shows yourself"
        ));
    }
    if let Some(host) = host(environment) {
        return Some(format!(
            "`{root}` is the Python of {host}, which breaks with it: install for {host} into a folder of its own, or by {host}'s own means"
        ));
    }
    if environment.interpreter.is_none() {
        return Some(format!("`{root}` has no interpreter to install with: name the environment that it belongs to"));
    }
    unwritable(environment).or_else(|| in_use(environment))
}

fn is_conda_base(environment: &Environment) -> bool {
    let has = |name: &str| environment.root.join(name).is_dir();
    environment.kind == EnvironmentKind::Conda && (has("condabin") || has("envs"))
}

/// The program that an interpreter belongs to. A virtual environment belongs to nobody else, whatever it was made with.
fn host(environment: &Environment) -> Option<&'static str> {
    if matches!(environment.kind, EnvironmentKind::Venv | EnvironmentKind::Conda) {
        return None;
    }
    let above = || environment.root.ancestors().take(ABOVE);
    let named = HOSTS.iter().find(|(file, _)| above().any(|folder| folder.join(file).is_file()));
    named.map(|(_, host)| *host).or_else(|| is_embedded(environment).then_some("a program that embeds it"))
}

/// `python311._pth` beside the interpreter: the embeddable Python of Windows.
fn is_embedded(environment: &Environment) -> bool {
    let folder = environment.interpreter.as_deref().and_then(Path::parent);
    let entries = folder.and_then(|folder| folder.read_dir().ok());
    entries.into_iter().flatten().flatten().any(|entry| entry.path().extension().is_some_and(|end| end == "_pth"))
}

/// The folders of the search path that lie inside the environment.
pub(super) fn own_folders(environment: &Environment) -> Vec<PathBuf> {
    environment.search_path.iter().filter(|folder| folder.starts_with(&environment.root)).cloned().collect()
}

fn unwritable(environment: &Environment) -> Option<String> {
    let mut folders = own_folders(environment);
    folders.push(environment.root.clone());
    let refused = folders.iter().find_map(|folder| Some((folder, runner::change::unwritable(folder)?)));
    refused.map(|(folder, why)| {
        format!(
            "`{}` cannot be written ({why}): change it as the user that owns it, or make a virtual environment",
            folder.display()
        )
    })
}

fn in_use(environment: &Environment) -> Option<String> {
    let found = users(&own_folders(environment));
    let first = found.first()?;
    Some(format!("process {} (`{}`) runs with files of this environment: end it first", first.pid, first.name))
}
