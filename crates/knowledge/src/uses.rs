//! Small uses of modules that take NumPy through their compiled code: what an import alone does not try.
//!
//! Each is Python statements that run after the import, under any release of the module. They import what they need, open no
//! file and no window, and take a fraction of a second. Torch before 2.3, for one, imports well beside NumPy 2 and
//! fails here.

/// The uses, by module, sorted.
#[rustfmt::skip]
const USES: &[(&str, &str)] = &[
    ("bottleneck", "import numpy, bottleneck; assert bottleneck.nansum(numpy.ones(3)) == 3"),
    ("cftime", "import cftime; cftime.num2date([0, 1], 'days since 2000-01-01')"),
    ("contourpy", "import numpy, contourpy; contourpy.contour_generator(z=numpy.array([[0.0, 1.0], [1.0, 2.0]])).lines(0.5)"),
    ("cv2", "import numpy, cv2; cv2.blur(numpy.zeros((8, 8), 'u1'), (3, 3))"),
    ("h5py", "import numpy, h5py; f = h5py.File('x', 'w', driver='core', backing_store=False); f['a'] = numpy.ones(2); f['a'][:]"),
    ("matplotlib.path", "from matplotlib.path import Path; Path([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]).contains_points([[0.5, 0.2]])"),
    ("ml_dtypes", "import numpy, ml_dtypes; numpy.zeros(2, ml_dtypes.bfloat16) + 1"),
    ("netCDF4", "import netCDF4; d = netCDF4.Dataset('x', 'w', diskless=True); d.createDimension('n', 2); d.createVariable('v', 'f8', ('n',))[:] = 1"),
    ("numba", "import numpy, numba; assert numba.njit(lambda x: x.sum())(numpy.ones(3)) == 3"),
    ("numexpr", "import numpy, numexpr; assert numexpr.evaluate('a + 1', {'a': numpy.ones(3)}).sum() == 6"),
    ("pandas", "import pandas; assert pandas.Series([1.0, 2.0]).sum() == 3"),
    ("pyarrow", "import numpy, pyarrow; assert pyarrow.array(numpy.arange(3)).to_numpy().sum() == 3"),
    ("pycocotools", "import numpy; from pycocotools import mask; mask.decode(mask.encode(numpy.asfortranarray(numpy.eye(3, dtype='u1'))))"),
    ("pywt", "import pywt; pywt.dwt([1.0, 2.0, 3.0, 4.0], 'haar')"),
    ("scipy", "import numpy, scipy.linalg; scipy.linalg.inv(numpy.eye(2))"),
    ("shapely", "from shapely.geometry import Point; assert Point(0, 0).buffer(1).area > 3"),
    ("skimage", "import numpy; from skimage.measure import label; label(numpy.eye(3, dtype=int))"),
    ("sklearn", "from sklearn.neighbors import KDTree; KDTree([[0.0], [1.0]]).query([[0.2]])"),
    ("statsmodels", "import numpy, statsmodels.tsa.stattools as t; t.acf(numpy.arange(10.0), nlags=2)"),
    ("tables", "import numpy, tables; f = tables.open_file('x', 'w', driver='H5FD_CORE', driver_core_backing_store=0); f.create_array('/', 'a', numpy.ones(2)); f.close()"),
    ("tensorflow", "import tensorflow; assert tensorflow.constant([1.0]).numpy().sum() == 1"),
    ("torch", "import numpy, torch; assert torch.zeros(1).numpy().sum() == 0 and torch.from_numpy(numpy.ones(2)).sum() == 2"),
];

/// Python statements that use NumPy through a module. `None` where none are known.
pub fn small_use(module: &str) -> Option<&'static str> {
    let position = USES.binary_search_by_key(&module, |(name, _)| name).ok()?;
    USES.get(position).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::{USES, small_use};

    #[test]
    fn every_use_is_found_and_names_its_module() {
        for (module, code) in USES {
            assert_eq!(small_use(module), Some(*code), "the table is sorted");
            assert!(code.contains(module.split('.').next().unwrap_or(module)), "{module}");
        }
        assert_eq!(small_use("no.such.module"), None);
    }
}
