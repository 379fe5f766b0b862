//! The commands that `numpact fix` shows, in the words of the tool that keeps an environment.

mod support;

use std::fs;
use std::path::Path;

use support::broken::{Broken, broken};
use support::ended;

/// The commands of the first plan, and of the one that builds anew.
fn commands(broken: &Broken, environment: &Path) -> (String, String) {
    let mut command = broken.numpact(&["fix", "--output-format", "json"]);
    let (status, out, err) = ended(command.arg(environment));
    assert_eq!(status, Some(1), "{out}{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let plans = json["plans"].as_array().expect("plans");
    let line = |plan: Option<&serde_json::Value>| {
        plan.and_then(|plan| plan["commands"].as_array()?.last()?.as_str().map(str::to_owned)).expect("a command")
    };
    (line(plans.first()), line(plans.last()))
}

#[test]
fn each_tool_is_given_its_own_words_and_place() {
    let broken = broken(&[("numpy", "2.2.6"), ("Bottleneck", "1.4.2")]);
    let folder = broken.folder.path().canonicalize().expect("it is there");
    let (project, dot_venv) = (folder.join("project"), folder.join("project/.venv"));
    fs::create_dir(&project).expect("made");
    fs::write(project.join("pyproject.toml"), "").expect("written");
    fs::rename(broken.env(), &dot_venv).expect("moved");
    let installer = dot_venv.join("lib/python3.11/site-packages/numpy-2.2.6.dist-info/INSTALLER");
    let (at, python) = (project.display(), dot_venv.join("bin/python3").display().to_string());
    let pip = format!(
        "PIP_CONSTRAINT=build-constraints.txt pip --python {python} install --force-reinstall --no-cache-dir --no-deps \
         --no-binary Bottleneck Bottleneck==1.3.7"
    );
    let uv = format!(
        "uv pip install --reinstall --no-cache --no-deps --python {python} --no-binary Bottleneck Bottleneck==1.3.7 \
         --build-constraints build-constraints.txt"
    );
    for (record, first, rebuild) in [
        ("pip", format!("pip --python {python} install --no-deps Bottleneck==1.4.2"), &pip),
        ("uv", format!("uv pip install --no-deps --python {python} Bottleneck==1.4.2"), &uv),
        ("Poetry 2.5.1", format!("poetry --directory {at} add Bottleneck==1.4.2"), &pip),
        ("pdm", format!("pdm add --project {at} Bottleneck==1.4.2"), &pip),
        ("conda", format!("pip --python {python} install --no-deps Bottleneck==1.4.2"), &pip),
    ] {
        fs::write(&installer, record).expect("written");
        assert_eq!(commands(&broken, &dot_venv), (first, rebuild.clone()), "{record}");
    }
    fs::write(&installer, "uv").expect("written");
    fs::write(project.join("uv.lock"), "").expect("written");
    assert_eq!(commands(&broken, &dot_venv), (format!("uv add --project {at} Bottleneck==1.4.2"), uv));
}

/// conda alone knows what its channels hold: the way that is blocked by it says how to ask.
#[test]
fn what_conda_installed_is_told_in_condas_words() {
    let broken = broken(&[("numpy", "2.2.6")]);
    let env = broken.env();
    // As conda lays it out, where a virtual environment has a link beside.
    for name in ["pyvenv.cfg", "lib64"] {
        fs::remove_file(env.join(name)).expect("removed");
    }
    fs::write(env.join("lib/python3.11/os.py"), "").expect("written");
    let site = env.join("lib/python3.11/site-packages");
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir(site.join("numpy-2.2.6.dist-info")).expect("readable").flatten() {
        files.push(format!("\"lib/python3.11/site-packages/numpy-2.2.6.dist-info/{}\"", entry.file_name().display()));
    }
    fs::write(site.join("numpy-2.2.6.dist-info/INSTALLER"), "conda").expect("written");
    fs::create_dir(env.join("conda-meta")).expect("made");
    let record =
        format!("{{\"name\": \"numpy\", \"version\": \"2.2.6\", \"build\": \"0\", \"files\": [{}]}}", files.join(", "));
    fs::write(env.join("conda-meta/numpy-2.2.6-0.json"), record).expect("written");
    let (status, out, err) = ended(&mut broken.numpact(&["fix", "env"]));
    assert_eq!(status, Some(1), "{out}{err}");
    let told = format!(
        "conda installed it; what its channels hold is not known here, `conda install --prefix {}",
        env.display()
    );
    assert!(out.contains(&told) && out.contains("'numpy>=1.23"), "{out}");
}
