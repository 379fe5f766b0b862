//! `numpact explain`: what people paste, in whatever form, with and without the environment it comes from.

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use serde_json::Value;
use support::{ended, numpact, numpy};

/// What an Intel Mac says, squashed into a few lines as a forum does it, with the packages and the questions under it.
const INTEL_MAC: &str = r#"Python 3.11.2 (main, Mar 5 2023) [Clang 13.1.6] on darwin >>> import torch A module that was compiled using NumPy 1.x cannot be run in NumPy 2.2.4 as it may crash. To support both 1.x and 2.x versions of NumPy, modules must be compiled with NumPy 2.0. Traceback (most recent call last): File "<stdin>", line 1, in <module> File "/Users/u/torch-env/lib/python3.11/site-packages/torch/__init__.py", line 1477, in <module> from .functional import * # noqa: F403 File "/Users/u/torch-env/lib/python3.11/site-packages/torch/nn/modules/transformer.py", line 20, in <module> device: torch.device = torch.device(torch._C._get_default_device()), # torch.device('cpu'), /Users/u/torch-env/lib/python3.11/site-packages/torch/nn/modules/transformer.py:20: UserWarning: Failed to initialize NumPy: _ARRAY_API not found (Triggered internally at /Users/runner/work/pytorch/pytorch/pytorch/torch/csrc/utils/tensor_numpy.cpp:84.)
(torch-env) ~ pip list Package Version ----------------- -------- filelock 3.18.0 numpy 2.2.4 pip 22.3.1 torch 2.2.2 torchaudio 2.2.2 torchvision 0.17.2 typing_extensions 4.12.2
为什么? 需要升级 pip 或 pybind11 吗? 是 bug 吗?
"#;

/// Feeds a text and gives what came of it.
fn explain(text: &[u8], arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = numpact(folder.path());
    command.arg("explain").args(arguments).write_stdin(text);
    ended(&mut command)
}

fn json(text: &str, arguments: &[&str]) -> Value {
    let arguments = [&["--output-format", "json"], arguments].concat();
    let (_, out, err) = explain(text.as_bytes(), &arguments);
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("no JSON ({e}): {out}{err}"))
}

#[test]
fn an_intel_mac_has_no_newer_torch() {
    let found = json(INTEL_MAC, &[]);
    let culprit = &found["culprits"][0];
    assert_eq!((culprit["distribution"].as_str(), culprit["version"].as_str()), (Some("torch"), Some("2.2.2")));
    assert_eq!(found["direction"], "numpy-too-new");
    let history = &culprit["history"];
    assert_eq!((&history["platform"], &history["newest"]), (&"macos-x86_64".into(), &"2.2.2".into()), "{history:#}");
    assert_eq!((&history["frozen"], &history["silent"]), (&true.into(), &true.into()), "{history:#}");
    let remedies = found["remedies"].as_array().expect("remedies");
    assert_eq!(remedies[0]["class"], "downgrade-numpy");
    assert_eq!(remedies[0]["commands"][0], "python -m pip install 'numpy<2'");
    assert!(remedies.iter().all(|remedy| remedy["class"] != "upgrade-distribution"), "{remedies:#?}");
    let (status, out, _) = explain(INTEL_MAC.as_bytes(), &["--lang", "en"]);
    assert_eq!(status, Some(0));
    for part in [
        "torch 2.2.2 was compiled for NumPy 1.x",
        "2.2.2 is the last one with a wheel for macos-x86_64",
        "Upgrade pip? No",
        "Upgrade pybind11? No",
        "what is missing is `numpy<2` in the requirements of torch",
        "Upgrade torch? There is nothing to upgrade to on macos-x86_64",
    ] {
        assert!(out.contains(part), "no `{part}` in {out}");
    }
    let (_, chinese, _) = explain(INTEL_MAC.as_bytes(), &["--lang", "zh-CN"]);
    assert!(
        chinese.contains("torch 2.2.2") && chinese.contains("'numpy<2'") && chinese.contains("升级 pip"),
        "{chinese}"
    );
}

#[test]
fn elsewhere_a_newer_torch_is_offered_with_its_floor() {
    for (machine, platform) in
        [("arm64", "macos-arm64"), ("x86_64 GNU/Linux on linux", "linux-x86_64"), ("C:\\Users AMD64", "windows-x86_64")]
    {
        let text = INTEL_MAC.replace("2.2.2", "2.1.0").replace("/Users/", "/h/").replace("on darwin", machine);
        let text = if platform.starts_with("macos") { text.replace("/h/", "/Users/") } else { text };
        let found = json(&text, &[]);
        let known = knowledge::distribution("torch").and_then(|torch| torch.on(platform)).expect("it was read");
        let first = known.first_for_numpy_2.expect("there is one");
        let command = found["remedies"][0]["commands"][0].as_str().unwrap_or_default();
        assert!(command.contains(&format!("torch>={first}")), "{platform}: {found:#}");
    }
}

#[test]
fn the_language_is_that_of_the_system() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let say = |variable: &str, value: &str| {
        let mut command = numpact(folder.path());
        ended(command.arg("explain").env(variable, value).write_stdin(INTEL_MAC)).1
    };
    assert!(say("LANG", "zh_CN.UTF-8").contains("解决办法"));
    assert!(say("LC_ALL", "de_DE.UTF-8").contains("What helps"));
}

#[test]
fn a_list_of_packages_beside_the_text_gives_the_versions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let list = folder.path().join("packages.txt");
    std::fs::write(&list, "numpy==2.1.0\npycocotools==2.0.6\n").expect("written");
    let text = "  File \"/v/lib/python3.11/site-packages/pycocotools/mask.py\", line 3, in <module>\n    import \
                pycocotools._mask as _mask\nValueError: numpy.dtype size changed, may indicate binary \
                incompatibility. Expected 96 from C header, got 88 from PyObject\n";
    let found = json(text, &["--installed", &list.display().to_string()]);
    assert_eq!(found["culprits"][0]["version"], "2.0.6");
    assert_eq!(found["facts"]["numpy"], "2.1.0");
    std::fs::write(&list, "nothing of it\n").expect("written");
    let (status, _, err) = explain(text.as_bytes(), &["--installed", &list.display().to_string()]);
    assert_eq!(status, Some(2));
    assert!(err.contains("holds no list of packages"), "{err}");
}

/// What a real interpreter says when it imports a module.
fn traceback(environment: &Path, numpy: &Path, import: &str) -> String {
    let mut python = Process::new(environment.join("bin/python"));
    python.args(["-c", import]).env("PYTHONPATH", numpy).stdin(Stdio::null());
    String::from_utf8_lossy(&python.output().expect("Python starts").stderr).into_owned()
}

#[test]
fn an_environment_names_the_file_and_its_own_commands() {
    let (environment, numpy) = (testing::environment("pycocotools-2.0.7"), numpy("2.2.6"));
    let text = traceback(&environment, &numpy, "import pycocotools.coco");
    assert!(text.contains("size changed"), "{text}");
    let mut command = numpact(&environment);
    command.args(["explain", "--output-format", "json", "--python", "."]).env("PYTHONPATH", &numpy);
    let (status, out, err) = ended(command.write_stdin(text));
    let found: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("no JSON ({e}): {out}{err}"));
    assert_eq!(status, Some(0));
    let culprit = &found["culprits"][0];
    assert_eq!((&culprit["version"], &culprit["sureness"]), (&"2.0.7".into(), &"certain".into()));
    assert!(culprit["file"].as_str().is_some_and(|file| file.starts_with("pycocotools/_mask.")), "{culprit:#}");
    assert_eq!(found["facts"]["numpy"], "2.2.6");
    let unknown = found["unknown"].as_array().expect("a list");
    assert!(unknown.iter().all(|one| one["id"] != "unknown-environment"), "{unknown:#?}");
}

/// `check` and `explain` say the same of the same files; and where these are not there, that is said.
#[test]
fn an_environment_gives_the_range_that_a_check_gives_or_says_that_it_has_no_such_files() {
    let (environment, numpy) = (testing::environment("pycocotools-2.0.7"), numpy("2.2.6"));
    let told = |text: &str| {
        let mut command = numpact(&environment);
        command.args(["explain", "--lang", "en", "--python", "."]).env("PYTHONPATH", &numpy);
        ended(command.write_stdin(text)).1
    };
    let text = traceback(&environment, &numpy, "import pycocotools.coco");
    let (_, checked, _) = ended(numpact(&environment).args(["check", "."]).env("PYTHONPATH", &numpy));
    assert!(checked.contains("its bytes work with numpy>=1.23,<2;"), "{checked}");
    let explained = told(&text);
    assert!(explained.contains("older NumPy (>=1.23,<2)"), "{explained}");
    assert!(explained.contains("install 'numpy>=1.23,<2'"), "{explained}");
    assert!(!explained.contains("Not known"), "{explained}");
    let elsewhere = told(&text.replace("pycocotools", "cyvcf2").replace("_mask", "cyvcf2"));
    assert!(elsewhere.contains(". has no compiled files of cyvcf2; it was removed since"), "{elsewhere}");
}

#[test]
fn without_an_environment_it_says_what_it_could_not_know() {
    let text = "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, \
                got 88 from PyObject\n";
    let found = json(text, &[]);
    let ids: Vec<&str> =
        found["unknown"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect();
    assert!(ids.contains(&"unknown-environment") && ids.contains(&"unknown-culprit"), "{ids:?}");
}

#[test]
fn the_active_environment_counts_unless_the_text_speaks_against_it() {
    let (environment, numpy) = (testing::environment("pycocotools-2.0.7"), numpy("2.2.6"));
    let beside = |text: &str| -> Value {
        let mut command = numpact(&environment);
        command.args(["explain", "--output-format", "json"]).env("PYTHONPATH", &numpy).env("VIRTUAL_ENV", &environment);
        let (_, out, err) = ended(command.write_stdin(text));
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("no JSON ({e}): {out}{err}"))
    };
    let bare = "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, \
                got 88 from PyObject\n";
    let found = beside(bare);
    assert_eq!(found["culprits"][0]["distribution"], "pycocotools", "the verdicts name whom the text does not");
    let found = beside(&format!("{bare}numpy==2.0.1\n"));
    assert_eq!(found["culprits"].as_array().map(Vec::len), Some(0), "{found:#}");
    assert!(
        found["unknown"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == "unknown-other-environment"))
    );
}

#[test]
fn a_named_environment_that_is_not_there_is_an_error() {
    let (status, _, err) = explain(INTEL_MAC.as_bytes(), &["--python", "no/such/env"]);
    assert_eq!(status, Some(2));
    assert!(err.contains("no/such/env"), "{err}");
}

#[test]
fn what_windows_shells_write_is_read() {
    let line = "ImportError: numpy.core.multiarray failed to import\r\n";
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(line.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let appended = [b"PS C:\\> python app.py\r\n".as_slice(), &utf16[2..]].concat();
    // `用户` in GBK, as an older console of a Chinese Windows writes a path.
    let gbk = [b"File \"C:\\\xd3\xc3\xbb\xa7\\app.py\"\r\n".as_slice(), line.as_bytes()].concat();
    let with_nul = line.replace("core", "co\0re");
    for text in [utf16.as_slice(), &appended, &gbk, with_nul.as_bytes()] {
        let (status, out, err) = explain(text, &["--output-format", "json"]);
        assert_eq!(status, Some(0), "{out}{err}");
        assert!(out.contains("\"family\": \"multiarray-failed-to-import\""), "{out}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let junk: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
    let (status, out, err) = explain(&junk, &[]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("numpact inspect"), "{err}");
    let (status, _, err) = explain(b"", &[]);
    assert_eq!(status, Some(2));
    assert!(err.contains("is empty"), "{err}");
    let (status, out, _) = explain(b"Traceback (most recent call last):\nKeyError: 'x'\n", &[]);
    assert_eq!(status, Some(3), "{out}");
}

#[test]
fn a_compiled_file_that_holds_the_messages_is_refused_and_not_diagnosed() {
    let file = [b"\x7fELF\x02\x01\x01\0\0\0".as_slice(), &INTEL_MAC.as_bytes().repeat(9), &[0; 64]].concat();
    let (status, out, err) = explain(&file, &[]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{err}");
    assert!(err.contains("the input is no text"), "{err}");
}

#[test]
fn of_an_endless_log_both_ends_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("log.txt");
    let mut file = std::fs::File::create(&path).expect("created");
    let filler = "step 1234 of 99999 loss 0.123456 accuracy 0.98765\n".repeat(21_000);
    (0..64).for_each(|_| file.write_all(filler.as_bytes()).expect("written"));
    file.write_all(INTEL_MAC.as_bytes()).expect("written");
    let mut command = numpact(folder.path());
    let (status, out, err) = ended(command.args(["explain", "--output-format", "json", "log.txt"]));
    let found: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("no JSON ({e}): {out}{err}"));
    assert_eq!((status, &found["culprits"][0]["distribution"]), (Some(0), &"torch".into()));
    assert!(found["input"]["skipped_bytes"].as_u64().is_some_and(|skipped| skipped > 30 << 20));
    let behind = 64 * 21_000;
    assert_eq!(found["culprits"][0]["line"], behind + 1, "lines that were left out count: {found:#}");
}
