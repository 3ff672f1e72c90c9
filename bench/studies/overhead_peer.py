"""What a trial that does nothing costs others: python overhead_peer.py optuna-memory|optuna-sqlite|ray TRIALS -> a line of JSON."""

import json
import logging
import os
import sys
import tempfile
import time

which, trials = sys.argv[1], int(sys.argv[2])


def value(a, b, c, d):
    return a * a + b + c


def run_optuna(storage):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        a = trial.suggest_float("a", 0, 1)
        b = trial.suggest_float("b", 1e-3, 1, log=True)
        c = trial.suggest_int("c", 1, 10)
        d = trial.suggest_categorical("d", ["x", "y"])
        return value(a, b, c, d)

    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(sampler=sampler, storage=storage, pruner=optuna.pruners.NopPruner())
    study.optimize(objective, n_trials=10)
    began = time.perf_counter()
    study.optimize(objective, n_trials=trials)
    return time.perf_counter() - began, optuna.__version__


def run_ray():
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    os.environ["RAY_DEDUP_LOGS"] = "0"
    os.environ["TUNE_DISABLE_AUTO_CALLBACK_LOGGERS"] = "1"
    import ray
    from ray import tune

    ray.init(num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)

    # Workers that stay alive from trial to trial, as ours do: without it each trial starts a process.
    def objective(config):
        tune.report({"y": value(**config)})

    space = {"a": tune.uniform(0, 1), "b": tune.loguniform(1e-3, 1), "c": tune.randint(1, 11), "d": tune.choice(["x", "y"])}

    def go(count):
        with tempfile.TemporaryDirectory() as folder:
            run = tune.RunConfig(storage_path=folder, verbose=0)
            tuner = tune.Tuner(objective, param_space=space, tune_config=tune.TuneConfig(num_samples=count, metric="y", mode="min", reuse_actors=True), run_config=run)
            began = time.perf_counter()
            results = tuner.fit()
            assert len(results) == count and not results.errors
            return time.perf_counter() - began

    go(4)
    seconds = go(trials)
    version = ray.__version__
    ray.shutdown()
    return seconds, version


if which == "optuna-memory":
    seconds, version = run_optuna(None)
elif which == "optuna-sqlite":
    with tempfile.TemporaryDirectory() as folder:
        seconds, version = run_optuna(f"sqlite:///{folder}/study.db")
else:
    seconds, version = run_ray()
print(json.dumps({"seconds": seconds, "trials": trials, "version": version}), flush=True)
