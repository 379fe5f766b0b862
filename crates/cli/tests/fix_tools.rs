//! The commands that `numpact fix` shows, in the words of the tool that keeps an environment.

mod support;

use std::fs;
use std::path::Path;

use support::broken::{Broken, ONE_PLAN, SERVED, broken};
use support::ended;

/// The commands of the first plan, and of the one that builds anew.
fn commands(broken: &Broken, environment: &Path, tools: &Path) -> (String, String) {
    let mut command = broken.numpact(&["fix", "--output-format", "json"]);
    let (status, out, err) = ended(command.arg(environment).env("PATH", tools));
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
    broken.serve_source("Bottleneck", "1.3.7");
    let folder = broken.folder.path().canonicalize().expect("it is there");
    let (project, dot_venv) = (folder.join("project"), folder.join("project/.venv"));
    fs::create_dir(&project).expect("made");
    fs::write(project.join("pyproject.toml"), "").expect("written");
    fs::rename(broken.env(), &dot_venv).expect("moved");
    let installer = dot_venv.join("lib/python3.11/site-packages/numpy-2.2.6.dist-info/INSTALLER");
    let (at, python) = (project.display(), dot_venv.join("bin/python3").display().to_string());
    let outside = format!("python3 -m pip --python {python} install");
    let pip = format!(
        "PIP_CONSTRAINT=build-constraints.txt {outside} --force-reinstall --no-cache-dir --no-deps --no-binary Bottleneck \
         Bottleneck==1.3.7"
    );
    let uv = format!(
        "uv pip install --reinstall --no-cache --no-deps --python {python} --no-binary Bottleneck Bottleneck==1.3.7 \
         --build-constraints build-constraints.txt"
    );
    let (with_uv, without) = (broken.path_of(&["uv", "python3"]), broken.path_of(&["python3"]));
    for (record, tools, first, rebuild) in [
        ("pip", &with_uv, format!("{outside} --no-deps Bottleneck==1.4.2"), &pip),
        ("uv", &with_uv, format!("uv pip install --no-deps --python {python} Bottleneck==1.4.2"), &uv),
        ("uv", &without, format!("{outside} --no-deps Bottleneck==1.4.2"), &pip),
        ("Poetry 2.5.1", &without, format!("poetry --directory {at} add Bottleneck==1.4.2"), &pip),
        ("pdm", &with_uv, format!("pdm add --project {at} Bottleneck==1.4.2"), &pip),
        ("conda", &without, format!("{outside} --no-deps Bottleneck==1.4.2"), &pip),
    ] {
        fs::write(&installer, record).expect("written");
        assert_eq!(commands(&broken, &dot_venv, tools), (first, rebuild.clone()), "{record}, {tools:?}");
    }
    fs::write(&installer, "uv").expect("written");
    fs::write(project.join("uv.lock"), "").expect("written");
    let added = format!("uv add --project {at} Bottleneck==1.4.2");
    assert_eq!(commands(&broken, &dot_venv, &with_uv), (added.clone(), uv));
    assert_eq!(commands(&broken, &dot_venv, &without), (added, pip), "only uv knows its project, and any pip builds");
}

/// What `fix` shows with nothing on PATH but these tools: the first plan's command, its reason, and who accepts it.
fn first_plan(broken: &Broken, tools: &[&str]) -> (String, String, String) {
    let mut command = broken.numpact(&["fix", "env", "--output-format", "json"]);
    let (status, out, err) = ended(command.env("PATH", broken.path_of(tools)));
    assert_eq!(status, Some(1), "{out}{err}");
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let plan = &json["plans"][0];
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    (text(&plan["commands"][0]), text(&plan["changes"][0]["why"]), text(&plan["proof"]["resolver"]))
}

/// It was proved by pip, shown for uv, and done by nobody.
#[test]
fn an_environment_of_uv_is_mended_by_a_pip_where_uv_is_not_there() {
    let broken = broken(&ONE_PLAN);
    broken.record("uv");
    let python = broken.env().join("bin/python3").display().to_string();
    let (command, _, resolver) = first_plan(&broken, &["python3"]);
    let outside = format!("python3 -m pip --python {python}");
    assert_eq!((command, resolver), (format!("{outside} install --no-deps Bottleneck==1.4.2"), "pip".to_owned()));
    let (_, out, err) = ended(broken.numpact(&["check", "env"]).env("PATH", broken.path_of(&["python3"])));
    assert!(out.contains(&format!("{outside} install ")) && !out.contains("uv pip"), "{out}{err}");
    // With a pip of its own it needs nothing on PATH.
    broken.add_pip();
    let (command, _, resolver) = first_plan(&broken, &[]);
    let own = format!("{python} -m pip install --no-deps Bottleneck==1.4.2");
    assert_eq!((command, resolver), (own, "pip".to_owned()));
    let mut apply = broken.numpact(&["fix", "env", "--apply", "--yes"]);
    let (status, out, err) = ended(apply.env("PATH", broken.path_of(&[])));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(broken.imports());
}

#[test]
fn without_any_installer_the_environment_is_not_said_to_be_beyond_mending() {
    let broken = broken(&ONE_PLAN);
    for record in ["pip", "uv"] {
        broken.record(record);
        let (status, out, err) = ended(broken.numpact(&["fix", "env"]).env("PATH", broken.path_of(&[])));
        assert_eq!(status, Some(2), "{out}{err}");
        assert!(err.contains("neither `uv` on PATH, nor `pip` in the environment"), "{err}");
    }
}

/// uv is a stranger to it and does it all the same.
#[test]
fn an_environment_of_pip_is_mended_by_uv_where_there_is_no_pip() {
    let broken = broken(&ONE_PLAN);
    let python = broken.env().join("bin/python3").display().to_string();
    let (command, _, resolver) = first_plan(&broken, &["uv"]);
    let uv = format!("uv pip install --no-deps --python {python} Bottleneck==1.4.2");
    assert_eq!((command, resolver), (uv, "uv".to_owned()));
    let mut apply = broken.numpact(&["fix", "env", "--apply", "--yes"]);
    let (status, out, err) = ended(apply.env("PATH", broken.path_of(&["uv"])));
    assert_eq!(status, Some(0), "{out}{err}");
    assert!(broken.imports());
}

/// A plan was proved against the settings of another pip, and its own commands failed.
#[test]
fn what_the_environments_own_pip_is_set_to_holds_for_the_proof() {
    let broken = broken(&SERVED);
    let limits = broken.folder.path().join("limits.txt");
    fs::write(&limits, "numpy==2.2.6\nbottleneck==1.4.2\n").expect("written");
    let set = format!("[install]\nconstraint = {}\n", limits.display());
    fs::write(broken.env().join("pip.conf"), set).expect("written");
    let plans = || {
        let mut command = broken.numpact(&["fix", "env", "--output-format", "json"]);
        // Where a file is named, that of the environment is passed over, as pip does it.
        command.env_remove("PIP_CONFIG_FILE").env("HOME", broken.folder.path());
        let (_, out, err) = ended(command.env("PATH", broken.path_of(&["python3"])));
        let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let changes = json["plans"].as_array().expect("plans").iter().map(|plan| plan["changes"].clone());
        changes.map(|changes| changes[0]["to"].as_str().expect("a version").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(plans(), ["1.4.2"], "by a pip from outside");
    broken.add_pip();
    assert_eq!(plans(), ["1.4.2"], "by its own");
}

/// pip, which chooses the newest, was taken for uv, which chooses the oldest: 1.4.2 was called the nearest.
#[test]
fn only_the_nearest_release_is_called_the_nearest() {
    let broken = broken(&SERVED);
    broken.record("uv");
    for tools in [&["python3"][..], &["uv", "python3"]] {
        let (_, why, _) = first_plan(&broken, tools);
        assert!(why.ends_with("; 1.4.0 is the nearest newer release whose wheel fits"), "{tools:?}: {why}");
    }
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
