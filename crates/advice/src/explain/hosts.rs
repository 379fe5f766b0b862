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

/// How the folder of a host's Python ends, with `/` and in small letters, and where its interpreter lies below it on
/// Windows: Blender, a portable ComfyUI, QGIS, FreeCAD, ArcGIS Pro.
static HOSTS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let ends = [
        (r"/\d\.\d+/python$", r"\bin\python.exe"),
        (r"/python_embed\w*$", r"\python.exe"),
        (r"/apps/python\d+$", r"\python.exe"),
        (r"/freecad[^/]*/bin$", r"\python.exe"),
        (r"/arcgispro-py3$", r"\python.exe"),
    ];
    ends.into_iter().map(|(end, below)| (ascii(end), below)).collect()
});

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
    // A path that names the interpreter has its folder before it.
    let folders = [Some(folder.as_str()), folder.strip_suffix(r"\bin")];
    folders.into_iter().flatten().find_map(|folder| below(folder).map(|below| format!("{folder}{below}")))
}

fn unix(found: &Captures<'_>) -> Option<String> {
    let (folder, python) = (found.get(1)?.as_str(), found.get(2)?.as_str());
    below(folder).map(|_| format!("{folder}/bin/{python}"))
}

fn below(folder: &str) -> Option<&'static str> {
    let folder = folder.to_lowercase().replace('\\', "/");
    HOSTS.iter().find(|(end, _)| end.is_match(&folder)).map(|(_, below)| *below)
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
            r"C:\work\blender\python\Lib\site-packages\cv2\__init__.py",
            r"C:\work\blender-tools\venv\Lib\site-packages\cv2\__init__.py",
            "/home/u/blender/.venv/lib/python3.11/site-packages/cv2/__init__.py",
            "/usr/lib/python3.11/site-packages/qgis/utils.py",
            "import qgis, then open Blender",
        ] {
            assert_eq!(interpreter(text), None, "{text}");
        }
    }
}
