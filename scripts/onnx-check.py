"""Judges ONNX models as others will: with the checker of `onnx` and with Python's onnxruntime.

python scripts/onnx-check.py FOLDER

FOLDER holds one folder a case: case.json (name, tolerance, domains of operators beside ONNX's own), model.onnx, feeds.safetensors and wanted.safetensors.
Prints one JSON object: the case's name -> what is wrong with it, or null.
"""
import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3


def judge(folder: Path, tolerance: float, domains: list[str]) -> str | None:
    model = onnx.load(folder / 'model.onnx')
    onnx.checker.check_model(model, full_check=True)
    foreign = {found.domain for found in [*model.opset_import, *model.graph.node]} - {'', *domains}
    if foreign:
        return f'it uses operators of {sorted(foreign)}'
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=['CPUExecutionProvider'])
    feeds = load_file(folder / 'feeds.safetensors')
    wanted = load_file(folder / 'wanted.safetensors')
    names = [output.name for output in session.get_outputs()]
    if set(names) != set(wanted):
        return f'its outputs are {sorted(names)} instead of {sorted(wanted)}'
    for name, got in zip(names, session.run(names, feeds)):
        problem = difference(got, wanted[name], tolerance)
        if problem:
            return f'{name} {problem}'
    return None


def difference(got: numpy.ndarray, want: numpy.ndarray, tolerance: float) -> str | None:
    if got.dtype != want.dtype:
        return f'is {got.dtype} instead of {want.dtype}'
    if got.shape != want.shape:
        return f'has shape {got.shape} instead of {want.shape}'
    if want.dtype.kind != 'f':
        right = got == want
    else:
        with numpy.errstate(invalid='ignore'):
            near = numpy.abs(got - want) <= tolerance * numpy.maximum(1, numpy.abs(want))
        right = near | (got == want) | (numpy.isnan(got) & numpy.isnan(want))
    if right.all():
        return None
    at = tuple(int(i) for i in numpy.argwhere(~right)[0])
    return f'at {list(at)} is {got[at]} instead of {want[at]}'


verdicts = {}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    case = json.loads((folder / 'case.json').read_text())
    try:
        verdicts[case['name']] = judge(folder, case['tolerance'], case.get('domains', []))
    except Exception as error:  # every way to refuse a model is a verdict
        verdicts[case['name']] = f'{type(error).__name__}: {error}'
json.dump(verdicts, sys.stdout)
