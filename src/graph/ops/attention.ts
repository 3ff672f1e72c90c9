/**
 * Scaled dot-product attention, softmax(scale q k' + mask) v, and its gradient. Source: Vaswani et al. 2017; the gradient takes
 * the row sums of dy * y for those of dp * p, which is the same and shorter, as Dao et al. 2022.
 *
 * The probabilities are further outputs, which the gradient uses. Causal attention is cut in blocks of queries: a block's scores end
 * where its last query may look, so that most of what the mask would erase is never computed.
 */
import { isFloat, sizeOf, tensor } from '../../tensor/index.ts'
import { broadcastDims, broadcastIndex } from '../dim.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'

export interface AttentionOptions {
  /** Position t sees positions 0..t only; default false. */
  readonly causal?: boolean
  /** Default 1 / sqrt(size of a head). */
  readonly scale?: number
  /** Bool: where false is not looked at (a query with nothing to look at gets a mean of the values). Float: added to the scaled scores, without a gradient. Broadcasts to [batch, heads, t, s]. */
  readonly mask?: Value
}

type Attrs = { readonly causal: boolean; readonly scale: number; readonly blocks: number }

/** Attention of queries [batch, heads, t, d] to keys [batch, heads, s, d] and values [batch, heads, s, e] -> [batch, heads, t, e]. */
export function attention(q: Value, k: Value, v: Value, options: AttentionOptions = {}): Value {
  return attentionOp(q, k, v, options)[0] as Value
}

/** Low enough that its exponential is 0, finite so that a row all masked gives a mean and not NaN. */
const NEVER = -1e9
/** Blocks of fewer queries cost more in cuts and joins than they save in products. */
const BLOCK = 64

/** With the probabilities of each block of queries. */
export const attentionOp: Operator<[q: Value, k: Value, v: Value, options?: AttentionOptions], readonly Value[]> = operator({
  name: 'attention',
  call: (q: Value, k: Value, v: Value, { causal = false, mask, scale }: AttentionOptions = {}) => {
    const t = q.shape[2] as number
    const blocks = causal && !mask && t === k.shape[2] ? ([4, 2].find((n) => t % n === 0 && t / n >= BLOCK) ?? 1) : 1
    return {
      inputs: mask ? [q, k, v, mask] : [q, k, v],
      attrs: { causal, scale: scale ?? 1 / Math.sqrt(q.shape.at(-1) as number), blocks },
    }
  },
  infer: (inputs, { causal, blocks }) => {
    const [q, k, v, mask] = inputs as [TensorType, TensorType, TensorType, TensorType?]
    const floating = [q, k, v].every((x) => isFloat(x.dtype) && x.dtype === q.dtype && x.shape.length === 4)
    expect(floating, 'attention', inputs, 'three floats of the same dtype [batch, heads, time, size]')
    const known = [q, k, v].every((x) => x.shape.slice(2).every((dim) => typeof dim === 'number'))
    expect(known, 'attention', inputs, 'times and sizes known when tracing')
    const fits = [0, 1].every((i) => q.shape[i] === k.shape[i] && k.shape[i] === v.shape[i])
    const agree = fits && q.shape[3] === k.shape[3] && k.shape[2] === v.shape[2]
    expect(agree, 'attention', inputs, 'the same batch and heads, keys as long as values, and queries as wide as keys')
    const [batch, heads, t] = q.shape as [number, number, number]
    const scores = [batch, heads, t, k.shape[2]!]
    expect(
      !mask || broadcastDims(mask.shape, scores)?.join() === scores.join(),
      'attention',
      inputs,
      `a mask that broadcasts to [${scores.join(', ')}]`,
    )
    const probabilities = Array.from({ length: blocks }, (_, j) => [batch, heads, t / blocks, seen(k, causal, blocks, j)])
    return [[batch, heads, t, v.shape[3]!], ...probabilities].map((shape) => ({ dtype: q.dtype, shape }))
  },
  grad: (node, [dy, ...rest]) => {
    expect(
      rest.every((x) => x === undefined),
      'attention',
      node.outputs,
      'no gradient of the probabilities themselves',
    )
    const [q, k, v] = node.inputs as [Value, Value, Value]
    return dy ? attentionGrad(q, k, v, node.outputs, dy, node.attrs) : []
  },
  onnx: (emit, [q, k, v, mask], node) => {
    const { causal, scale, blocks } = node.attrs
    const [, , t, s] = [...node.inputs[0]!.shape.slice(0, 3), node.inputs[1]!.shape[2]] as number[]
    const probabilities: string[] = []
    const parts = divide(emit, q!, blocks).map((part, j) => {
      const end = seen(node.inputs[1]!, causal, blocks, j)
      let scores = product(emit, part, first(emit, k!, end, s!), { transB: true, alpha: scale })
      if (causal) scores = emit.node('Add', [scores, emit.constant(triangle(t! / blocks, end, (j * t!) / blocks))])
      if (mask) {
        const bool = node.inputs[3]!.dtype === 'bool'
        scores = emit.node('Add', [scores, bool ? emit.node('Where', [mask, emit.float(0), emit.float(NEVER)]) : mask])
      }
      const weights = emit.node('Softmax', [scores], { axis: -1 })
      probabilities.push(weights)
      return emit.node('MatMul', [weights, first(emit, v!, end, s!)])
    })
    return [join(emit, parts), ...probabilities]
  },
  reference: ([q, k, v, mask], node) => {
    const { causal, scale, blocks } = node.attrs
    const [batch, heads, t, d] = q!.shape as [number, number, number, number]
    const [s, e] = [k!.shape[2]!, v!.shape[3]!]
    const full = [batch, heads, t, s]
    const y = new Float64Array(batch * heads * t * e)
    const probabilities = Array.from({ length: blocks }, (_, j) => {
      const shape = [batch, heads, t / blocks, seen({ shape: k!.shape }, causal, blocks, j)]
      return { shape, data: new Float64Array(sizeOf(shape)) }
    })
    const at = mask && broadcastIndex(mask.shape, full)
    for (let row = 0; row < batch * heads * t; row++) {
      const [plane, now] = [Math.floor(row / t), row % t]
      const scores = Float64Array.from({ length: s }, (_, i) => {
        let dot = 0
        for (let c = 0; c < d; c++) dot += q!.data[row * d + c]! * k!.data[(plane * s + i) * d + c]!
        dot *= scale
        if (mask && at) {
          const found = mask.data[at(row * s + i)]!
          dot += node.inputs[3]!.dtype === 'bool' ? (found ? 0 : NEVER) : found
        }
        return causal && i > now ? dot + NEVER : dot
      })
      const top = Math.max(...scores)
      const powers = scores.map((x) => Math.exp(x - top))
      const total = powers.reduce((a, b) => a + b, 0)
      const block = probabilities[Math.floor(now / (t / blocks))]!
      const [height, width] = block.shape.slice(2) as [number, number]
      for (let i = 0; i < width; i++) {
        const p = powers[i]! / total
        block.data[(plane * height + (now % height)) * width + i] = p
        for (let c = 0; c < e; c++) y[row * e + c]! += p * v!.data[(plane * s + i) * e + c]!
      }
    }
    return [{ shape: [batch, heads, t, e], data: y }, ...probabilities]
  },
  samples: (random) => {
    const qkv = (t: number, s: number, d: number, e: number) =>
      [
        [t, d],
        [s, d],
        [s, e],
      ].map((shape) => floats(random, [2, 2, ...shape]))
    return [
      { inputs: qkv(3, 4, 2, 3), build: (q, k, v) => attention(q!, k!, v!) },
      { inputs: qkv(3, 3, 2, 2), build: (q, k, v) => attention(q!, k!, v!, { causal: true, scale: 0.3 }) },
      { inputs: qkv(2, 3, 1, 1), build: (q, k, v) => attention(q!, k!, v!, { causal: true }) },
      {
        inputs: [...qkv(3, 3, 2, 2), tensor('bool', [2, 1, 1, 3], [1, 0, 1, 1, random.int(2), 0])],
        build: (q, k, v, mask) => attention(q!, k!, v!, { mask: mask! }),
      },
      {
        inputs: [...qkv(2, 3, 2, 2), floats(random, [2, 3])],
        build: (q, k, v, mask) => attention(q!, k!, v!, { mask: mask! }),
        differentiate: [0, 1, 2],
      },
      {
        inputs: [128, 128, 128].map((t) => floats(random, [1, 1, t, 1])),
        differentiate: [],
        build: (q, k, v) => attention(q!, k!, v!, { causal: true }),
      },
    ]
  },
})

/** Gradients of attention to q, k and v, from its inputs, its outputs and dy. */
export const attentionGrad: Operator<
  [q: Value, k: Value, v: Value, outputs: readonly Value[], dy: Value, attrs: Attrs],
  readonly [dq: Value, dk: Value, dv: Value]
> = operator({
  name: 'attentionGrad',
  call: (q: Value, k: Value, v: Value, outputs: readonly Value[], dy: Value, { causal, scale, blocks }: Attrs) => ({
    inputs: [q, k, v, dy, ...outputs],
    attrs: { causal, scale, blocks },
  }),
  infer: (inputs) => {
    expect(inputs.length >= 6, 'attentionGrad', inputs, 'q, k, v, dy, y and the probabilities of each block')
    return inputs.slice(0, 3).map(({ dtype, shape }) => ({ dtype, shape }))
  },
  onnx: (emit, [q, k, v, dy, y, ...probabilities], node) => {
    const { causal, scale, blocks } = node.attrs
    const s = node.inputs[1]!.shape[2] as number
    const sums = emit.node('ReduceSum', [emit.node('Mul', [dy!, y!]), emit.ints([3])], { keepdims: 1 })
    const [queries, dys, rows] = [q!, dy!, sums].map((x) => divide(emit, x, blocks)) as [string[], string[], string[]]
    const dq: string[] = []
    const dk: string[] = []
    const dv: string[] = []
    probabilities.forEach((p, j) => {
      const end = seen(node.inputs[1]!, causal, blocks, j)
      const dp = product(emit, dys[j]!, first(emit, v!, end, s), { transB: true })
      const ds = emit.node('Mul', [p, emit.node('Sub', [dp, rows[j]!])])
      dq.push(product(emit, ds, first(emit, k!, end, s), { alpha: scale }))
      dk.push(product(emit, ds, queries[j]!, { transA: true, alpha: scale }))
      dv.push(product(emit, p, dys[j]!, { transA: true }))
    })
    return [join(emit, dq), accumulate(emit, dk, s / blocks), accumulate(emit, dv, s / blocks)]
  },
  reference: ([q, k, v, dy, y, ...probabilities], node) => {
    const { scale, blocks } = node.attrs
    const [batch, heads, t, d] = q!.shape as [number, number, number, number]
    const [s, e] = [k!.shape[2]!, v!.shape[3]!]
    const zeros = (x: Dense) => ({ shape: x.shape, data: new Float64Array(x.data.length) })
    const [dq, dk, dv] = [zeros(q!), zeros(k!), zeros(v!)]
    for (let row = 0; row < batch * heads * t; row++) {
      const [plane, now] = [Math.floor(row / t), row % t]
      const block = probabilities[Math.floor(now / (t / blocks))]!
      const [height, width] = block.shape.slice(2) as [number, number]
      let sum = 0
      for (let c = 0; c < e; c++) sum += dy!.data[row * e + c]! * y!.data[row * e + c]!
      for (let i = 0; i < width; i++) {
        const p = block.data[(plane * height + (now % height)) * width + i]!
        const key = plane * s + i
        let dp = 0
        for (let c = 0; c < e; c++) {
          dp += dy!.data[row * e + c]! * v!.data[key * e + c]!
          dv.data[key * e + c]! += p * dy!.data[row * e + c]!
        }
        const ds = p * (dp - sum) * scale
        for (let c = 0; c < d; c++) {
          dq.data[row * d + c]! += ds * k!.data[key * d + c]!
          dk.data[key * d + c]! += ds * q!.data[row * d + c]!
        }
      }
    }
    return [dq, dk, dv]
  },
  samples: (random) => [
    {
      inputs: [3, 4, 4, 3].map((t, i) => floats(random, [2, 1, t, i < 2 ? 2 : 3])),
      build: (q, k, v, dy) => attentionGrad(q!, k!, v!, attentionOp(q!, k!, v!), dy!, { causal: false, scale: 0.7, blocks: 1 }),
      differentiate: [],
    },
  ],
})

/** How many keys the queries of a block may see. */
function seen(k: { readonly shape: readonly (number | string)[] }, causal: boolean, blocks: number, j: number): number {
  const s = k.shape[2] as number
  return causal && blocks > 1 ? ((j + 1) * s) / blocks : s
}

interface Product {
  readonly transA?: boolean
  readonly transB?: boolean
  readonly alpha?: number
}

function product(emit: Emitter, a: string, b: string, { transA = false, transB = false, alpha = 1 }: Product): string {
  if (emit.target === 'onnxruntime') {
    return emit.node(
      'FusedMatMul',
      [a, b],
      { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } },
      { domain: 'com.microsoft' },
    )
  }
  const turned = (x: string, turn: boolean) => (turn ? emit.node('Transpose', [x], { perm: [0, 1, 3, 2] }) : x)
  const y = emit.node('MatMul', [turned(a, transA), turned(b, transB)])
  return alpha === 1 ? y : emit.node('Mul', [y, emit.float(alpha)])
}

/** Blocks along time. */
function divide(emit: Emitter, x: string, blocks: number): string[] {
  return blocks === 1 ? [x] : emit.nodes('Split', [x], { axis: 2, num_outputs: blocks }, { outputs: blocks })
}

function join(emit: Emitter, parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : emit.node('Concat', parts, { axis: 2 })
}

function first(emit: Emitter, x: string, end: number, size: number): string {
  return end === size ? x : emit.node('Slice', [x, emit.ints([0]), emit.ints([end]), emit.ints([2])])
}

/** Sums blocks that all begin at 0 and each end one step later. */
function accumulate(emit: Emitter, parts: readonly string[], step: number): string {
  let head = parts.at(-1)!
  const tails: string[] = []
  for (let j = parts.length - 2; j >= 0; j--) {
    const [front, tail] = emit.nodes('Split', [head, emit.ints([(j + 1) * step, step])], { axis: 2 }, { outputs: 2 }) as [string, string]
    tails.unshift(tail)
    head = emit.node('Add', [front, parts[j]!])
  }
  return join(emit, [head, ...tails])
}

/** Added to scores of queries `from`, `from` + 1, ...: keys after the query are never looked at. */
function triangle(rows: number, columns: number, from: number) {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => (i % columns > from + Math.floor(i / columns) ? NEVER : 0))
  return tensor('float32', [rows, columns], data)
}
