//! The only crate that opens files and sockets: environments, wheels, indexes and lock files, as bytes that are read lazily.

pub mod environment;
mod file;
pub mod index;
pub mod lockfile;
pub mod text;
pub mod wheel;

pub use file::FileSource;
