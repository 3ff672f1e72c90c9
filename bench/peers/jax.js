/**
 * jax-js as a measured program, on its WebAssembly backend: the whole step (loss, gradient, update) is one `jit` function.
 * Every array given to a function is used up; `.ref` keeps one more use of it.
 *
 * Plain JavaScript, since its types are only there once the peers are installed.
 */
import { readFileSync } from 'node:fs'
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { images, labels } from '../lib/idx.ts'
import { serve, timeSteps } from '../lib/serve.ts'
import { integers, reals, sizeOf } from '../lib/values.ts'

await init('wasm')
defaultDevice('wasm')
const { version } = JSON.parse(readFileSync(new URL('./node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'))
let current

serve({
  async prepare({ workload }) {
    const batch = batchOf(workload)
    const started = performance.now()
    const step = trainer(workload)
    await step(batch.x.ref, batch.y.ref)
    const firstStep = performance.now() - started
    current = { workload, batch, step }
    return { version: `jax-js ${version}, WebAssembly`, firstStep, compiles: true }
  },
  steps: async ({ count, warm }) => ({
    times: await timeSteps(count, warm, () => current.step(current.batch.x.ref, current.batch.y.ref)),
  }),
  async losses({ count }) {
    const step = trainer(current.workload)
    const losses = []
    for (let i = 0; i < count; i++) losses.push(await step(current.batch.x.ref, current.batch.y.ref, true))
    return { losses }
  },
  async epoch({ workload, dir }) {
    const started = performance.now()
    const [train] = ['train', 't10k'].map((part) => ({ x: images(dir, part), y: labels(dir, part) }))
    const loading = performance.now() - started
    const step = trainer(workload)
    const { batch: size } = workload
    const rows = train.y.length
    const order = shuffled(rows)
    let loss = 0
    for (let first = 0; first < rows; first += size) {
      const last = Math.min(rows, first + size)
      const pixels = new Float32Array((last - first) * 784)
      const digits = new Int32Array(last - first)
      for (let row = first; row < last; row++) {
        const at = order[row]
        const from = train.x.subarray(at * 784, (at + 1) * 784)
        for (let k = 0; k < 784; k++) pixels[(row - first) * 784 + k] = from[k] / 255
        digits[row - first] = train.y[at]
      }
      loss += (last - first) * (await step(arrayOf(pixels, [last - first, 784]), arrayOf(digits, [last - first]), true))
    }
    return { milliseconds: performance.now() - started, loading, loss: loss / rows }
  },
})

function batchOf({ batch, x, y }) {
  const shape = [batch, ...x.shape]
  const values = x.kind === 'reals' ? reals(0, sizeOf(shape), 0.5, 0.5) : integers(0, sizeOf(shape), x.below)
  const targets = [batch, ...y.shape]
  return { x: arrayOf(values, shape), y: arrayOf(integers(1, sizeOf(targets), y.classes), targets) }
}

function arrayOf(values, shape) {
  return np.array(values, { shape, dtype: values instanceof Int32Array ? np.int32 : np.float32 })
}

/** A training step over parameters that begin with the workload's weights. */
function trainer(workload) {
  const { model, learningRate, y } = workload
  if (workload.optimizer !== 'sgd') throw new Error('only SGD is written for jax-js')
  const forward = models[model.kind](model)
  const lossOf = (p, x, targets) => {
    const logits = forward(p, x).reshape([-1, y.classes])
    const wanted = nn.oneHot(targets.reshape([-1]), y.classes)
    return nn.logSoftmax(logits).mul(wanted).sum(-1).mean().neg()
  }
  const update = jit((p, x, targets) => {
    const [loss, gradient] = valueAndGrad(lossOf)(refs(p), x, targets)
    return [loss, Object.fromEntries(Object.keys(p).map((name) => [name, p[name].sub(gradient[name].mul(learningRate))]))]
  })
  let params = Object.fromEntries(
    workload.params.map(({ name, seed, shape, center, bound }) => [name, arrayOf(reals(seed, sizeOf(shape), center, bound), shape)]),
  )
  return async (x, targets, tell = false) => {
    let loss
    ;[loss, params] = update(params, x, targets)
    await blockUntilReady(params)
    if (tell) return loss.js()
    loss.dispose()
  }
}

function refs(tree) {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, value.ref]))
}

function dense(p, name, x) {
  return np.matmul(x, p[`${name}.weight`]).add(p[`${name}.bias`])
}

const models = {
  mlp:
    ({ sizes }) =>
    (p, x) => {
      let h = x
      for (let i = 1; i < sizes.length; i++) {
        h = dense(p, `dense${i}`, h)
        if (i + 1 < sizes.length) h = nn.relu(h)
      }
      return h
    },
  cnn:
    ({ side, channels }) =>
    (p, x) => {
      const conv = (name, input, output, size) => {
        const y = lax.conv(input, p[`${name}.weight`], [1, 1], 'SAME').add(p[`${name}.bias`].reshape([output, 1, 1]))
        return nn
          .relu(y)
          .reshape([-1, output, size / 2, 2, size / 2, 2])
          .max([3, 5])
      }
      const h = conv('conv2', conv('conv1', x, channels[1], side), channels[2], side / 2)
      return dense(p, 'dense2', nn.relu(dense(p, 'dense1', h.reshape([-1, (side / 4) ** 2 * channels[2]]))))
    },
  gru:
    ({ units, length, input }) =>
    (p, x) => {
      const batch = x.shape[0]
      const steps = np
        .matmul(x.reshape([-1, input]), p['gru.input'])
        .add(p['gru.inputBias'])
        .reshape([batch, length, 3 * units])
      const inputs = np.split(steps, length, 1)
      let h = np.zeros([batch, units])
      for (const given of inputs) {
        const mine = np.matmul(h.ref, p['gru.hidden'].ref).add(p['gru.hiddenBias'].ref)
        const [xr, xz, xn] = np.split(given.reshape([batch, 3 * units]), 3, 1)
        const [hr, hz, hn] = np.split(mine, 3, 1)
        const candidate = np.tanh(xn.add(nn.sigmoid(xr.add(hr)).mul(hn)))
        const keep = nn.sigmoid(xz.add(hz))
        h = candidate.ref.add(keep.mul(h.sub(candidate)))
      }
      p['gru.hidden'].dispose()
      p['gru.hiddenBias'].dispose()
      return dense(p, 'dense', h)
    },
  transformer:
    ({ vocabulary, context, width, heads, layers }) =>
    (p, x) => {
      const batch = x.shape[0]
      const norm = (name, h) => nn.standardize(h).mul(p[`${name}.scale`]).add(p[`${name}.bias`])
      let h = np
        .matmul(nn.oneHot(x.reshape([-1]), vocabulary), p.tokens)
        .reshape([batch, context, width])
        .add(p.positions)
      for (let i = 1; i <= layers; i++) {
        const block = `block${i}`
        const [q, k, v] = np
          .split(dense(p, `${block}.qkv`, norm(`${block}.norm1`, h.ref)), 3, -1)
          .map((part) => part.reshape([batch, context, heads, width / heads]))
        const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, context, width])
        h = h.add(dense(p, `${block}.projection`, mixed))
        const inner = nn.gelu(dense(p, `${block}.expand`, norm(`${block}.norm2`, h.ref)), { approximate: false })
        h = h.add(dense(p, `${block}.contract`, inner))
      }
      return dense(p, 'head', norm('norm', h))
    },
}

function shuffled(rows) {
  const order = Int32Array.from({ length: rows }, (_, i) => i)
  for (let n = rows; n > 1; n--) {
    const j = Math.floor(Math.random() * n)
    ;[order[n - 1], order[j]] = [order[j], order[n - 1]]
  }
  return order
}
