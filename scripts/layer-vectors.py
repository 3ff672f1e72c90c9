"""What PyTorch's losses and layers give, as JSON that the tests of `src/nn` compare with.

    pip install torch && python scripts/layer-vectors.py

Everything is float64, seeded, small. Layers are given with their weights in our layout: dense weights are [in, out].
"""

import json
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "nn" / "vectors"
torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def numbers(t):
    return {"shape": list(t.shape), "data": [round(x, 12) for x in t.detach().flatten().tolist()]}


def normal(*shape):
    return torch.randn(*shape).mul(1000).round().div(1000)


def loss(kind, options, make, output, target, classes_first=None):
    """Value and gradient to the outputs."""
    output = output.clone().requires_grad_()
    seen = output if classes_first is None else output.movedim(-1, 1)
    value = make(seen, target)
    value.backward()
    return {
        "kind": kind,
        "options": options,
        "output": numbers(output),
        "target": {**numbers(target.double()), "dtype": "float32" if target.is_floating_point() else "int32"},
        "loss": value.item(),
        "grad": numbers(output.grad),
    }


def losses():
    logits, labels = normal(5, 4), torch.tensor([0, 3, 1, 1, 2])
    steps, tokens = normal(2, 3, 4), torch.tensor([[0, 3, 1], [1, 2, 2]])
    weights = [0.5, 2.0, 1.0, 0.25]
    for options in [
        {},
        {"labelSmoothing": 0.1},
        {"weights": weights},
        {"weights": weights, "labelSmoothing": 0.2},
    ]:
        theirs = {"label_smoothing": options.get("labelSmoothing", 0.0)}
        if "weights" in options:
            theirs["weight"] = torch.tensor(options["weights"])
        make = nn.CrossEntropyLoss(**theirs)
        yield loss("crossEntropy", options, make, logits, labels)
        yield loss("crossEntropy", options, make, steps, tokens, classes_first=True)
    probabilities = torch.softmax(logits, 1)
    yield loss("crossEntropy", {"fromLogits": False}, lambda p, y: nn.NLLLoss()(torch.log(p), y), probabilities, labels)
    x, hard, soft = normal(6) * 3, torch.tensor([1.0, 0, 1, 1, 0, 0]), torch.rand(6).mul(100).round().div(100)
    big = torch.tensor([50.0, -60.0, 100.0, -80.0, 0.0, 20.0])
    for y in [hard, soft]:
        yield loss("binaryCrossEntropy", {}, nn.BCEWithLogitsLoss(), x, y)
        yield loss("binaryCrossEntropy", {}, nn.BCEWithLogitsLoss(), big, y)
        yield loss("binaryCrossEntropy", {"posWeight": 3}, nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0)), x, y)
        yield loss("binaryCrossEntropy", {"posWeight": 3}, nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0)), big, y)
    a, b = normal(4, 3), normal(4, 3) * 2
    yield loss("meanSquaredError", {}, nn.MSELoss(), a, b)
    yield loss("meanAbsoluteError", {}, nn.L1Loss(), a, b)
    yield loss("huber", {}, nn.HuberLoss(), a, b)
    yield loss("huber", {"delta": 0.3}, nn.HuberLoss(delta=0.3), a, b)
    signs = hard * 2 - 1
    yield loss("hinge", {}, lambda o, y: torch.clamp(1 - y * o, min=0).mean(), x, signs)


def layer(kind, options, x, y, params, states=None, training=False, after=None):
    found = {"kind": kind, "options": options, "training": training, "x": numbers(x), "y": numbers(y)}
    found["params"] = {name: numbers(p) for name, p in params.items()}
    found["states"] = {name: numbers(p) for name, p in (states or {}).items()}
    found["after"] = {name: numbers(p) for name, p in (after or {}).items()}
    return found


def randomized(module):
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(normal(*p.shape) * 0.5)
    return module


def layers():
    x = normal(3, 4)
    dense = randomized(nn.Linear(4, 5))
    yield layer("dense", {"units": 5}, x, dense(x), {"weight": dense.weight.T, "bias": dense.bias})
    x = normal(2, 3, 4)
    yield layer("dense", {"units": 5, "activation": "gelu"}, x, nn.functional.gelu(dense(x)), {"weight": dense.weight.T, "bias": dense.bias})
    x = normal(2, 4, 5, 6)
    conv = randomized(nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2))
    options = {"filters": 6, "kernel": [3, 2], "stride": [2, 1], "padding": [1, 2], "dilation": [1, 2], "groups": 2}
    yield layer("conv2d", options, x, conv(x), {"weight": conv.weight, "bias": conv.bias})
    conv = randomized(nn.Conv2d(4, 2, 3, padding="same", bias=False))
    yield layer("conv2d", {"filters": 2, "kernel": 3, "padding": "same", "bias": False}, x, conv(x), {"weight": conv.weight})
    yield layer("maxPool2d", {}, x, nn.MaxPool2d(2)(x), {})
    yield layer("maxPool2d", {"size": 3, "stride": 1, "padding": 1}, x, nn.MaxPool2d(3, 1, 1)(x), {})
    yield layer("averagePool2d", {"size": 3, "stride": 2, "padding": 1}, x, nn.AvgPool2d(3, 2, 1, count_include_pad=False)(x), {})
    yield layer("globalAveragePool2d", {}, x, x.mean((2, 3)), {})
    yield layer("globalMaxPool2d", {}, x, x.amax((2, 3)), {})
    line = normal(2, 4, 7)
    conv = randomized(nn.Conv1d(4, 3, 3, stride=2, padding=1))
    yield layer("conv1d", {"filters": 3, "kernel": 3, "stride": 2, "padding": 1}, line, conv(line), {"weight": conv.weight[:, :, None], "bias": conv.bias})
    for x in [normal(5, 3), normal(3, 3, 4, 2)]:
        norm = randomized((nn.BatchNorm1d if x.dim() == 2 else nn.BatchNorm2d)(3, momentum=0.2))
        params = {"scale": norm.weight, "bias": norm.bias}
        before = {"mean": normal(3), "variance": normal(3).abs() + 0.5}
        for training in [True, False]:
            norm.running_mean.copy_(before["mean"])
            norm.running_var.copy_(before["variance"])
            norm.train(training)
            y = norm(x)
            after = {"mean": norm.running_mean.clone(), "variance": norm.running_var.clone()}
            yield layer("batchNorm", {"momentum": 0.8}, x, y, params, before, training, after)
    x = normal(2, 3, 5)
    norm = randomized(nn.LayerNorm(5))
    yield layer("layerNorm", {}, x, norm(x), {"scale": norm.weight, "bias": norm.bias})
    yield from recurrent()
    yield from attention()


def recurrent():
    x = normal(2, 4, 3)
    for kind, make, gates in [("gru", nn.GRU, 3), ("lstm", nn.LSTM, 4)]:
        for both in [False, True]:
            theirs = randomized(make(3, 5, batch_first=True, bidirectional=both))
            if kind == "lstm":
                # Ours has one bias where PyTorch adds two.
                with torch.no_grad():
                    theirs.bias_hh_l0.zero_()
                    if both:
                        theirs.bias_hh_l0_reverse.zero_()
            params = {}
            for ours, end in [("", "")] + ([("backward.", "_reverse")] if both else []):
                params[f"{ours}weight"] = getattr(theirs, f"weight_ih_l0{end}")
                params[f"{ours}recurrentWeight"] = getattr(theirs, f"weight_hh_l0{end}")
                params[f"{ours}bias"] = getattr(theirs, f"bias_ih_l0{end}")
                if kind == "gru":
                    params[f"{ours}recurrentBias"] = getattr(theirs, f"bias_hh_l0{end}")
            y, h = theirs(x)
            last = h[0] if kind == "gru" else h[0][0]
            if both:
                last = (h if kind == "gru" else h[0]).transpose(0, 1).flatten(1)
            options = {"units": 5, **({"bidirectional": True} if both else {})}
            yield layer(kind, {**options, "returnSequences": True}, x, y, params)
            yield layer(kind, options, x, last, params)


def attention():
    x = normal(2, 4, 6)
    future = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1)
    theirs = randomized(nn.MultiheadAttention(6, 2, batch_first=True))
    params = {
        "projection.weight": theirs.in_proj_weight.T,
        "projection.bias": theirs.in_proj_bias,
        "output.weight": theirs.out_proj.weight.T,
        "output.bias": theirs.out_proj.bias,
    }
    for causal in [False, True]:
        y, _ = theirs(x, x, x, attn_mask=future if causal else None, need_weights=False)
        yield layer("multiHeadAttention", {"heads": 2, "causal": causal}, x, y, params)
    for norm in ["pre", "post"]:
        block = nn.TransformerEncoderLayer(6, 2, 10, 0.0, "gelu", batch_first=True, norm_first=norm == "pre")
        randomized(block)
        y = block(x, src_mask=future)
        here = {"norm1": "attention.norm" if norm == "pre" else "attentionNorm", "norm2": "feedForward.norm" if norm == "pre" else "feedForwardNorm"}
        params = {
            "attention.heads.projection.weight": block.self_attn.in_proj_weight.T,
            "attention.heads.projection.bias": block.self_attn.in_proj_bias,
            "attention.heads.output.weight": block.self_attn.out_proj.weight.T,
            "attention.heads.output.bias": block.self_attn.out_proj.bias,
            "feedForward.dense.hidden.weight": block.linear1.weight.T,
            "feedForward.dense.hidden.bias": block.linear1.bias,
            "feedForward.dense.output.weight": block.linear2.weight.T,
            "feedForward.dense.output.bias": block.linear2.bias,
        }
        for theirs, ours in here.items():
            params[f"{ours}.scale"] = getattr(block, theirs).weight
            params[f"{ours}.bias"] = getattr(block, theirs).bias
        yield layer("transformerBlock", {"heads": 2, "hidden": 10, "causal": True, "norm": norm}, x, y, params)


def write(name, content):
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({"torch": torch.__version__, "cases": list(content)}, indent=1) + "\n")


if __name__ == "__main__":
    write("losses", losses())
    write("layers", layers())
