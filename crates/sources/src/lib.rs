//! The only crate that opens files and sockets: environments, wheels, indexes, lock files and requirements, as bytes that are read lazily.

pub mod environment;
mod file;
pub mod index;
pub mod lockfile;
mod poetry;
pub mod project;
mod python_files;
pub mod requirements;
pub mod text;
pub mod wheel;

pub use file::FileSource;
pub use python_files::PythonFiles;
