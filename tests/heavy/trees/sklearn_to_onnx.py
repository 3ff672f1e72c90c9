"""Trains scikit-learn's tree models on generated data, and writes each as ONNX with rows and what scikit-learn predicts for them.

python sklearn_to_onnx.py FOLDER [--small]
FOLDER/NAME.onnx, NAME.x.npy and NAME.outputs.npy (probabilities or values); prints the names as JSON.
"""
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx.helper
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings("ignore")

# skl2onnx hands numpy's integers of HistGradientBoosting to onnx, which takes Python's only.
made = onnx.helper.make_attribute


def make_attribute(key, value, *rest, **more):
    if isinstance(value, (list, tuple)) and len(value) > 0 and isinstance(value[0], (np.integer, np.bool_, bool)):
        value = [int(each) for each in value]
    return made(key, value, *rest, **more)


onnx.helper.make_attribute = make_attribute
from skl2onnx import to_onnx  # noqa: E402

folder, small = Path(sys.argv[1]), "--small" in sys.argv
folder.mkdir(parents=True, exist_ok=True)
rows, trees, depth = (200, 3, 3) if small else (3000, 40, None)
chance = np.random.default_rng(7)
x = chance.normal(size=(rows, 6)).astype(np.float32)
x[:, 4] = np.round(x[:, 4] * 2)
score = x[:, 0] + x[:, 1] * x[:, 2] + 0.3 * chance.normal(size=rows)
two, three, value = (score > 0).astype(int), np.digitize(score, [-0.7, 0.7]), score.astype(np.float64)
named = np.array(["low", "middle", "high"])[three]
holes = x.copy()
holes[chance.random(x.shape) < 0.1] = np.nan

forest = {"n_estimators": trees, "max_depth": depth, "random_state": 1}
boost = {"n_estimators": trees, "max_depth": 3, "random_state": 1}
hist = {"max_iter": trees, "max_leaf_nodes": 8 if small else 31, "random_state": 1}
models = {
    "decision-tree-two": (DecisionTreeClassifier(max_depth=depth, random_state=1), x, two),
    "decision-tree-named": (DecisionTreeClassifier(max_depth=depth, random_state=1), x, named),
    "decision-tree-value": (DecisionTreeRegressor(max_depth=depth, random_state=1), x, value),
    "forest-two": (RandomForestClassifier(**forest), x, two),
    "forest-three": (RandomForestClassifier(**forest), x, three),
    "forest-value": (RandomForestRegressor(**forest), x, value),
    "extra-two": (ExtraTreesClassifier(**forest), x, two),
    "extra-named": (ExtraTreesClassifier(**forest), x, named),
    "extra-value": (ExtraTreesRegressor(**forest), x, value),
    "boosting-two": (GradientBoostingClassifier(**boost), x, two),
    "boosting-three": (GradientBoostingClassifier(**boost), x, three),
    "boosting-value": (GradientBoostingRegressor(**boost), x, value),
    "hist-two": (HistGradientBoostingClassifier(**hist), holes, two),
    "hist-three": (HistGradientBoostingClassifier(**hist), holes, three),
    "hist-value": (HistGradientBoostingRegressor(**hist), holes, value),
}
names = []
for name, (model, data, target) in models.items():
    model.fit(data, target)
    classifies = hasattr(model, "predict_proba")
    try:
        onnx_model = to_onnx(model, data[:1], options={"zipmap": name.endswith("named")} if classifies else None)
    except Exception as error:
        print(f"{name}: the converter fails: {str(error)[:200]}", file=sys.stderr)
        continue
    (folder / f"{name}.onnx").write_bytes(onnx_model.SerializeToString())
    seen = data[: min(rows, 1000)]
    outputs = model.predict_proba(seen) if classifies else model.predict(seen)[:, None]
    np.save(folder / f"{name}.x.npy", np.ascontiguousarray(seen))
    np.save(folder / f"{name}.outputs.npy", np.ascontiguousarray(outputs))
    names.append(name)
print(json.dumps(names))
