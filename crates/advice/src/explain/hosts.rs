//! Programs that bring a Python of their own along. What is installed with the Python on PATH does not reach them, so
//! commands name theirs, which the paths in a text tell.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::pattern::ascii;

/// A folder of libraries below a drive: what stands before it is the Python's own folder.
static WINDOWS: LazyLock<Regex> =
    LazyLock::new(|| ascii(r#"(?i)\b([A-Z]:[\\/][^"'<>|*?:;,]{0,200}?)[\\/]+(?:lib[\\/]|python\.exe)"#));
/// The same, told from the folder that a portable program was started in.
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| ascii(r#"(?i)(?:^|[ (>"])(\.\\python_embed\w*)\\"#));
/// A folder of libraries where paths have no drives.
static UNIX: LazyLock<Regex> = LazyLock::new(|| ascii(r#"(/[^\s"'<>|*?:;,]{1,200}?)/lib/(python3\.\d+)/"#));
/// QGIS on a Mac keeps its Python beside its own program.
static BUNDLE: LazyLock<Regex> = LazyLock::new(|| ascii(r#"(/[^"'<>|*?:;,]{0,100}?QGIS[^/"':]{0,20}\.app/Contents)/"#));

/// A part of a folder's path by which a host is known, and where its interpreter lies below that folder on Windows.
const HOSTS: &[(&str, &str)] = &[
    ("blender", r"\bin\python.exe"),
    ("python_embed", r"\python.exe"),
    ("qgis", r"\python.exe"),
    ("osgeo4w", r"\python.exe"),
    ("freecad", r"\python.exe"),
    ("arcgis", r"\python.exe"),
];

/// The interpreter of the host application that a text comes from.
pub(super) fn interpreter(text: &str) -> Option<String> {
    let on_windows = || WINDOWS.captures_iter(text).find_map(|found| windows(&found));
    let relative = || RELATIVE.captures(text).and_then(|found| Some(format!(r"{}\python.exe", found.get(1)?.as_str())));
    let bundle =
        || BUNDLE.captures(text).and_then(|found| Some(format!("{}/MacOS/bin/python3", found.get(1)?.as_str())));
    let elsewhere = || UNIX.captures_iter(text).find_map(|found| unix(&found));
    on_windows().or_else(relative).or_else(bundle).or_else(elsewhere)
}

fn windows(found: &Captures<'_>) -> Option<String> {
    let folder = found.get(1)?.as_str().replace('/', r"\").replace(r"\\", r"\");
    let below = below(&folder)?;
    // A path that names the interpreter ends before it.
    let folder = folder.strip_suffix(r"\bin").filter(|_| below.starts_with(r"\bin")).unwrap_or(&folder);
    Some(format!("{folder}{below}"))
}

fn unix(found: &Captures<'_>) -> Option<String> {
    let (folder, python) = (found.get(1)?.as_str(), found.get(2)?.as_str());
    below(folder).map(|_| format!("{folder}/bin/{python}"))
}

fn below(folder: &str) -> Option<&'static str> {
    let folder = folder.to_lowercase();
    // An environment of the user's own in such a folder is none of the host's.
    let own = ["venv", "envs", "conda", "site-packages"].iter().any(|part| folder.contains(part));
    HOSTS.iter().find(|(part, _)| !own && folder.contains(part)).map(|(_, below)| *below)
}

#[cfg(test)]
mod tests {
    use super::interpreter;

    #[test]
    fn a_host_is_known_by_its_paths_and_its_python_by_the_folder_of_its_libraries() {
        let pairs = [
            (
                r"D:\ComfyUI_portable\python_embeded\Lib\site-packages\cv2\__init__.py",
                r"D:\ComfyUI_portable\python_embeded\python.exe",
            ),
            (r"Python executable: D:\A B\python_embeded\python.exe", r"D:\A B\python_embeded\python.exe"),
            (r"D:\A>.\python_embeded\python.exe -s ComfyUI\main.py", r".\python_embeded\python.exe"),
            (
                r#"File "C:\Program Files\Blender Foundation\Blender 4.2\4.2\python\lib\site-packages\scipy\x.py", line 11"#,
                r"C:\Program Files\Blender Foundation\Blender 4.2\4.2\python\bin\python.exe",
            ),
            (
                r"C:\Program Files\Blender Foundation\Blender 4.2\4.2\python\bin\python.exe: no",
                r"C:\Program Files\Blender Foundation\Blender 4.2\4.2\python\bin\python.exe",
            ),
            (
                "/Applications/Blender.app/Contents/Resources/4.1/python/lib/python3.11/site-packages/cv2/__init__.py",
                "/Applications/Blender.app/Contents/Resources/4.1/python/bin/python3.11",
            ),
            (
                r"C:\PROGRA~1\QGIS 3.34.4\apps\Python39\lib\site-packages\osgeo\x.py",
                r"C:\PROGRA~1\QGIS 3.34.4\apps\Python39\python.exe",
            ),
            (r"C:\\OSGeo4W\\apps\\Python312\\Lib\\site-packages\\x.py", r"C:\OSGeo4W\apps\Python312\python.exe"),
            (
                "/Applications/QGIS-LTR.app/Contents/Resources/python/site-packages/osgeo/x.py",
                "/Applications/QGIS-LTR.app/Contents/MacOS/bin/python3",
            ),
        ];
        for (text, python) in pairs {
            assert_eq!(interpreter(text).as_deref(), Some(python), "{text}");
        }
    }

    #[test]
    fn other_pythons_are_no_hosts() {
        for text in [
            r"C:\Users\u\AppData\Local\Programs\Python\Python311\Lib\site-packages\cv2\__init__.py",
            r"C:\work\blender-tools\venv\Lib\site-packages\cv2\__init__.py",
            "/home/u/blender/.venv/lib/python3.11/site-packages/cv2/__init__.py",
            "/usr/lib/python3.11/site-packages/qgis/utils.py",
            "import qgis, then open Blender",
        ] {
            assert_eq!(interpreter(text), None, "{text}");
        }
    }
}
