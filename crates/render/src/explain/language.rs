//! The languages that a diagnosis can be told in. What each id says stands in `locales/`.

use std::str::FromStr;

use advice::explain::message::Message;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;

/// A language that the messages exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `en`
    English,
    /// `zh-CN`
    SimplifiedChinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::SimplifiedChinese];

    /// Its tag: `en`, `zh-CN`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::SimplifiedChinese => "zh-CN",
        }
    }

    /// The language of a locale as systems write it (`zh_CN.UTF-8`, `en_GB`, `C`): Chinese for any Chinese one, English
    /// for all others.
    pub fn of_locale(locale: &str) -> Self {
        if locale.to_lowercase().starts_with("zh") { Self::SimplifiedChinese } else { Self::English }
    }

    fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("locales/en.ftl"),
            Self::SimplifiedChinese => include_str!("locales/zh-CN.ftl"),
        }
    }
}

/// The tag is none of a language that the messages exist in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{tag}` is no language that numpact speaks; it speaks `en` and `zh-CN`")]
pub struct LanguageError {
    /// The tag as it was given.
    pub tag: String,
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag));
        known.ok_or_else(|| LanguageError { tag: tag.to_owned() })
    }
}

/// Puts messages into words of one language.
pub struct Localizer {
    bundle: FluentBundle<FluentResource>,
}

impl Localizer {
    /// The words of `language`.
    pub fn new(language: Language) -> Self {
        let identifier: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![identifier]);
        bundle.set_use_isolating(false);
        // A syntax error would leave one message out; a test makes sure that there is none.
        let resource = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
        Self { bundle }
    }

    /// A message in words. An id without words stands for itself.
    pub fn say(&self, message: &Message) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in &message.args {
            args.set(*name, value.as_str());
        }
        self.find(message.id, Some(&args)).unwrap_or_else(|| message.id.to_owned())
    }

    /// A word or heading without gaps.
    pub fn word(&self, id: &str) -> String {
        self.find(id, None).unwrap_or_else(|| id.to_owned())
    }

    fn find(&self, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        Some(self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{FluentResource, Language};

    /// The ids of a language with the gaps of each.
    fn ids(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        assert!(FluentResource::try_new(language.source().to_owned()).is_ok(), "{} is valid Fluent", language.tag());
        let lines = language.source().lines().filter_map(|line| line.split_once(" = "));
        let gaps =
            |text: &str| text.split("{ $").skip(1).filter_map(|g| g.split(' ').next()).map(str::to_owned).collect();
        lines.filter(|(id, _)| !id.starts_with('#')).map(|(id, text)| (id.to_owned(), gaps(text))).collect()
    }

    #[test]
    fn every_message_exists_in_every_language() {
        let used: BTreeSet<&str> =
            advice::explain::message::ALL.iter().chain(crate::explain::text::WORDS).copied().collect();
        for language in Language::ALL {
            let ids = ids(language);
            let has: BTreeSet<&str> = ids.keys().map(String::as_str).collect();
            let missing: Vec<_> = used.difference(&has).collect();
            let unused: Vec<_> = has.difference(&used).collect();
            assert!(
                missing.is_empty() && unused.is_empty(),
                "{}: missing {missing:?}, unused {unused:?}",
                language.tag()
            );
        }
    }

    #[test]
    fn languages_have_the_same_gaps() {
        assert_eq!(ids(Language::English), ids(Language::SimplifiedChinese));
    }

    #[test]
    fn locales_lead_to_languages() {
        assert_eq!(Language::of_locale("zh_CN.UTF-8"), Language::SimplifiedChinese);
        assert_eq!(Language::of_locale("C"), Language::English);
        assert!("fr".parse::<Language>().is_err());
    }
}
