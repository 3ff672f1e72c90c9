/**
 * A gated recurrent unit over a whole sequence, and its gradient. Gates r, z, n as PyTorch stacks them:
 *   r = sigmoid(Wr x + br + Ur h + cr), z alike, n = tanh(Wn x + bn + r (Un h + cn)), h' = (1 - z) n + z h.
 * Source: Cho et al. 2014, with the reset after the product, as cuDNN.
 *
 * Everything is kept with the batch last, [time, hidden, batch]: then a step is one product of a weight and a state, and the gates lie
 * one after another. The steps are unrolled: that is faster than ONNX's GRU, whose gates the gradient would have to compute again;
 * where nobody asks for the gates (inference), it is ONNX's GRU.
 */
import { isFloat, sizeOf, tensor } from '../../tensor/index.ts'
import { type Dim, sizeOfDims } from '../dim.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { expect, type Node, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { matmulOp } from './matmul.ts'
import { sum } from './reduce.ts'
import { reshape } from './reshape.ts'
import { transpose } from './transpose.ts'

/** Weights of one layer, stacked gate by gate. */
export interface RecurrentWeights {
  /** [gates * hidden, inputs] */
  readonly input: Value
  /** [gates * hidden, hidden] */
  readonly hidden: Value
  /** [gates * hidden] */
  readonly inputBias: Value
  /** [gates * hidden] */
  readonly hiddenBias: Value
}

/**
 * Inputs x [time, batch, inputs] and a first state [batch, hidden] (default: zeros) -> the states [time, hidden, batch] and the last
 * [hidden, batch]: mind the batch at the end.
 */
export function gru(x: Value, weights: RecurrentWeights, initial?: Value): { readonly states: Value; readonly last: Value } {
  const [states, last] = gruOp(x, weights, initial)
  return { states, last }
}

type Outputs = readonly [states: Value, last: Value, previous: Value, r: Value, z: Value, n: Value, hn: Value]

/** With what its gradient needs: the states before each step side by side [hidden, time * batch], r, z, n and Un h + cn [time, hidden, batch]. */
export const gruOp: Operator<[x: Value, weights: RecurrentWeights, initial?: Value], Outputs> = operator({
  name: 'gru',
  call: (x: Value, { input, hidden, inputBias, hiddenBias }: RecurrentWeights, initial?: Value) => ({
    inputs: [x, input, hidden, inputBias, hiddenBias, ...(initial ? [initial] : [])],
    attrs: {},
  }),
  infer: (inputs) => {
    const [x, wi, wh, bi, bh, initial] = inputs as [TensorType, TensorType, TensorType, TensorType, TensorType, TensorType?]
    const hidden = wh.shape[1] as number
    expect(
      x.shape.length === 3 && isFloat(x.dtype) && typeof x.shape[0] === 'number',
      'gru',
      inputs,
      'floats [time, batch, inputs] of known time',
    )
    const [time, batch, features] = x.shape as [number, Dim, number]
    const wanted = [[3 * hidden, features], [3 * hidden, hidden], [3 * hidden], [3 * hidden]] // biome-ignore format: as it is
    const given = [wi, wh, bi, bh].map(({ shape }) => shape.join())
    expect(given.join(';') === wanted.join(';'), 'gru', inputs, `weights ${wanted.map((shape) => `[${shape.join(', ')}]`).join(', ')}`)
    expect(!initial || initial.shape.join() === [batch, hidden].join(), 'gru', inputs, `a first state [${batch}, ${hidden}]`)
    const of = (...shape: Dim[]) => ({ dtype: x.dtype, shape })
    const each = of(time, hidden, batch)
    return [each, of(hidden, batch), of(hidden, sizeOfDims([time, batch])), each, each, each, each]
  },
  grad: (node, [dStates, dLast]) => {
    const [x, wi, wh, , , initial] = node.inputs as [Value, Value, Value, Value, Value, Value?]
    const [states, , previous, ...gates] = node.outputs as Outputs
    const [dx, dh, dInitial] = gruGrad(wh, states, gates as Gates, dStates, dLast)
    const flat = reshape(x, [-1, x.shape[2]!])
    return [
      reshape(matmulOp(dx, wi, { transposeA: true }), x.shape),
      matmulOp(dx, flat),
      matmulOp(dh, previous, { transposeB: true }),
      sum(dx, { axes: [1] }),
      sum(dh, { axes: [1] }),
      ...(initial ? [transpose(dInitial)] : []),
    ]
  },
  onnx: (emit, inputs, node) =>
    node.outputs.slice(2).some((value) => emit.isUsed(value)) ? unrolled(emit, inputs, node) : whole(emit, inputs, node),
  reference: ([x, wi, wh, bi, bh, initial]) => {
    const [time, batch, features] = x!.shape as [number, number, number]
    const size = wh!.shape[1]!
    const shape = [time, size, batch]
    const [h, r, z, n, hn] = Array.from({ length: 5 }, () => new Float64Array(sizeOf(shape))) as Float64Array[]
    const previous = new Float64Array(sizeOf(shape))
    for (let t = 0; t < time; t++) {
      for (let b = 0; b < batch; b++) {
        const before = (j: number) => (t > 0 ? h![((t - 1) * size + j) * batch + b]! : (initial?.data[b * size + j] ?? 0))
        const fromInput = (row: number) => {
          let total = bi!.data[row]!
          for (let i = 0; i < features; i++) total += wi!.data[row * features + i]! * x!.data[(t * batch + b) * features + i]!
          return total
        }
        const fromHidden = (row: number) => {
          let total = bh!.data[row]!
          for (let i = 0; i < size; i++) total += wh!.data[row * size + i]! * before(i)
          return total
        }
        for (let j = 0; j < size; j++) {
          const at = (t * size + j) * batch + b
          r![at] = sigmoid(fromInput(j) + fromHidden(j))
          z![at] = sigmoid(fromInput(size + j) + fromHidden(size + j))
          hn![at] = fromHidden(2 * size + j)
          n![at] = Math.tanh(fromInput(2 * size + j) + r![at]! * hn![at]!)
          previous[(j * time + t) * batch + b] = before(j)
        }
        for (let j = 0; j < size; j++) {
          const at = (t * size + j) * batch + b
          h![at] = (1 - z![at]!) * n![at]! + z![at]! * before(j)
        }
      }
    }
    const last = { shape: [size, batch], data: h!.slice(-size * batch) }
    const rest = [r, z, n, hn].map((data) => ({ shape, data: data! }))
    return [{ shape, data: h! }, last, { shape: [size, time * batch], data: previous }, ...rest]
  },
  samples: (random) => {
    const sample = (
      time: number,
      batch: number,
      features: number,
      hidden: number,
      initial: boolean,
      which: 'both' | 'states' | 'last',
    ) => ({
      inputs: [
        floats(random, [time, batch, features], [-1, 1]),
        floats(random, [3 * hidden, features], [-1, 1]),
        floats(random, [3 * hidden, hidden], [-1, 1]),
        floats(random, [3 * hidden], [-1, 1]),
        floats(random, [3 * hidden], [-1, 1]),
        ...(initial ? [floats(random, [batch, hidden], [-1, 1])] : []),
      ],
      build: (...[x, input, hidden, inputBias, hiddenBias, h]: Value[]) => {
        const { states, last } = gru(x!, { input: input!, hidden: hidden!, inputBias: inputBias!, hiddenBias: hiddenBias! }, h)
        return which === 'both' ? [states, last] : which === 'states' ? states : last
      },
    })
    return [sample(3, 2, 3, 2, true, 'both'), sample(2, 3, 1, 3, false, 'states'), sample(4, 1, 2, 2, false, 'last')]
  },
})

type Gates = readonly [r: Value, z: Value, n: Value, hn: Value]

/**
 * The gradients of a gru to its sums before the gates: that of the input's part and that of the hidden part, [3 * hidden, time * batch], and
 * that of the first state [hidden, batch].
 */
export const gruGrad: Operator<
  [wh: Value, states: Value, gates: Gates, dStates: Value | undefined, dLast: Value | undefined],
  readonly [dx: Value, dh: Value, dInitial: Value]
> = operator({
  name: 'gruGrad',
  call: (wh: Value, states: Value, gates: Gates, dStates: Value | undefined, dLast: Value | undefined) => ({
    inputs: [wh, states, ...gates, ...(dStates ? [dStates] : []), ...(dLast ? [dLast] : [])],
    attrs: { hasStates: dStates !== undefined, hasLast: dLast !== undefined },
  }),
  infer: (inputs, { hasStates, hasLast }) => {
    const states = inputs[1] as TensorType
    expect(hasStates || hasLast, 'gruGrad', inputs, 'the gradient of the states or of the last')
    const [time, hidden, batch] = states.shape as [number, number, Dim]
    const of = (...shape: Dim[]) => ({ dtype: states.dtype, shape })
    const flat = of(3 * hidden, sizeOfDims([time, batch]))
    return [flat, flat, of(hidden, batch)]
  },
  onnx: (emit, [wh, states, r, z, n, hn, ...upstream], node) => {
    const { hasStates, hasLast } = node.attrs
    const [time, hidden] = node.inputs[1]!.shape as [number, number]
    const [mul, sub, one] = [
      (a: string, b: string) => emit.node('Mul', [a, b]),
      (a: string, b: string) => emit.node('Sub', [a, b]),
      emit.float(1),
    ]
    const steps = (x: string) => pieces(emit, emit.node('Reshape', [x, emit.ints([time * hidden, -1])]), time, hidden)
    // What a step multiplies dh by, for all steps at once.
    const open = sub(one, z!)
    const toN = mul(open, sub(one, mul(n!, n!)))
    const toHn = mul(toN, r!)
    const toR = mul(toHn, mul(hn!, sub(one, r!)))
    const toZ = mul(sub(states!, n!), open)
    const all = emit.node('Reshape', [emit.node('Concat', [toR, toZ, toHn], { axis: 1 }), emit.ints([time * 3, hidden, -1])])
    const factors = pieces(emit, all, time, 3)
    const keep = steps(z!)
    const dys = hasStates ? steps(upstream[0]!) : []
    const back = emit.node('Transpose', [wh!], { perm: [1, 0] })
    const dhs: string[] = []
    const ds: string[] = []
    let dh = hasLast ? upstream.at(-1)! : dys[time - 1]!
    if (hasLast && hasStates) dh = emit.node('Add', [dh, dys[time - 1]!])
    for (let t = time - 1; t >= 0; t--) {
      const d = emit.node('Reshape', [mul(dh, factors[t]!), emit.ints([3 * hidden, -1])])
      dhs.unshift(dh)
      ds.unshift(d)
      if (t === 0 && !emit.isUsed(node.outputs[2]!)) break
      const kept = mul(dh, keep[t]!)
      dh = emit.node('Gemm', [back, d, hasStates && t > 0 ? emit.node('Add', [kept, dys[t - 1]!]) : kept])
    }
    const dHidden = side(emit, ds)
    const dN = mul(emit.node('Reshape', [stack(emit, dhs), emit.ints([time, hidden, -1])]), toN)
    const wide = emit.node('Reshape', [emit.node('Transpose', [dN], { perm: [1, 0, 2] }), emit.ints([hidden, -1])])
    const dGates = emit.node('Slice', [dHidden, emit.ints([0]), emit.ints([2 * hidden]), emit.ints([0])])
    return [emit.node('Concat', [dGates, wide], { axis: 0 }), dHidden, dh]
  },
  reference: ([wh, states, r, z, n, hn, ...upstream], { attrs }) => {
    const [time, size, batch] = states!.shape as [number, number, number]
    const dStates = attrs.hasStates ? upstream[0] : undefined
    const dLast = attrs.hasLast ? upstream.at(-1) : undefined
    const [dx, dHidden] = [new Float64Array(3 * size * time * batch), new Float64Array(3 * size * time * batch)]
    let dh = dLast ? Float64Array.from(dLast.data) : new Float64Array(size * batch)
    for (let t = time - 1; t >= 0; t--) {
      const before = new Float64Array(size * batch)
      for (let j = 0; j < size; j++) {
        for (let b = 0; b < batch; b++) {
          const at = (t * size + j) * batch + b
          const d = dh[j * batch + b]! + (dStates ? dStates.data[at]! : 0)
          const [rt, zt, nt] = [r!.data[at]!, z!.data[at]!, n!.data[at]!]
          const dn = d * (1 - zt) * (1 - nt * nt)
          const dr = dn * hn!.data[at]! * rt * (1 - rt)
          const dz = d * (states!.data[at]! - nt) * (1 - zt)
          const place = (gate: number) => ((gate * size + j) * time + t) * batch + b
          ;[dr, dz, dn * rt].forEach((v, gate) => void (dHidden[place(gate)] = v))
          ;[dr, dz, dn].forEach((v, gate) => void (dx[place(gate)] = v))
          before[j * batch + b]! += d * zt
        }
      }
      for (let row = 0; row < 3 * size; row++)
        for (let i = 0; i < size; i++)
          for (let b = 0; b < batch; b++) before[i * batch + b]! += wh!.data[row * size + i]! * dHidden[(row * time + t) * batch + b]!
      dh = before
    }
    const shape = [3 * size, time * batch]
    return [{ shape, data: dx }, { shape, data: dHidden }, { shape: [size, batch], data: dh }] // biome-ignore format: as it is
  },
  samples: (random) => {
    const gates = () => Array.from({ length: 5 }, () => floats(random, [3, 2, 2], [-1, 1]))
    const build = (wh: Value, states: Value, r: Value, z: Value, n: Value, hn: Value, dStates: Value, dLast?: Value) =>
      gruGrad(wh, states, [r, z, n, hn], dStates, dLast)
    return [
      { inputs: [floats(random, [6, 2]), ...gates(), floats(random, [3, 2, 2])], build: build as never, differentiate: [] },
      {
        inputs: [floats(random, [6, 2]), ...gates(), floats(random, [3, 2, 2]), floats(random, [2, 2])],
        build: build as never,
        differentiate: [],
      },
    ]
  },
})

function unrolled(emit: Emitter, [x, wi, wh, bi, bh, initial]: readonly string[], node: Node): string[] {
  const [time, ,] = node.inputs[0]!.shape as [number]
  const hidden = node.inputs[2]!.shape[1] as number
  const cut = (w: string) => emit.nodes('Split', [w, emit.ints([2 * hidden, hidden])], { axis: 0 }, { outputs: 2 }) as [string, string]
  const [wiGates, wiNew] = cut(wi!)
  const [whGates, whNew] = cut(wh!)
  const [biGates, biNew] = cut(bi!)
  const [bhGates, bhNew] = cut(bh!)
  const column = (b: string, rows: number) => emit.node('Reshape', [b, emit.ints([rows, 1])])
  const turned = emit.target === 'onnxruntime' ? x! : emit.node('Transpose', [x!], { perm: [0, 2, 1] })
  // The inputs' part of all steps in one product, cut into steps.
  const project = (w: string, b: string, rows: number) => {
    const y =
      emit.target === 'onnxruntime'
        ? emit.node('FusedMatMul', [w, turned], { transB: 1 }, { domain: 'com.microsoft' })
        : emit.node('MatMul', [w, turned])
    const sum = emit.node('Add', [y, column(b, rows)])
    return pieces(emit, emit.node('Reshape', [sum, emit.ints([time * rows, -1])]), time, rows)
  }
  const gateInputs = project(wiGates, emit.node('Add', [biGates, bhGates]), 2 * hidden)
  const newInputs = project(wiNew, biNew, hidden)
  const newBias = column(bhNew, hidden)
  let h = initial ? emit.node('Transpose', [initial], { perm: [1, 0] }) : zeroState(emit, x!, hidden)
  const kept: Record<'h' | 'before' | 'r' | 'z' | 'n' | 'hn', string[]> = { h: [], before: [], r: [], z: [], n: [], hn: [] }
  for (let t = 0; t < time; t++) {
    const gates = emit.node('Sigmoid', [emit.node('Gemm', [whGates, h, gateInputs[t]!])])
    const [r, z] = emit.nodes('Split', [gates], { axis: 0, num_outputs: 2 }, { outputs: 2 }) as [string, string]
    const hn = emit.node('Gemm', [whNew, h, newBias])
    const n = emit.node('Tanh', [emit.node('Add', [newInputs[t]!, emit.node('Mul', [r, hn])])])
    const next = emit.node('Add', [n, emit.node('Mul', [z, emit.node('Sub', [h, n])])])
    for (const [list, item] of [[kept.h, next], [kept.before, h], [kept.r, r], [kept.z, z], [kept.n, n], [kept.hn, hn]] as const) list.push(item) // biome-ignore format: as it is
    h = next
  }
  const stacked = (list: string[]) => emit.node('Reshape', [stack(emit, list), emit.ints([time, hidden, -1])])
  return [stacked(kept.h), h, side(emit, kept.before), stacked(kept.r), stacked(kept.z), stacked(kept.n), stacked(kept.hn)]
}

/** ONNX's GRU: its gates are stacked z, r, n. */
function whole(emit: Emitter, [x, wi, wh, bi, bh, initial]: readonly string[], node: Node): string[] {
  const hidden = node.inputs[2]!.shape[1] as number
  const gates = (w: string) => {
    const [r, z, n] = emit.nodes('Split', [w], { axis: 0, num_outputs: 3 }, { outputs: 3 }) as [string, string, string]
    return emit.node('Concat', [z, r, n], { axis: 0 })
  }
  const lead = (w: string) => emit.node('Unsqueeze', [w, emit.ints([0])])
  const inputs = [x!, lead(gates(wi!)), lead(gates(wh!)), lead(emit.node('Concat', [gates(bi!), gates(bh!)], { axis: 0 }))]
  if (initial) inputs.push('', lead(initial))
  const [y, last] = emit.nodes('GRU', inputs, { hidden_size: hidden, linear_before_reset: 1 }, { outputs: 2 }) as [string, string]
  const states = emit.node('Transpose', [emit.node('Squeeze', [y, emit.ints([1])])], { perm: [0, 2, 1] })
  return [states, emit.node('Transpose', [emit.node('Squeeze', [last, emit.ints([0])])], { perm: [1, 0] }), '', '', '', '', '']
}

/** Rows in equal parts, one for each step. */
export function pieces(emit: Emitter, x: string, parts: number, rows: number): string[] {
  if (parts === 1) return [x]
  return emit.nodes('Split', [x, emit.ints(new Array<number>(parts).fill(rows))], { axis: 0 }, { outputs: parts })
}

/** Steps [rows, batch] one below another, [time * rows, batch]. */
export function stack(emit: Emitter, steps: readonly string[]): string {
  return steps.length === 1 ? steps[0]! : emit.node('Concat', steps, { axis: 0 })
}

/** Steps [rows, batch] side by side, [rows, time * batch]. */
export function side(emit: Emitter, steps: readonly string[]): string {
  return steps.length === 1 ? steps[0]! : emit.node('Concat', steps, { axis: 1 })
}

/** Zeros [hidden, batch], the batch read off x [time, batch, inputs]. */
export function zeroState(emit: Emitter, x: string, hidden: number): string {
  const shape = emit.node('Concat', [emit.ints([hidden]), emit.node('Shape', [x], { start: 1, end: 2 })], { axis: 0 })
  return emit.node('ConstantOfShape', [shape], { value: { tensor: tensor('float32', [1], [0]) } })
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
