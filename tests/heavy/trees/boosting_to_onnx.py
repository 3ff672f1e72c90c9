"""Trains LightGBM and XGBoost on generated data, and writes each as ONNX with rows and what it predicts for them.

python boosting_to_onnx.py FOLDER [--small]
FOLDER/NAME.onnx, NAME.x.npy and NAME.outputs.npy (probabilities or values); prints the names as JSON.
"""
import json
import sys
import warnings
from pathlib import Path

import lightgbm
import numpy as np
import xgboost
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

warnings.filterwarnings("ignore")
folder, small = Path(sys.argv[1]), "--small" in sys.argv
folder.mkdir(parents=True, exist_ok=True)
rows, trees, leaves, depth = (300, 3, 5, 2) if small else (3000, 40, 31, 5)
chance = np.random.default_rng(7)
x = chance.normal(size=(rows, 6)).astype(np.float32)
x[chance.random(x.shape) < 0.1] = np.nan
x[:, 3] = chance.integers(0, 12 if small else 60, rows)
known = np.nan_to_num(x)
score = known[:, 0] + 0.5 * known[:, 1] + known[:, 3] % 3 - 1 + 0.2 * chance.normal(size=rows)
two, three, value, counts = (score > 0).astype(int), np.digitize(score, [-0.7, 0.7]), score, chance.poisson(np.exp(score))

light = {"n_estimators": trees, "num_leaves": leaves, "verbose": -1, "n_jobs": 1, "min_child_samples": 5}
extreme = {"n_estimators": trees, "max_depth": depth, "n_jobs": 1}
models = {
    "lightgbm-two": (lightgbm.LGBMClassifier(**light), two, {}),
    "lightgbm-three": (lightgbm.LGBMClassifier(**light), three, {}),
    "lightgbm-value": (lightgbm.LGBMRegressor(**light), value, {}),
    "lightgbm-sets-two": (lightgbm.LGBMClassifier(**light), two, {"categorical_feature": [3]}),
    "lightgbm-sets-three": (lightgbm.LGBMClassifier(**light), three, {"categorical_feature": [3]}),
    "lightgbm-sets-value": (lightgbm.LGBMRegressor(**light), value, {"categorical_feature": [3]}),
    "xgboost-two": (xgboost.XGBClassifier(**extreme), two, {}),
    "xgboost-three": (xgboost.XGBClassifier(**extreme), three, {}),
    "xgboost-value": (xgboost.XGBRegressor(**extreme), value, {}),
    "xgboost-counts-value": (xgboost.XGBRegressor(objective="count:poisson", **extreme), counts, {}),
}
for name, (model, target, more) in models.items():
    model.fit(x, target, **more)
    types = [("X", FloatTensorType([None, x.shape[1]]))]
    classifies = hasattr(model, "predict_proba")
    if name.startswith("xgboost"):
        converted = convert_xgboost(model, initial_types=types)
    else:
        converted = convert_lightgbm(model, initial_types=types, **({"zipmap": False} if classifies else {}))
    (folder / f"{name}.onnx").write_bytes(converted.SerializeToString())
    seen = x[: min(rows, 1000)]
    outputs = model.predict_proba(seen) if classifies else model.predict(seen)[:, None]
    np.save(folder / f"{name}.x.npy", np.ascontiguousarray(seen))
    np.save(folder / f"{name}.outputs.npy", np.ascontiguousarray(outputs, dtype=np.float64))
print(json.dumps(list(models)))
