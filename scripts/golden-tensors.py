"""Writes tests/tensor/golden/: small files made by NumPy and by the reference safetensors.

python -m venv .cache/golden && .cache/golden/bin/pip install numpy==2.4.6 safetensors==0.8.0
.cache/golden/bin/python scripts/golden-tensors.py          writes them
.cache/golden/bin/python scripts/golden-tensors.py --check DIR   reads what tutti wrote into DIR
"""
import sys
from pathlib import Path

import numpy
from numpy.lib import format as npy
from safetensors.numpy import load_file, save_file

arrays = {
    'float32': numpy.array([[1.5, -2.25, 0.0], [numpy.inf, 3e38, 1e-40]], numpy.float32),
    'float64': numpy.array([0.1, -1e300, numpy.pi]),
    'int32': numpy.array([[[-(2**31)], [2**31 - 1]]], numpy.int32),
    'int64': numpy.array([-(2**63), 2**63 - 1, 0]),
    'uint8': numpy.array([0, 7, 255], numpy.uint8),
    'bool': numpy.array([[True, False], [False, True]]),
    'scalar': numpy.array(2.5, numpy.float32),
    'empty': numpy.zeros((0, 4), numpy.float32),
}

if sys.argv[1:2] == ['--check']:
    folder = Path(sys.argv[2])
    tensors = load_file(folder / 'all.safetensors')
    assert set(tensors) == set(arrays)
    for name, array in arrays.items():
        for got in (tensors[name], numpy.load(folder / f'{name}.npy')):
            assert got.dtype == array.dtype and got.shape == array.shape and got.tobytes() == array.tobytes(), name
    print('what tutti wrote is what Python reads')
else:
    folder = Path(__file__).parent.parent / 'tests' / 'tensor' / 'golden'
    folder.mkdir(parents=True, exist_ok=True)
    save_file(arrays, folder / 'all.safetensors', {'made by': 'safetensors', 'é': '✓'})
    for name, array in arrays.items():
        numpy.save(folder / f'{name}.npy', array)
    with open(folder / 'version2.npy', 'wb') as file:
        npy.write_array(file, arrays['float32'], version=(2, 0))
    numpy.save(folder / 'fortran.npy', numpy.asfortranarray(arrays['float32']))
    numpy.save(folder / 'bigendian.npy', arrays['float32'].astype('>f4'))
    save_file({'half': numpy.zeros(2, numpy.float16)}, folder / 'half.safetensors')
