//! What the judgement of a target rests on: plain values that others have read, and Python sources on demand.

use serde::{Deserialize, Serialize};

use crate::judge::PythonImports;
use crate::report::{JudgedNumpy, Python, TargetKind};
use crate::{BinaryFacts, Build, Undetermined};

/// One target as it was found.
pub struct TargetInput<'a> {
    /// What it is.
    pub kind: TargetKind,
    /// Where it is, as the user would name it.
    pub path: String,
    /// The Python it is for, where that is known.
    pub python: Option<Python>,
    /// The NumPy to judge against; `None` where there is none, and then nothing can fail.
    pub numpy: Option<JudgedNumpy>,
    /// Its distributions, in any order. Those without compiled files may be left out.
    pub distributions: Vec<DistributionInput<'a>>,
    /// What was found beside the distributions.
    pub surroundings: Surroundings,
    /// Things that went wrong while looking, a sentence each.
    pub problems: Vec<String>,
}

/// One distribution as it was found.
#[derive(Clone)]
pub struct DistributionInput<'a> {
    /// Its name, as its metadata spells it; [`UNOWNED`](crate::report::UNOWNED) for files without an owner.
    pub name: String,
    /// Its version; empty where the metadata is unreadable.
    pub version: String,
    /// The tool that installed it (`INSTALLER`), where it says.
    pub installer: Option<String>,
    /// What its metadata says of NumPy (`>=1.22.4`, empty for "any"); `None` where it does not name NumPy. Only
    /// requirements that hold for this Python and without extras.
    pub declared_numpy: Option<String>,
    /// The `Tag` lines of its `WHEEL` file (`cp311-cp311-manylinux_2_17_x86_64`); empty where there is none.
    pub wheel_tags: Vec<String>,
    /// Its compiled files.
    pub files: Vec<FileInput>,
    /// How it would be built, where nothing of it is compiled yet.
    pub build: Option<Build>,
    /// Its Python sources, asked only where a compiled file does not fit.
    pub sources: &'a dyn PythonSources,
}

/// One compiled file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInput {
    /// Its path, relative to the folder its distribution is installed in, with `/`.
    pub path: String,
    /// What was read, a slice each.
    pub facts: Vec<BinaryFacts>,
    /// Why nothing could be read, or, where there are facts, why not all of it: then these facts may break the file, and
    /// cannot clear it.
    pub unreadable: Option<Undetermined>,
}

/// The Python sources of a distribution. Asked for lazily, since listing and parsing them costs far more than judging.
pub trait PythonSources: Sync {
    /// The paths of its `.py` files, relative to the folder it is installed in, with `/`, in any order.
    fn paths(&self) -> Vec<String>;

    /// The imports of one of them; `None` where there is no such file or it cannot be read.
    fn imports(&self, path: &str) -> Option<PythonImports>;

    /// Told which of them are going to be asked for, before they are asked for one by one: what has to be fetched can be
    /// fetched together. Nothing has to be done.
    fn prepare(&self, _paths: &[&str]) {}
}

/// The sources of a distribution that has none, or whose sources are out of reach.
pub struct NoSources;

impl PythonSources for NoSources {
    fn paths(&self) -> Vec<String> {
        Vec::new()
    }

    fn imports(&self, _path: &str) -> Option<PythonImports> {
        None
    }
}

/// Sources that were all parsed beforehand, by path.
impl PythonSources for std::collections::BTreeMap<String, PythonImports> {
    fn paths(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }

    fn imports(&self, path: &str) -> Option<PythonImports> {
        self.get(path).cloned()
    }
}

/// What was found of an environment beside its distributions. All empty for a wheel or a single file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// Every NumPy that the interpreter's search path reaches, in search order: the first one wins.
    pub numpys: Vec<FoundNumpy>,
    /// Whether the environment is separate from the system's Python (a virtual environment, a conda environment);
    /// `None` where that is not known or makes no sense.
    pub isolated: Option<bool>,
    /// Whether it is a conda environment (it has a `conda-meta` folder).
    pub conda: bool,
    /// Extension types that a distribution checks and another one defines, as far as their sizes could be read.
    pub types: Vec<DefinedType>,
}

/// An extension type and the file that defines it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DefinedType {
    /// Its full name: `cymem.cymem.Pool`.
    pub name: String,
    /// Its basic size, in bytes.
    pub size: u64,
    /// The distribution that defines it, with its version.
    pub distribution: String,
    /// The path of the file, as its distribution names it.
    pub path: String,
}

/// One NumPy that the search path reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundNumpy {
    /// The folder of the package, ending in `numpy`.
    pub path: String,
    /// Its version, where its files or its metadata tell.
    pub version: Option<String>,
    /// The tool that installed it, where it says.
    pub installer: Option<String>,
    /// Whether `import numpy` gets this one.
    pub wins: bool,
    /// Why it wins, or what stands before it, in words.
    pub why: String,
    /// Names of the metadata folders beside it: `numpy-1.26.4.dist-info`. More than one: a half-finished replacement.
    pub metadata_folders: Vec<String>,
    /// Whether conda records it although another tool installed it.
    pub conda_record: bool,
    /// How many files its `RECORD` lists that are not there, byte-compiled ones aside.
    pub missing_files: usize,
    /// Those of its folders `core` (1.x) and `_core` (2.x) that hold compiled files. A whole NumPy has one of them.
    pub core_generations: Vec<String>,
}
