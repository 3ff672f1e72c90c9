"""Ray Tune as the entrypoint of a Ray job: python tune_peer.py trivial TRIALS WORKERS | grid FOLDER WORKERS POINTS -> a line of JSON.

The job itself takes no CPU; each trial takes one, and actors are used again from trial to trial: without that each trial
starts a process.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import time

os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
# Not to wait between writing the state of the experiment.
os.environ["TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S"] = "0"
import ray
from ray import tune

started = time.perf_counter()
ray.init(logging_level=logging.ERROR, log_to_driver=False)
# With nodes on one host a folder of that host serves as the storage they share.
folder = tempfile.mkdtemp()


class Ends(tune.Callback):
    """When each trial was complete, as the driver saw it."""

    def __init__(self):
        self.at = []

    def on_trial_complete(self, iteration, trials, trial, **info):
        self.at.append(time.perf_counter())


def search(objective, space, workers, metric, mode, samples=1):
    ends = Ends()
    tuner = tune.Tuner(
        tune.with_resources(objective, {"cpu": 1}),
        param_space=space,
        tune_config=tune.TuneConfig(num_samples=samples, metric=metric, mode=mode, max_concurrent_trials=workers, reuse_actors=True),
        run_config=tune.RunConfig(storage_path=folder, verbose=0, callbacks=[ends]),
    )
    began = time.perf_counter()
    results = tuner.fit()
    seconds = time.perf_counter() - began
    assert not results.errors, results.errors
    return results, seconds, ends.at


def trivial(trials, workers):
    def objective(config):
        tune.report({"y": config["a"] ** 2 + config["b"] + config["c"]})

    space = {"a": tune.uniform(0, 1), "b": tune.loguniform(1e-3, 1), "c": tune.randint(1, 11), "d": tune.choice(["x", "y"])}
    warm = 10
    results, seconds, at = search(objective, space, workers, "y", "min", trials + warm)
    assert len(results) == len(at) == trials + warm
    # From the end of one that was not the first to the end of the last: no start of a process is counted.
    return {"seconds": at[-1] - at[warm - 1], "trials": trials, "whole": seconds}


def grid(source, workers, points):
    import numpy as np

    x, y, folds = (np.load(f"{source}/{name}.npy") for name in ("x", "y", "folds"))

    def objective(config, x, y, folds):
        from sklearn.ensemble import RandomForestClassifier

        scores = []
        for fold in range(folds.max() + 1):
            test = folds == fold
            forest = RandomForestClassifier(
                n_estimators=config["nEstimators"], max_depth=config["maxDepth"], ccp_alpha=config["ccpAlpha"], n_jobs=1, random_state=0
            )
            forest.fit(x[~test], y[~test])
            scores.append(forest.score(x[test], y[test]))
        tune.report({"accuracy": float(np.mean(scores))})

    space = {name: tune.grid_search(values) for name, values in points.items()}
    results, seconds, at = search(tune.with_parameters(objective, x=x, y=y, folds=folds), space, workers, "accuracy", "max")
    best = results.get_best_result()
    return {"seconds": seconds, "trials": len(at), "best": best.metrics["accuracy"], "at": {name: best.config[name] for name in points}}


try:
    if sys.argv[1] == "trivial":
        answer = trivial(int(sys.argv[2]), int(sys.argv[3]))
    else:
        answer = grid(sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4]))
finally:
    shutil.rmtree(folder, ignore_errors=True)
import sklearn

versions = {"ray": ray.__version__, "scikit-learn": sklearn.__version__}
print("ANSWER", json.dumps({**answer, "versions": versions, "job": time.perf_counter() - started}), flush=True)
