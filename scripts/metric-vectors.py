"""Makes tests/train/vectors/metrics.json: scores of scikit-learn on seeded outputs. Needs numpy and scikit-learn."""
import json, pathlib
import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(7)
def r(x): return [float(v) for v in np.asarray(x, dtype=np.float32).ravel()]
def softmax(z): e = np.exp(z - z.max(-1, keepdims=True)); return e / e.sum(-1, keepdims=True)

cases = []
for classes, rows in ((2, 60), (4, 90), (7, 40)):
    z = rng.normal(size=(rows, classes)).astype(np.float32) * 2
    if classes == 2: z = np.round(z)  # ties, for the area under the curve
    y = np.where(rng.random(rows) < 0.6, z.argmax(-1), rng.integers(0, classes, rows))
    p = softmax(z.astype(np.float64)); guess = z.argmax(-1)
    how = 'binary' if classes == 2 else 'macro'
    want = {
        'accuracy': m.accuracy_score(y, guess), 'logLoss': m.log_loss(y, p, labels=range(classes)),
        'perplexity': float(np.exp(m.log_loss(y, p, labels=range(classes)))),
        'precision': m.precision_score(y, guess, average=how, zero_division=0), 'recall': m.recall_score(y, guess, average=how, zero_division=0),
        'f1': m.f1_score(y, guess, average=how, zero_division=0),
        'f1 micro': m.f1_score(y, guess, average='micro'), 'f1 macro': m.f1_score(y, guess, average='macro', zero_division=0),
    }
    if classes == 2: want['rocAuc'] = m.roc_auc_score(y, z[:, 1].astype(np.float64) - z[:, 0])
    else: want['topK 2'] = m.top_k_accuracy_score(y, z, k=2, labels=range(classes))
    cases.append({'name': f'{classes} classes', 'shape': [rows, classes], 'output': r(z), 'labels': [int(v) for v in y], 'want': want})
z = rng.normal(size=(50, 1)).astype(np.float32); y = (rng.random(50) < 1 / (1 + np.exp(-2 * z[:, 0]))).astype(int); p = 1 / (1 + np.exp(-z[:, 0].astype(np.float64)))
cases.append({'name': 'one logit', 'shape': [50, 1], 'output': r(z), 'labels': [int(v) for v in y], 'want': {
    'accuracy': m.accuracy_score(y, z[:, 0] > 0), 'logLoss': m.log_loss(y, p), 'rocAuc': m.roc_auc_score(y, z[:, 0]), 'f1': m.f1_score(y, z[:, 0] > 0)}})
a = rng.normal(size=(40, 1)).astype(np.float32) * 3 + 5; b = (a + rng.normal(size=(40, 1)) * 1.5).astype(np.float32)
cases.append({'name': 'regression', 'shape': [40, 1], 'output': r(a), 'numbers': r(b), 'want': {
    'mse': m.mean_squared_error(b.astype(np.float64), a), 'mae': m.mean_absolute_error(b.astype(np.float64), a), 'r2': m.r2_score(b.astype(np.float64), a)}})
path = pathlib.Path(__file__).parent.parent / 'tests/train/vectors/metrics.json'
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(cases) + '\n')
