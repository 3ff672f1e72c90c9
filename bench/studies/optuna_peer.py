"""Optuna as a measured program: reads one JSON request a line, answers in JSON lines, the last of them {"done": true}.

{"do": "values", "function": F, "configs": [...]}                   -> {"values": [...]}
{"do": "quality", "function": F, "sampler": S, "seeds": [...], "trials": N} -> a line for each seed: {"seed", "best", "seconds"}
{"do": "suggest", "sampler": S, "dimensions": D, "told": N, "asks": A}      -> {"milliseconds": [...]}

Samplers are as their users write them: `TPESampler(seed=...)`, `GPSampler(seed=...)`; the storage is in memory.
"""
import json
import math
import sys
import time
import warnings

import numpy as np
import optuna

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

SAMPLERS = {"tpe": optuna.samplers.TPESampler, "gp": optuna.samplers.GPSampler, "random": optuna.samplers.RandomSampler}

HARTMANN6 = (
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]],
    [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]],
)
HARTMANN3 = (
    [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]],
    [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]],
)


def branin(x):
    bowl = x[1] - 5.1 / (4 * math.pi**2) * x[0] ** 2 + 5 / math.pi * x[0] - 6
    return bowl**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10


def hartmann(x, tables):
    a, p = tables
    alpha = [1, 1.2, 3, 3.2]
    return -sum(
        alpha[k] * math.exp(-sum(a[k][i] * (x[i] - p[k][i] * 1e-4) ** 2 for i in range(len(x)))) for k in range(4)
    )


def ackley(x):
    n = len(x)
    root = math.sqrt(sum(v * v for v in x) / n)
    waves = sum(math.cos(2 * math.pi * v) for v in x) / n
    return -20 * math.exp(-0.2 * root) - math.exp(waves) + 20 + math.e


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def levy(x):
    w = [1 + (v - 1) / 4 for v in x]
    middle = sum((v - 1) ** 2 * (1 + 10 * math.sin(math.pi * v + 1) ** 2) for v in w[:-1])
    return math.sin(math.pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)


def griewank(x):
    product = math.prod(math.cos(v / math.sqrt(i + 1)) for i, v in enumerate(x))
    return sum(v * v for v in x) / 4000 - product + 1


def styblinski(x):
    return sum(v**4 - 16 * v**2 + 5 * v for v in x) / 2


def rastrigin(x):
    return sum(v * v - 10 * math.cos(2 * math.pi * v) + 10 for v in x)


# Ranges and formula of functions of real numbers x0, x1, ...
REAL = {
    "branin": ([(-5, 10), (0, 15)], branin),
    "hartmann6": ([(0, 1)] * 6, lambda x: hartmann(x, HARTMANN6)),
    "ackley10": ([(-32.768, 32.768)] * 10, ackley),
    "rosenbrock5": ([(-5, 10)] * 5, rosenbrock),
    "sphere4": ([(-5, 7)] * 4, lambda x: sum(v * v for v in x)),
    "levy4": ([(-10, 10)] * 4, levy),
    "griewank6": ([(-50, 70)] * 6, griewank),
    "styblinski5": ([(-5, 5)] * 5, styblinski),
    "hartmann3": ([(0, 1)] * 3, lambda x: hartmann(x, HARTMANN3)),
    "rastrigin3": ([(-5.12, 4)] * 3, rastrigin),
}


def suggest_mixed(trial):
    config = {
        "optimizer": trial.suggest_categorical("optimizer", ["sgd", "adam", "rmsprop"]),
        "rate": trial.suggest_float("rate", 1e-5, 1, log=True),
        "layers": trial.suggest_int("layers", 1, 6),
        "units": trial.suggest_int("units", 8, 1024, log=True),
        "dropout": trial.suggest_float("dropout", 0, 0.6, step=0.05),
        "activation": trial.suggest_categorical("activation", ["relu", "tanh", "sigmoid"]),
    }
    if config["optimizer"] == "sgd":
        config["momentum"] = trial.suggest_float("momentum", 0, 0.99)
    return config


def mixed(c):
    momentum = c.get("momentum", 0)
    log10 = math.log(c["rate"]) / math.log(10)
    if c["optimizer"] == "sgd":
        off, own = log10 - math.log(1 - momentum) / math.log(10) + 0.5, 0.3 * (momentum - 0.9) ** 2
    else:
        off, own = (log10 + 3, 0.03) if c["optimizer"] == "adam" else (log10 + 3.3, 0.05)
    layers = c["layers"]
    capacity = math.log(c["units"]) / math.log(2) + 1.5 * layers
    bent = {"relu": 0, "tanh": 0.05 + 0.02 * abs(layers - 2), "sigmoid": 0.1 * layers}[c["activation"]]
    size = 0.02 * (capacity - 13) ** 2 + 0.01 * (layers - 3) ** 2
    return 1 - math.exp(-(off**2) / 2) + own + size + 4 * (c["dropout"] - (0.03 * capacity - 0.15)) ** 2 + bent


def loss_of(name, config):
    if name == "mixed":
        return mixed(config)
    ranges, formula = REAL[name]
    return formula([config[f"x{i}"] for i in range(len(ranges))])


def suggest(name, trial):
    if name == "mixed":
        return suggest_mixed(trial)
    return {f"x{i}": trial.suggest_float(f"x{i}", low, high) for i, (low, high) in enumerate(REAL[name][0])}


def quality(request):
    name = request["function"]
    for seed in request["seeds"]:
        study = optuna.create_study(sampler=SAMPLERS[request["sampler"]](seed=seed))
        started = time.perf_counter()
        study.optimize(lambda trial: loss_of(name, suggest(name, trial)), n_trials=request["trials"])
        yield {"seed": seed, "best": study.best_value, "seconds": time.perf_counter() - started}


def measure_asks(request):
    """Suggestions after `told` random points of a sphere; each is told before the next is asked for."""
    names = [f"x{i}" for i in range(request["dimensions"])]
    study = optuna.create_study(sampler=SAMPLERS[request["sampler"]](seed=0))
    rng = np.random.default_rng(0)
    distribution = optuna.distributions.FloatDistribution(0, 1)
    loss = lambda config: sum((v - 0.3) ** 2 for v in config.values())
    for _ in range(request["told"]):
        config = {name: float(rng.random()) for name in names}
        study.add_trial(
            optuna.trial.create_trial(params=config, distributions={name: distribution for name in names}, value=loss(config))
        )
    times = []
    for _ in range(request["asks"]):
        started = time.perf_counter()
        trial = study.ask()
        config = {name: trial.suggest_float(name, 0, 1) for name in names}
        times.append(1000 * (time.perf_counter() - started))
        study.tell(trial, loss(config))
    yield {"milliseconds": times}


def answers(request):
    if request["do"] == "values":
        yield {"values": [loss_of(request["function"], config) for config in request["configs"]]}
    elif request["do"] == "quality":
        yield from quality(request)
    elif request["do"] == "suggest":
        yield from measure_asks(request)
    else:
        raise ValueError(f"unknown request {request['do']}")


def say(line):
    print(json.dumps(line), flush=True)


say({"version": f"Optuna {optuna.__version__}"})
for line in sys.stdin:
    try:
        for answer in answers(json.loads(line)):
            say(answer)
        say({"done": True})
    except Exception as error:  # A failed request is an answer, not the end.
        say({"error": f"{type(error).__name__}: {error}"})
