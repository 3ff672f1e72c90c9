"""What PyTorch's optimizers, schedules and clipping give, as JSON that the tests of `src/optim` compare with.

    pip install torch && python scripts/optimizer-vectors.py

The gradient is a formula of the parameter and the step, the same here and in the tests, so only results are stored.
Everything is float64. Lion is not in PyTorch; it is written here from its paper, without our way of scaling buffers.
"""

import json
import math
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "optim" / "vectors"
STEPS = [1, 2, 3, 10, 50, 100]
START = [0.5, -1.25, 2.0, 0.03, -0.7, 1.1]


def gradient(p, step):
    """a_i p_i - b_i + sin(i + step / 3), with some elements exactly 0 at times."""
    i = torch.arange(len(START), dtype=torch.float64)
    return (0.3 + 0.2 * i) * p - (0.5 - 0.1 * i) + 0.5 * torch.sin(i + step / 3)


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, algorithm 2."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                update = torch.sign(beta1 * m + (1 - beta1) * p.grad) + group["weight_decay"] * p.data
                p.data = p.data - group["lr"] * update
                m.copy_(beta2 * m + (1 - beta2) * p.grad)


def optimizers():
    o = torch.optim
    yield "sgd", {}, o.SGD, {"lr": 0.01}
    yield "sgd", {"learningRate": 0.1, "weightDecay": 0.05}, o.SGD, {"lr": 0.1, "weight_decay": 0.05}
    yield "sgd", {"learningRate": 0.05, "momentum": 0.9}, o.SGD, {"lr": 0.05, "momentum": 0.9}
    yield (
        "sgd",
        {"learningRate": 0.05, "momentum": 0.8, "dampening": 0.3, "weightDecay": 0.01},
        o.SGD,
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.01},
    )
    yield (
        "sgd",
        {"learningRate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.02},
        o.SGD,
        {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02},
    )
    yield "momentum", {}, o.SGD, {"lr": 0.01, "momentum": 0.9}
    yield "nesterov", {"momentum": 0.95}, o.SGD, {"lr": 0.01, "momentum": 0.95, "nesterov": True}
    yield "adam", {}, o.Adam, {}
    yield (
        "adam",
        {"learningRate": 0.05, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3, "weightDecay": 0.1},
        o.Adam,
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1},
    )
    yield "adam", {"learningRate": 0.01, "beta1": 0}, o.Adam, {"lr": 0.01, "betas": (0.0, 0.999)}
    yield "adamW", {}, o.AdamW, {}
    yield (
        "adamW",
        {"learningRate": 0.03, "beta1": 0.85, "beta2": 0.99, "epsilon": 1e-2, "weightDecay": 0.2},
        o.AdamW,
        {"lr": 0.03, "betas": (0.85, 0.99), "eps": 1e-2, "weight_decay": 0.2},
    )
    yield "rmsprop", {}, o.RMSprop, {}
    yield (
        "rmsprop",
        {"learningRate": 0.02, "alpha": 0.9, "epsilon": 1e-2, "weightDecay": 0.05, "momentum": 0.5},
        o.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-2, "weight_decay": 0.05, "momentum": 0.5},
    )
    yield (
        "rmsprop",
        {"learningRate": 0.02, "alpha": 0.95, "centered": True, "momentum": 0.7},
        o.RMSprop,
        {"lr": 0.02, "alpha": 0.95, "centered": True, "momentum": 0.7},
    )
    yield "adagrad", {}, o.Adagrad, {}
    yield (
        "adagrad",
        {"learningRate": 0.1, "rateDecay": 0.05, "initialSum": 0.2, "epsilon": 1e-3, "weightDecay": 0.1},
        o.Adagrad,
        {"lr": 0.1, "lr_decay": 0.05, "initial_accumulator_value": 0.2, "eps": 1e-3, "weight_decay": 0.1},
    )
    yield "lion", {}, Lion, {}
    yield (
        "lion",
        {"learningRate": 0.01, "beta1": 0.8, "beta2": 0.95, "weightDecay": 0.3},
        Lion,
        {"lr": 0.01, "betas": (0.8, 0.95), "weight_decay": 0.3},
    )


def run(make, options):
    p = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = make([p], **options)
    found = []
    for step in range(1, max(STEPS) + 1):
        p.grad = gradient(p.data, step)
        optimizer.step()
        if step in STEPS:
            found.append(p.data.tolist())
    return found


def schedules():
    s = torch.optim.lr_scheduler
    length = 40
    yield "step", {"learningRate": 0.1, "every": 7, "factor": 0.5}, None, lambda o: s.StepLR(o, 7, 0.5)
    yield "exponential", {"learningRate": 0.1, "factor": 0.9}, None, lambda o: s.ExponentialLR(o, 0.9)
    yield (
        "cosine",
        {"learningRate": 0.1, "minimum": 0.01},
        length,
        lambda o: s.CosineAnnealingLR(o, length, 0.01),
    )
    yield "linear", {"from": 0.05, "to": 0.1, "steps": 15}, None, lambda o: s.LinearLR(o, 0.5, 1.0, 15)
    yield "oneCycle", {"learningRate": 0.1}, length, lambda o: s.OneCycleLR(o, 0.1, length)
    yield (
        "oneCycle",
        {"learningRate": 0.1, "steps": 39, "rise": 0.45, "startDivisor": 10, "endDivisor": 100},
        None,
        lambda o: s.OneCycleLR(o, 0.1, 39, pct_start=0.45, div_factor=10, final_div_factor=100),
    )
    yield (
        "piecewise",
        {"boundaries": [5, 20], "rates": [0.1, 0.01, 0.001]},
        None,
        lambda o: s.MultiStepLR(o, [5, 20], 0.1),
    )
    yield (
        "warmUp",
        {"steps": 8, "from": 0.25, "next": {"kind": "cosine", "learningRate": 0.1}},
        length,
        lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.25, 1.0, 8), s.CosineAnnealingLR(o, length - 8)], [8]),
    )


def rates(make):
    p = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([p], lr=0.1)
    schedule = make(optimizer)
    found = []
    for i in range(39):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step() if i < 38 else None
    return found


def clipping():
    gradients = [[3.0, -4.0, 0.5], [[0.1, -0.2], [2.0, 12.0]]]
    for clip in [{"norm": 1.0}, {"norm": 5.0}, {"norm": 100.0}, {"value": 0.4}]:
        params = [torch.nn.Parameter(torch.zeros_like(torch.tensor(g, dtype=torch.float64))) for g in gradients]
        for p, g in zip(params, gradients):
            p.grad = torch.tensor(g, dtype=torch.float64)
        if "norm" in clip:
            torch.nn.utils.clip_grad_norm_(params, clip["norm"])
        else:
            torch.nn.utils.clip_grad_value_(params, clip["value"])
        yield {"clip": clip, "gradients": gradients, "clipped": [p.grad.flatten().tolist() for p in params]}


def write(name, content):
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    assert math.isclose(gradient(torch.zeros(6, dtype=torch.float64), 0)[0].item(), -0.5)
    cases = [{"kind": k, "options": ours, "params": run(make, theirs)} for k, ours, make, theirs in optimizers()]
    write("optimizers", {"torch": torch.__version__, "start": START, "steps": STEPS, "cases": cases})
    cases = [{"kind": k, "options": ours, "total": total, "rates": rates(make)} for k, ours, total, make in schedules()]
    write("schedules", {"torch": torch.__version__, "cases": cases})
    write("clipping", {"torch": torch.__version__, "cases": list(clipping())})
