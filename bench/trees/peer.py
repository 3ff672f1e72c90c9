"""scikit-learn, LightGBM and XGBoost as one measured program: reads one JSON order a line, answers with one line.

{"do": "load", "as": NAME, "x": FILE.npy, "y": FILE.npy, "rows": N?}  -> {"rows", "columns"}
{"do": "fit", "data": NAME, "model": MODEL, "threads": T, "seed": S}  -> {"seconds", "nodes"}; the model stays
{"do": "predict", "data": NAME, "threads": T, "times": N}             -> {"seconds": [...]}
{"do": "single", "data": NAME, "rows": N}                             -> {"microseconds": [...]}
{"do": "score", "data": NAME}                                         -> {"score"}
{"do": "grid", "data": NAME, "grid": GRID, "folds": K, "workers": N, "seed": S} -> {"seconds", "best", "at", "cpus"}
{"do": "memory"}                                                      -> {"peak"}, megabytes

MODEL: {"kind": "forest", "task", "trees", "depth"?} or
       {"kind": "boosting", "library", "task", "rounds", "leaves", "bins", "rate", "least"}.
Reading files and turning them into arrays is never part of a measured time. BLAS and OpenMP are held to the threads asked for.
"""
import json
import os
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")

data = {}
model = None


def load(order):
    rows = order.get("rows")
    x = np.ascontiguousarray(np.load(order["x"])[:rows])
    y = np.load(order["y"])[:rows]
    data[order["as"]] = (x, y.astype(np.int64) if y.dtype == np.int32 else y)
    return {"rows": x.shape[0], "columns": x.shape[1]}


def forest(spec, threads, seed):
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    make = RandomForestClassifier if spec["task"] == "classification" else RandomForestRegressor
    return make(n_estimators=spec["trees"], max_depth=spec.get("depth"), n_jobs=threads, random_state=seed)


def boosting(spec, threads, seed):
    classify = spec["task"] == "classification"
    rounds, leaves, bins, rate, least = (spec[key] for key in ("rounds", "leaves", "bins", "rate", "least"))
    if spec["library"] == "lightgbm":
        from lightgbm import LGBMClassifier, LGBMRegressor

        return (LGBMClassifier if classify else LGBMRegressor)(
            n_estimators=rounds, num_leaves=leaves, max_bin=bins, learning_rate=rate, min_child_samples=least,
            n_jobs=threads, random_state=seed, verbose=-1,
        )
    if spec["library"] == "xgboost":
        from xgboost import XGBClassifier, XGBRegressor

        # It counts second derivatives, not rows, so the least number of rows in a leaf stays its own default.
        return (XGBClassifier if classify else XGBRegressor)(
            n_estimators=rounds, max_leaves=leaves, max_depth=0, grow_policy="lossguide", tree_method="hist", max_bin=bins,
            learning_rate=rate, reg_lambda=0, n_jobs=threads, random_state=seed, verbosity=0,
        )
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    return (HistGradientBoostingClassifier if classify else HistGradientBoostingRegressor)(
        max_iter=rounds, max_leaf_nodes=leaves, max_bins=bins, learning_rate=rate, min_samples_leaf=least,
        early_stopping=False, random_state=seed,
    )


def fit(order):
    global model
    from threadpoolctl import threadpool_limits

    x, y = data[order["data"]]
    spec = order["model"]
    model = (forest if spec["kind"] == "forest" else boosting)(spec, order["threads"], order["seed"])
    with threadpool_limits(limits=order["threads"]):
        started = time.perf_counter()
        model.fit(x, y)
        seconds = time.perf_counter() - started
    nodes = sum(tree.tree_.node_count for tree in model.estimators_) if spec["kind"] == "forest" else None
    return {"seconds": seconds, "nodes": nodes}


def predict(order):
    x, _ = data[order["data"]]
    if hasattr(model, "n_jobs"):
        model.n_jobs = order["threads"]
    seconds = []
    for _ in range(order["times"]):
        started = time.perf_counter()
        model.predict(x)
        seconds.append(time.perf_counter() - started)
    return {"seconds": seconds}


def single(order):
    x, _ = data[order["data"]]
    if hasattr(model, "n_jobs"):
        model.n_jobs = 1
    microseconds = []
    for row in range(order["rows"]):
        started = time.perf_counter()
        model.predict(x[row : row + 1])
        microseconds.append(1e6 * (time.perf_counter() - started))
    return {"microseconds": microseconds}


def score(order):
    return {"score": float(model.score(*data[order["data"]]))}


def grid(order):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    x, y = data[order["data"]]
    names = {"maxDepth": "max_depth", "nEstimators": "n_estimators", "ccpAlpha": "ccp_alpha"}
    search = GridSearchCV(
        RandomForestClassifier(random_state=order["seed"]),
        {names[key]: values for key, values in order["grid"].items()},
        cv=StratifiedKFold(order["folds"], shuffle=True, random_state=order["seed"]),
        n_jobs=order["workers"], refit=False,
    )
    started = time.perf_counter()
    search.fit(x, y)
    seconds = time.perf_counter() - started
    back = {there: here for here, there in names.items()}
    return {"seconds": seconds, "best": float(search.best_score_), "at": {back[key]: v for key, v in search.best_params_.items()}}


def memory(_):
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            peak = next(line for line in status if line.startswith("VmHWM:"))
        return {"peak": int(peak.split()[1]) / 1024}
    import resource

    return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)}


def version(package):
    from importlib.metadata import PackageNotFoundError, version as installed

    try:
        return installed(package)
    except PackageNotFoundError:
        return None


orders = {f.__name__: f for f in (load, fit, predict, single, score, grid, memory)}


def say(line):
    print(json.dumps(line), flush=True)


say({"versions": {name: version(name) for name in ("scikit-learn", "lightgbm", "xgboost")}, "pid": os.getpid()})
for line in sys.stdin:
    order = json.loads(line)
    try:
        say(orders[order["do"]](order))
    except Exception as error:  # A failed order is an answer, not the end.
        say({"error": f"{type(error).__name__}: {error}"})
