//! An environment that is really broken, and a folder of wheels as its only index.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use super::{cleanly, ended, pack, really, script};

/// An environment with NumPy 2.2.6 and Bottleneck 1.3.7, and a folder with the wheels that may take their places.
pub(crate) struct Broken {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) index: PathBuf,
}

fn host_wheel(name: &str, version: &str) -> PathBuf {
    let pin = testing::find_host_pin(name, version, "3.11").expect("a pinned wheel for this machine");
    testing::fetch_pin(&pin).expect("fetched")
}

/// The environment, and an index that serves these wheels.
pub(crate) fn broken(served: &[(&str, &str)]) -> Broken {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let index = folder.path().join("index");
    std::fs::create_dir(&index).expect("made");
    for (name, version) in served {
        let wheel = host_wheel(name, version);
        std::fs::copy(&wheel, index.join(wheel.file_name().expect("a name"))).expect("copied");
    }
    let settings = format!("no-index = true\nfind-links = [\"{}\"]\n", index.display());
    std::fs::write(folder.path().join("uv.toml"), settings).expect("written");
    let pins: Vec<_> = [("numpy", "2.2.6"), ("Bottleneck", "1.3.7")]
        .iter()
        .map(|(name, version)| testing::find_host_pin(name, version, "3.11").expect("a pinned wheel for this machine"))
        .collect();
    let python = testing::interpreter("3.11");
    testing::make_environment(&python, &pins, &folder.path().join("env")).expect("an environment");
    Broken { folder, index }
}

/// Everything that a plan could want.
pub(crate) const SERVED: [(&str, &str); 6] = [
    ("numpy", "1.26.4"),
    ("numpy", "2.2.6"),
    ("Bottleneck", "1.3.7"),
    ("Bottleneck", "1.3.8"),
    ("Bottleneck", "1.4.0"),
    ("Bottleneck", "1.4.2"),
];

/// One plan, found with few questions.
pub(crate) const ONE_PLAN: [(&str, &str); 2] = [("numpy", "2.2.6"), ("Bottleneck", "1.4.2")];

/// PATH with a Python whose pip does `at_install` when it is asked to change the environment. `$PPID` is numpact there, and
/// `$REAL "$@"` the installer.
pub(crate) fn stand_in(broken: &Broken, at_install: &str) -> String {
    let shim = broken.folder.path().join("shim");
    std::fs::create_dir_all(&shim).expect("made");
    let real = really(&testing::host_interpreter().expect("CPython with pip").path);
    let text = format!(
        "#!/bin/sh\nREAL={}\ncase \"$*\" in *--no-deps*) {at_install};; *) exec $REAL \"$@\";; esac\n",
        real.display()
    );
    // The line of the environment is asked first.
    script(&shim.join("python3.11"), &text);
    format!("{}:{}", shim.display(), std::env::var("PATH").expect("a PATH"))
}

impl Broken {
    pub(crate) fn env(&self) -> PathBuf {
        self.folder.path().join("env")
    }

    /// `numpact` with pip told to look into the folder of wheels alone, and no uv.
    pub(crate) fn numpact(&self, arguments: &[&str]) -> Command {
        self.numpact_through(&[], arguments)
    }

    /// The same, started by another program: `["setsid"]`.
    pub(crate) fn numpact_through(&self, starter: &[&str], arguments: &[&str]) -> Command {
        let words: Vec<&str> =
            starter.iter().chain([&env!("CARGO_BIN_EXE_numpact")]).chain(arguments).copied().collect();
        let (program, words) = words.split_first().expect("a program");
        let mut command = self.set_up(Command::new(program));
        command.args(words);
        command
    }

    /// A command in the folder, with pip told to look into the folder of wheels alone.
    pub(crate) fn set_up(&self, mut command: Command) -> Command {
        cleanly(&mut command, self.folder.path());
        command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", &self.index);
        command.env("UV_CONFIG_FILE", self.folder.path().join("uv.toml")).env("UV_NO_CACHE", "1");
        command.env("PIP_CONFIG_FILE", "/dev/null").env("NUMPACT_CACHE_DIR", self.folder.path().join("cache"));
        command
    }

    /// Makes the index offer the source of a release, with nothing in it.
    pub(crate) fn serve_source(&self, name: &str, version: &str) {
        let info = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let folder = format!("{name}-{version}");
        pack(&self.index.join(format!("{folder}.tar.gz")), &[(&format!("{folder}/PKG-INFO"), &info)]);
    }

    /// Makes the first import that numpact tries, once the file `when` is there, send numpact this signal, and go on for
    /// long. Gives a file that is there if it comes to its end.
    pub(crate) fn signal_at_import(&self, signal: &str, when: &Path) -> PathBuf {
        let end = self.folder.path().join("came-to-its-end");
        let line = format!(
            "import os, signal, time; os.environ.get('NUMPACT_PROBE') and os.path.exists('{}') and \
             (os.kill(os.getppid(), signal.{signal}), time.sleep(20), open('{}', 'w'))\n",
            when.display(),
            end.display()
        );
        std::fs::write(self.env().join("lib/python3.11/site-packages/signal.pth"), line).expect("written");
        end
    }

    /// An empty folder for temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        let folder = self.folder.path().join("temporary");
        std::fs::create_dir_all(&folder).expect("made");
        folder
    }

    /// Installs pip into the environment.
    pub(crate) fn add_pip(&self) {
        let mut python = Command::new(self.env().join("bin/python"));
        let (status, _, err) = ended(python.args(["-m", "ensurepip", "--default-pip"]));
        assert_eq!(status, Some(0), "{err}");
    }

    /// Makes NumPy look as if this tool had installed it.
    pub(crate) fn record(&self, installer: &str) {
        let file = self.env().join("lib/python3.11/site-packages/numpy-2.2.6.dist-info/INSTALLER");
        std::fs::write(file, installer).expect("written");
    }

    /// A PATH with these tools alone: `python3`, which has pip, and `uv`.
    pub(crate) fn path_of(&self, tools: &[&str]) -> PathBuf {
        let folder = self.folder.path().join(format!("tools-{}", tools.join("-")));
        std::fs::create_dir_all(&folder).expect("made");
        for tool in tools {
            let real = match *tool {
                "uv" => testing::overlay(&["uv-0.13.9"]).join("bin/uv"),
                _ => really(&testing::host_interpreter().expect("CPython with pip").path),
            };
            script(&folder.join(tool), &format!("#!/bin/sh\nexec {} \"$@\"\n", real.display()));
        }
        folder
    }

    /// What pip says is installed.
    pub(crate) fn freeze(&self) -> String {
        let python = testing::host_interpreter().expect("CPython with pip").path;
        let mut command = Command::new(python);
        command.args(["-m", "pip", "--python"]).arg(self.env().join("bin/python")).args(["freeze", "--all"]);
        let (status, out, err) = ended(&mut command);
        assert_eq!(status, Some(0), "{err}");
        out
    }

    /// The hash of every file of the environment, byte code and what numpact keeps aside.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.env()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable")) {
                let (path, kind) = (entry.path(), entry.file_type().expect("known"));
                let left_out = path.ends_with(".numpact") || path.ends_with("__pycache__");
                match (kind.is_dir(), kind.is_file()) {
                    (true, _) if !left_out => open.push(path),
                    (_, true) => drop(found.insert(path.clone(), testing::sha256_of(&path).expect("readable"))),
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether Bottleneck can be imported.
    pub(crate) fn imports(&self) -> bool {
        Command::new(self.env().join("bin/python"))
            .args(["-c", "import bottleneck"])
            .output()
            .expect("started")
            .status
            .success()
    }
}
