//! What is known of NumPy's releases without having one at hand: versions, ABI, feature level, type sizes, removed API
//! slots, and the Pythons with wheels; and of releases of other distributions. The tables are generated from `data/` by `cargo xtask generate`; see
//! `docs/knowledge.md` for where its figures come from.

mod distributions;
#[rustfmt::skip]
mod generated;
#[rustfmt::skip]
mod generated_distributions;
#[rustfmt::skip]
mod generated_headers;
mod headers;
mod numpy;
mod table;
mod uses;

pub use distributions::{DistributionHistory, PlatformHistory, distribution, distributions};
pub use generated::KNOWLEDGE_DATE;
pub use headers::headers_of;
pub use numpy::{
    feature_in_words, first_with_feature, is_yanked, line_of, lines_with_feature, newest, release, releases,
    releases_for_python,
};
pub use uses::small_use;
