"""PyTorch as a measured program: eager, CPU, the same workloads from the same first weights on the same batch.

Written as its users write it, with what makes it fast: data already in tensors, zero_grad(set_to_none=True), nn.GRU,
scaled_dot_product_attention, the optimizers' default implementation, and no .item() in a measured step.
"""
import gzip
import json
import math
import os
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

M32 = np.uint64(0xFFFFFFFF)


def bits(seed, size):
    """The same formula as lib/values.ts; in 64 bits, cut to 32 after each product."""
    mul = lambda a, b: (a * np.uint64(b)) & M32
    h = mul((np.arange(size, dtype=np.uint64) + np.uint64(1)) & M32, 0x9E3779B1) ^ mul(np.uint64(seed + 1), 0x85EBCA6B)
    h = mul(h ^ (h >> np.uint64(16)), 0x7FEB352D)
    h = mul(h ^ (h >> np.uint64(15)), 0x846CA68B)
    return h ^ (h >> np.uint64(16))


def reals(seed, shape, center, bound):
    size = int(np.prod(shape, dtype=np.int64))
    values = center + bound * (2 * bits(seed, size).astype(np.float64) / 4294967296 - 1)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def integers(seed, shape, below):
    size = int(np.prod(shape, dtype=np.int64))
    return torch.from_numpy((bits(seed, size) % np.uint64(below)).astype(np.int64).reshape(shape))


def weights(workload):
    return {p["name"]: reals(p["seed"], p["shape"], p["center"], p["bound"]) for p in workload["params"]}


def put(parameter, value):
    with torch.no_grad():
        assert parameter.shape == value.shape, (parameter.shape, value.shape)
        parameter.copy_(value)


def put_linear(layer, given, name):
    put(layer.weight, given[f"{name}.weight"].T)
    put(layer.bias, given[f"{name}.bias"])


class Mlp(nn.Module):
    def __init__(self, spec):
        super().__init__()
        sizes = spec["sizes"]
        layers = []
        for i in range(len(sizes) - 1):
            layers += [nn.Linear(sizes[i], sizes[i + 1])] + ([nn.ReLU()] if i + 2 < len(sizes) else [])
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)

    def begin(self, given):
        for i, layer in enumerate(m for m in self.layers if isinstance(m, nn.Linear)):
            put_linear(layer, given, f"dense{i + 1}")


class Cnn(nn.Module):
    def __init__(self, spec):
        super().__init__()
        c, k, side, units = spec["channels"], spec["kernel"], spec["side"], spec["units"]
        self.conv1, self.conv2 = nn.Conv2d(c[0], c[1], k, padding=k // 2), nn.Conv2d(c[1], c[2], k, padding=k // 2)
        self.dense1, self.dense2 = nn.Linear((side // 4) ** 2 * c[2], units), nn.Linear(units, 10)
        self.layers = nn.Sequential(
            self.conv1, nn.ReLU(), nn.MaxPool2d(2), self.conv2, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), self.dense1, nn.ReLU(), self.dense2
        )

    def forward(self, x):
        return self.layers(x)

    def begin(self, given):
        for name in ("conv1", "conv2"):
            put(getattr(self, name).weight, given[f"{name}.weight"])
            put(getattr(self, name).bias, given[f"{name}.bias"])
        for name in ("dense1", "dense2"):
            put_linear(getattr(self, name), given, name)


class Gru(nn.Module):
    def __init__(self, spec):
        super().__init__()
        self.gru = nn.GRU(spec["input"], spec["units"], batch_first=True)
        self.dense = nn.Linear(spec["units"], 10)

    def forward(self, x):
        return self.dense(self.gru(x)[0][:, -1])

    def begin(self, given):
        put(self.gru.weight_ih_l0, given["gru.input"].T)
        put(self.gru.weight_hh_l0, given["gru.hidden"].T)
        put(self.gru.bias_ih_l0, given["gru.inputBias"])
        put(self.gru.bias_hh_l0, given["gru.hiddenBias"])
        put_linear(self.dense, given, "dense")


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.projection = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, x):
        batch, length, width = x.shape
        split = lambda t: t.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = (split(t) for t in self.qkv(self.norm1(x)).split(width, dim=2))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.contract(F.gelu(self.expand(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, spec):
        super().__init__()
        width = spec["width"]
        self.tokens = nn.Embedding(spec["vocabulary"], width)
        self.positions = nn.Parameter(torch.zeros(spec["context"], width))
        self.blocks = nn.ModuleList(Block(width, spec["heads"], spec["hidden"]) for _ in range(spec["layers"]))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, spec["vocabulary"])

    def forward(self, x):
        h = self.tokens(x) + self.positions
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))

    def begin(self, given):
        put(self.tokens.weight, given["tokens"])
        put(self.positions, given["positions"])
        norms = {"norm": self.norm}
        for i, block in enumerate(self.blocks, 1):
            norms |= {f"block{i}.norm1": block.norm1, f"block{i}.norm2": block.norm2}
            for name in ("qkv", "projection", "expand", "contract"):
                put_linear(getattr(block, name), given, f"block{i}.{name}")
        for name, norm in norms.items():
            put(norm.weight, given[f"{name}.scale"])
            put(norm.bias, given[f"{name}.bias"])
        put_linear(self.head, given, "head")


MODELS = {"mlp": Mlp, "cnn": Cnn, "gru": Gru, "transformer": Transformer}
OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}


def batch_of(workload):
    shape = [workload["batch"], *workload["x"]["shape"]]
    x = reals(0, shape, 0.5, 0.5) if workload["x"]["kind"] == "reals" else integers(0, shape, workload["x"]["below"])
    return x, integers(1, [workload["batch"], *workload["y"]["shape"]], workload["y"]["classes"])


def make(workload, given=None):
    """A model with its optimizer, and the training step."""
    model = MODELS[workload["model"]["kind"]](workload["model"])
    if given is not None:
        model.begin(given)
    optimizer = OPTIMIZERS[workload["optimizer"]](model.parameters(), lr=workload["learningRate"])
    classes = workload["y"]["classes"]

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(x).reshape(-1, classes), y.reshape(-1))
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


state = {}


def prepare(command):
    torch.set_num_threads(command["threads"])
    workload = command["workload"]
    x, y = batch_of(workload)
    started = time.perf_counter()
    step = make(workload)
    step(x, y).item()
    elapsed = time.perf_counter() - started
    state.update(workload=workload, step=lambda: step(x, y))
    return {"version": f"torch {torch.__version__} eager, CPU", "firstStep": elapsed * 1000}


def steps(command):
    step = state["step"]
    for _ in range(command["warm"]):
        step()
    times = []
    last = time.perf_counter()
    for _ in range(command["count"]):
        step()
        now = time.perf_counter()
        times.append((now - last) * 1000)
        last = now
    return {"times": times}


def losses(command):
    workload = state["workload"]
    x, y = batch_of(workload)
    step = make(workload, weights(workload))
    return {"losses": [step(x, y).item() for _ in range(command["count"])]}


def idx(path):
    with gzip.open(path, "rb") as file:
        content = file.read()
    sizes = np.frombuffer(content, ">i4", content[3], 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)


def epoch(command):
    torch.set_num_threads(command["threads"])
    workload, folder = command["workload"], os.path.join(command["dir"], "mnist")
    started = time.perf_counter()
    sets = {}
    for part in ("train", "t10k"):
        images = torch.from_numpy(idx(f"{folder}/{part}-images-idx3-ubyte.gz").astype(np.float32)).div_(255).view(-1, 784)
        sets[part] = images, torch.from_numpy(idx(f"{folder}/{part}-labels-idx1-ubyte.gz").astype(np.int64))
    x, y = sets["train"]
    loading = time.perf_counter() - started
    step = make(workload)
    total, size = torch.zeros(()), workload["batch"]
    if command["variant"] == "loader":
        loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=size, shuffle=True)
        for xs, ys in loader:
            total += step(xs, ys) * len(xs)
    else:
        order = torch.randperm(len(x))
        for rows in order.split(size):
            total += step(x[rows], y[rows]) * len(rows)
    loss = (total / len(x)).item()
    return {"milliseconds": (time.perf_counter() - started) * 1000, "loading": loading * 1000, "loss": loss}


def memory(command):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak": peak / 1024 / (1024 if sys.platform == "darwin" else 1)}


HANDLERS = {"prepare": prepare, "steps": steps, "losses": losses, "epoch": epoch, "memory": memory}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = HANDLERS[request["do"]](request)
    except Exception as error:  # an answer too: the measuring side decides what it means
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
