/**
 * TensorFlow.js as a measured program, on the backend it is started with: `wasm`, or `cpu` (pure JavaScript).
 * Steps are `optimizer.minimize`, as its documentation teaches; inputs are tensors, labels one-hot, before the clock starts.
 *
 * Plain JavaScript, since its types are only there once the peers are installed.
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { images, labels } from '../lib/idx.ts'
import { serve, timeSteps } from '../lib/serve.ts'
import { integers, reals, sizeOf } from '../lib/values.ts'

// Both through require: the two builds of its core would not know of each other's backends.
const require = createRequire(import.meta.url)
const backend = process.argv[2]
const tf = require('@tensorflow/tfjs')
if (backend === 'wasm') {
  const wasm = require('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`)
  // The backend has no gradient of a convolution's kernel; without this one it could not train the CNN at all.
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: kernelGradient })
}
tf.enableProdMode()
await tf.setBackend(backend)
let current

serve({
  async prepare({ workload }) {
    const batch = batchOf(workload)
    const started = performance.now()
    const step = trainer(workload)
    step(batch.x, batch.y)
    const firstStep = performance.now() - started
    current = { workload, batch, step }
    const kind = backend === 'cpu' ? 'pure JavaScript' : 'WebAssembly'
    return { version: `TensorFlow.js ${tf.version.tfjs}, ${kind}`, firstStep }
  },
  steps: async ({ count, warm }) => ({
    times: await timeSteps(count, warm, async () => current.step(current.batch.x, current.batch.y)),
  }),
  async losses({ count }) {
    const step = trainer(current.workload)
    return { losses: Array.from({ length: count }, () => step(current.batch.x, current.batch.y, true)) }
  },
  async epoch({ workload, dir }) {
    const started = performance.now()
    const [train] = ['train', 't10k'].map((part) => ({ x: images(dir, part), y: labels(dir, part) }))
    const rows = train.y.length
    const x = tf.tensor2d(
      Float32Array.from(train.x, (pixel) => pixel / 255),
      [rows, 784],
    )
    const y = tf.tidy(() => tf.oneHot(tf.tensor1d(Int32Array.from(train.y), 'int32'), 10).toFloat())
    const loading = performance.now() - started
    const step = trainer(workload)
    const order = tf.util.createShuffledIndices(rows)
    let loss = 0
    for (let first = 0; first < rows; first += workload.batch) {
      const part = tf.tensor1d(Int32Array.from(order.subarray(first, first + workload.batch)), 'int32')
      const [xs, ys] = [x.gather(part), y.gather(part)]
      loss += part.size * step(xs, ys, true)
      tf.dispose([part, xs, ys])
    }
    tf.dispose([x, y])
    return { milliseconds: performance.now() - started, loading, loss: loss / rows }
  },
})

function batchOf({ batch, x, y, model }) {
  const shape = [batch, ...x.shape]
  const made =
    x.kind === 'reals'
      ? tf.tensor(reals(0, sizeOf(shape), 0.5, 0.5), shape)
      : tf.tensor(integers(0, sizeOf(shape), x.below), shape, 'int32')
  const targets = tf.tensor1d(integers(1, batch * sizeOf(y.shape), y.classes), 'int32')
  // Images are channels last here.
  return { x: model.kind === 'cnn' ? made.transpose([0, 2, 3, 1]) : made, y: tf.oneHot(targets, y.classes).toFloat() }
}

function trainer(workload) {
  const { model, learningRate, params, y } = workload
  const p = Object.fromEntries(
    params.map(({ name, seed, shape, center, bound }) => [
      name,
      tf.variable(arranged(model, name, tf.tensor(reals(seed, sizeOf(shape), center, bound), shape))),
    ]),
  )
  const variables = Object.values(p)
  const forward = models[model.kind](model)
  const optimizer = tf.train[workload.optimizer](learningRate)
  const lossOf = (x, targets) => tf.losses.softmaxCrossEntropy(targets, forward(p, x).reshape([-1, y.classes]))
  return (x, targets, tell = false) => {
    const loss = optimizer.minimize(() => lossOf(x, targets), tell, variables)
    if (!tell) return undefined
    const value = loss.dataSync()[0]
    loss.dispose()
    return value
  }
}

/** Kernels to height, width, in, out; the rows of the first dense layer after images to channels last. */
function arranged(model, name, value) {
  if (model.kind !== 'cnn') return value
  if (/^conv\d\.weight$/.test(name)) return value.transpose([2, 3, 1, 0])
  if (name !== 'dense1.weight') return value
  const side = model.side / 4
  return value.reshape([model.channels[2], side, side, model.units]).transpose([1, 2, 0, 3]).reshape(value.shape)
}

/** The kernel's gradient as a convolution of the images with the output's gradient, batch and channels swapped; 'same', stride 1. */
function kernelGradient({ inputs: { x, dy }, attrs: { filterShape } }) {
  return tf.tidy(() => {
    const [side] = filterShape
    const padded = x.pad([
      [0, 0],
      [side >> 1, side >> 1],
      [side >> 1, side >> 1],
      [0, 0],
    ])
    return tf.conv2d(padded.transpose([3, 1, 2, 0]), dy.transpose([1, 2, 0, 3]), 1, 'valid').transpose([1, 2, 0, 3])
  })
}

/** On matrices: products of three dimensions with two take a slower way in this library. */
function dense(p, name, x) {
  const flat = x.reshape([-1, x.shape.at(-1)])
  return flat
    .matMul(p[`${name}.weight`])
    .add(p[`${name}.bias`])
    .reshape([...x.shape.slice(0, -1), -1])
}

const models = {
  mlp:
    ({ sizes }) =>
    (p, x) => {
      let h = x
      for (let i = 1; i < sizes.length; i++) {
        h = dense(p, `dense${i}`, h)
        if (i + 1 < sizes.length) h = h.relu()
      }
      return h
    },
  cnn: () => (p, x) => {
    const conv = (name, input) => tf.conv2d(input, p[`${name}.weight`], 1, 'same').add(p[`${name}.bias`]).relu().maxPool(2, 2, 'valid')
    const h = conv('conv2', conv('conv1', x))
    return dense(p, 'dense2', dense(p, 'dense1', h.reshape([h.shape[0], -1])).relu())
  },
  gru:
    ({ units, length }) =>
    (p, x) => {
      const batch = x.shape[0]
      const inputs = x
        .reshape([batch * length, -1])
        .matMul(p['gru.input'])
        .add(p['gru.inputBias'])
        .reshape([batch, length, 3 * units])
      let h = tf.zeros([batch, units])
      for (const given of tf.unstack(inputs, 1)) {
        const [xr, xz, xn] = tf.split(given, 3, 1)
        const [hr, hz, hn] = tf.split(h.matMul(p['gru.hidden']).add(p['gru.hiddenBias']), 3, 1)
        const candidate = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh()
        h = candidate.add(xz.add(hz).sigmoid().mul(h.sub(candidate)))
      }
      return dense(p, 'dense', h)
    },
  transformer: ({ vocabulary, context, width, heads, layers }) => {
    const future = tf.linalg
      .bandPart(tf.ones([context, context]), 0, -1)
      .sub(tf.eye(context))
      .mul(-1e9)
    return (p, x) => {
      const batch = x.shape[0]
      const norm = (name, h) => {
        const { mean, variance } = tf.moments(h, -1, true)
        return h.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(p[`${name}.scale`]).add(p[`${name}.bias`])
      }
      const gelu = (h) => h.mul(h.mul(Math.SQRT1_2).erf().add(1)).mul(0.5)
      // One-hot times the table: the gradient of gather has no kernel on WebAssembly.
      let h = tf
        .oneHot(x.reshape([-1]), vocabulary)
        .toFloat()
        .matMul(p.tokens)
        .reshape([batch, context, width])
        .add(p.positions)
      for (let i = 1; i <= layers; i++) {
        const block = `block${i}`
        const [q, k, v] = tf
          .split(dense(p, `${block}.qkv`, norm(`${block}.norm1`, h)), 3, -1)
          .map((part) => part.reshape([batch, context, heads, width / heads]).transpose([0, 2, 1, 3]))
        const scores = q
          .matMul(k, false, true)
          .mul(1 / Math.sqrt(width / heads))
          .add(future)
        const mixed = scores.softmax().matMul(v).transpose([0, 2, 1, 3]).reshape([batch, context, width])
        h = h.add(dense(p, `${block}.projection`, mixed))
        h = h.add(dense(p, `${block}.contract`, gelu(dense(p, `${block}.expand`, norm(`${block}.norm2`, h)))))
      }
      return dense(p, 'head', norm('norm', h))
    }
  },
}
