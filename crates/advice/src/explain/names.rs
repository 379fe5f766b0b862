//! Module names and the distributions that hold them, where the two differ.
//!
//! Kept by hand for modules that people meet in tracebacks; where several distributions install one module, all of
//! them stand here, the most used first.

/// Modules and their distributions, sorted by module.
const DISTRIBUTIONS: &[(&str, &[&str])] = &[
    ("Bio", &["biopython"]),
    ("Crypto", &["pycryptodome"]),
    ("PIL", &["pillow"]),
    ("_cffi_backend", &["cffi"]),
    ("attr", &["attrs"]),
    ("bottleneck", &["Bottleneck"]),
    ("bs4", &["beautifulsoup4"]),
    ("cupy", &["cupy-cuda12x", "cupy-cuda11x", "cupy"]),
    ("cv2", &["opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"]),
    ("cypesq", &["pesq"]),
    ("erfa", &["pyerfa"]),
    ("faiss", &["faiss-cpu", "faiss-gpu"]),
    ("google", &["protobuf"]),
    ("igraph", &["python-igraph"]),
    ("jnius", &["pyjnius"]),
    ("matplotlib_inline", &["matplotlib-inline"]),
    ("mpl_toolkits", &["matplotlib"]),
    ("onnxruntime", &["onnxruntime", "onnxruntime-gpu"]),
    ("osgeo", &["GDAL"]),
    ("ot", &["POT"]),
    ("paddle", &["paddlepaddle"]),
    ("pylab", &["matplotlib"]),
    ("pyximport", &["Cython"]),
    ("pywt", &["PyWavelets"]),
    ("pyxdameraulevenshtein", &["pyxDamerauLevenshtein"]),
    ("ruamel", &["ruamel.yaml"]),
    ("serial", &["pyserial"]),
    ("skimage", &["scikit-image"]),
    ("sklearn", &["scikit-learn"]),
    ("talib", &["TA-Lib"]),
    ("tensorflow", &["tensorflow", "tensorflow-cpu", "tensorflow-macos", "tensorflow-intel"]),
    ("umap", &["umap-learn"]),
    ("vtkmodules", &["vtk"]),
    ("wx", &["wxPython"]),
    ("yaml", &["PyYAML"]),
    ("zmq", &["pyzmq"]),
];

/// The distributions that install `module`, the most used first; the module's own name where nothing else is known.
pub(super) fn distributions_of(module: &str) -> Vec<&str> {
    match DISTRIBUTIONS.iter().find(|(name, _)| *name == module) {
        Some((_, distributions)) => distributions.to_vec(),
        None => vec![module],
    }
}

/// Whether a module is known by a name that its distribution has not.
pub(super) fn has_own_name(module: &str) -> bool {
    DISTRIBUTIONS.iter().any(|(name, _)| *name == module)
}

/// A distribution's name in the form in which two spellings of it are equal (PEP 503).
pub(super) fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{distributions_of, normalized};

    #[test]
    fn modules_lead_to_distributions() {
        assert_eq!(distributions_of("sklearn"), ["scikit-learn"]);
        assert_eq!(distributions_of("hdbscan"), ["hdbscan"]);
        assert_eq!(distributions_of("cv2").first(), Some(&"opencv-python"));
    }

    #[test]
    fn spellings_are_equal() {
        assert_eq!(normalized("Ruamel.YAML__clib"), normalized("ruamel-yaml-clib"));
    }
}
