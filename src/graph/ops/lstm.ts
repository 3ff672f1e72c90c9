/**
 * Long short-term memory over a whole sequence, and its gradient. Gates i, f, g, o as PyTorch stacks them:
 *   c' = f c + i g, h' = o tanh(c'), with i, f, o = sigmoid and g = tanh of W x + b + U h + d.
 * Source: Hochreiter, Schmidhuber 1997, with forget gates (Gers et al. 2000). Laid out and unrolled as the gru.
 */
import { isFloat, sizeOf } from '../../tensor/index.ts'
import { type Dim, sizeOfDims } from '../dim.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { type Dense, expect, type Node, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { pieces, type RecurrentWeights, side, sigmoid, stack, zeroState } from './gru.ts'
import { matmulOp } from './matmul.ts'
import { sum } from './reduce.ts'
import { reshape } from './reshape.ts'
import { transpose } from './transpose.ts'

/** A first state and a first cell, [batch, hidden] each. */
export interface LstmState {
  readonly hidden: Value
  readonly cell: Value
}

/**
 * Inputs x [time, batch, inputs] and a first state (default: zeros) -> the states [time, hidden, batch], the last [hidden, batch] and the
 * last cell [hidden, batch]: mind the batch at the end.
 */
export function lstm(
  x: Value,
  weights: RecurrentWeights,
  initial?: LstmState,
): { readonly states: Value; readonly last: Value; readonly cell: Value } {
  const [states, last, cell] = lstmOp(x, weights, initial)
  return { states, last, cell }
}

type Saved = readonly [i: Value, f: Value, g: Value, o: Value, before: Value, squashed: Value]
type Outputs = readonly [states: Value, last: Value, cell: Value, previous: Value, ...saved: Saved]

/**
 * With what its gradient needs: the states before each step side by side [hidden, time * batch], the gates, the cells before each step
 * and tanh of those after it [time, hidden, batch].
 */
export const lstmOp: Operator<[x: Value, weights: RecurrentWeights, initial?: LstmState], Outputs> = operator({
  name: 'lstm',
  call: (x: Value, { input, hidden, inputBias, hiddenBias }: RecurrentWeights, initial?: LstmState) => ({
    inputs: [x, input, hidden, inputBias, hiddenBias, ...(initial ? [initial.hidden, initial.cell] : [])],
    attrs: {},
  }),
  infer: (inputs) => {
    const [x, wi, wh, bi, bh, ...initial] = inputs as [TensorType, TensorType, TensorType, TensorType, TensorType]
    const hidden = wh.shape[1] as number
    expect(
      x.shape.length === 3 && isFloat(x.dtype) && typeof x.shape[0] === 'number',
      'lstm',
      inputs,
      'floats [time, batch, inputs] of known time',
    )
    const [time, batch, features] = x.shape as [number, Dim, number]
    const wanted = [[4 * hidden, features], [4 * hidden, hidden], [4 * hidden], [4 * hidden]] // biome-ignore format: as it is
    const given = [wi, wh, bi, bh].map(({ shape }) => shape.join())
    expect(given.join(';') === wanted.join(';'), 'lstm', inputs, `weights ${wanted.map((shape) => `[${shape.join(', ')}]`).join(', ')}`)
    const fits = (initial as TensorType[]).every(({ shape }) => shape.join() === [batch, hidden].join())
    expect(fits, 'lstm', inputs, `a first state and cell [${batch}, ${hidden}]`)
    const of = (...shape: Dim[]) => ({ dtype: x.dtype, shape })
    const each = of(time, hidden, batch)
    return [each, of(hidden, batch), of(hidden, batch), of(hidden, sizeOfDims([time, batch])), each, each, each, each, each, each]
  },
  grad: (node, [dStates, dLast, dCell]) => {
    const [x, wi, wh, , , initial] = node.inputs as [Value, Value, Value, Value, Value, Value?]
    const [, , , previous, ...saved] = node.outputs as Outputs
    const [d, dInitial, dFirst] = lstmGrad(wh, saved, dStates, dLast, dCell)
    const bias = sum(d, { axes: [1] })
    return [
      reshape(matmulOp(d, wi, { transposeA: true }), x.shape),
      matmulOp(d, reshape(x, [-1, x.shape[2]!])),
      matmulOp(d, previous, { transposeB: true }),
      bias,
      bias,
      ...(initial ? [transpose(dInitial), transpose(dFirst)] : []),
    ]
  },
  onnx: (emit, inputs, node) =>
    node.outputs.slice(3).some((value) => emit.isUsed(value)) ? unrolled(emit, inputs, node) : whole(emit, inputs, node),
  reference: ([x, wi, wh, bi, bh, initial, first]) => {
    const [time, batch, features] = x!.shape as [number, number, number]
    const size = wh!.shape[1]!
    const shape = [time, size, batch]
    const fresh = () => new Float64Array(sizeOf(shape))
    const gates = [fresh(), fresh(), fresh(), fresh()] as const
    const [h, c, before, squashed, previous] = [fresh(), fresh(), fresh(), fresh(), fresh()]
    for (let t = 0; t < time; t++) {
      for (let b = 0; b < batch; b++) {
        const old = (list: Float64Array, start: Dense | undefined, j: number) =>
          t > 0 ? list[((t - 1) * size + j) * batch + b]! : (start?.data[b * size + j] ?? 0)
        for (let j = 0; j < size; j++) {
          const at = (t * size + j) * batch + b
          gates.forEach((list, gate) => {
            const row = gate * size + j
            let total = bi!.data[row]! + bh!.data[row]!
            for (let i = 0; i < features; i++) total += wi!.data[row * features + i]! * x!.data[(t * batch + b) * features + i]!
            for (let i = 0; i < size; i++) total += wh!.data[row * size + i]! * old(h, initial, i)
            list[at] = gate === 2 ? Math.tanh(total) : sigmoid(total)
          })
          before[at] = old(c, first, j)
          previous[(j * time + t) * batch + b] = old(h, initial, j)
          c[at] = gates[1][at]! * before[at]! + gates[0][at]! * gates[2][at]!
          squashed[at] = Math.tanh(c[at]!)
          h[at] = gates[3][at]! * squashed[at]!
        }
      }
    }
    const last = (list: Float64Array) => ({ shape: [size, batch], data: list.slice(-size * batch) })
    const rest = [...gates, before, squashed].map((data) => ({ shape, data }))
    return [{ shape, data: h }, last(h), last(c), { shape: [size, time * batch], data: previous }, ...rest]
  },
  samples: (random) => {
    const sample = (time: number, batch: number, features: number, hidden: number, initial: boolean, which: readonly number[]) => ({
      inputs:
        [[time, batch, features], [4 * hidden, features], [4 * hidden, hidden], [4 * hidden], [4 * hidden]] // biome-ignore format: as it is
        .concat(initial ? [[batch, hidden], [batch, hidden]] : []) // biome-ignore format: as it is
          .map((shape) => floats(random, shape, [-1, 1])),
      build: (...[x, input, hidden, inputBias, hiddenBias, h, c]: Value[]) => {
        const weights = { input: input!, hidden: hidden!, inputBias: inputBias!, hiddenBias: hiddenBias! }
        const { states, last, cell } = lstm(x!, weights, h && { hidden: h, cell: c! })
        return which.map((i) => [states, last, cell][i]!)
      },
    })
    return [
      sample(3, 2, 3, 2, true, [0, 1, 2]),
      sample(2, 3, 1, 3, false, [0]),
      sample(4, 1, 2, 2, false, [1]),
      sample(2, 1, 2, 2, true, [2]),
    ]
  },
})

/** The gradients of an lstm to its sums before the gates [4 * hidden, time * batch], to the first state and to the first cell [hidden, batch]. */
export const lstmGrad: Operator<
  [wh: Value, saved: Saved, dStates: Value | undefined, dLast: Value | undefined, dCell: Value | undefined],
  readonly [d: Value, dInitial: Value, dFirst: Value]
> = operator({
  name: 'lstmGrad',
  call: (wh: Value, saved: Saved, dStates: Value | undefined, dLast: Value | undefined, dCell: Value | undefined) => {
    const upstream = [dStates, dLast, dCell]
    return {
      inputs: [wh, ...saved, ...upstream.filter((value) => value !== undefined)],
      attrs: { upstream: upstream.map((value) => Number(value !== undefined)) },
    }
  },
  infer: (inputs, { upstream }) => {
    const gate = inputs[1] as TensorType
    expect(upstream.includes(1), 'lstmGrad', inputs, 'the gradient of the states, of the last or of the cell')
    const [time, hidden, batch] = gate.shape as [number, number, Dim]
    const of = (...shape: Dim[]) => ({ dtype: gate.dtype, shape })
    return [of(4 * hidden, sizeOfDims([time, batch])), of(hidden, batch), of(hidden, batch)]
  },
  onnx: (emit, [wh, i, f, g, o, before, squashed, ...given], node) => {
    const [dStates, dLast, dCell] = node.attrs.upstream.map((has) => (has ? given.shift() : undefined))
    const [time, hidden] = node.inputs[1]!.shape as [number, number]
    const one = emit.float(1)
    const mul = (a: string, b: string) => emit.node('Mul', [a, b])
    const add = (a: string | undefined, b: string) => (a === undefined ? b : emit.node('Add', [a, b]))
    const rest = (a: string) => emit.node('Sub', [one, a])
    const steps = (x: string, rows = 1) => pieces(emit, emit.node('Reshape', [x, emit.ints([time * rows, hidden, -1])]), time, rows)
    const flat = (x: string) => emit.node('Reshape', [x, emit.ints([hidden, -1])])
    // What a step multiplies dc (of i, f, g) and dh (of o and of c) by, for all steps at once.
    const toI = mul(g!, mul(i!, rest(i!)))
    const toF = mul(before!, mul(f!, rest(f!)))
    const toG = mul(i!, rest(mul(g!, g!)))
    const toCell = steps(mul(o!, rest(mul(squashed!, squashed!))))
    const toO = steps(mul(squashed!, mul(o!, rest(o!))))
    const factors = steps(emit.node('Concat', [toI, toF, toG], { axis: 1 }), 3)
    const forget = steps(f!)
    const dys = dStates ? steps(dStates) : []
    // Turned once, in a form that onnxruntime does not merge into each of the products.
    const deep = emit.node('Reshape', [wh!, emit.ints([4 * hidden, hidden, 1])])
    const back = emit.node('Reshape', [emit.node('Transpose', [deep], { perm: [1, 0, 2] }), emit.ints([hidden, 4 * hidden])])
    const ds: string[] = []
    let dh = dLast && emit.node('Reshape', [dLast, emit.ints([1, hidden, -1])])
    let dc = dCell && emit.node('Reshape', [dCell, emit.ints([1, hidden, -1])])
    for (let t = time - 1; t >= 0; t--) {
      if (t === time - 1 && dys[t]) dh = add(dh, dys[t]!)
      // Nothing comes to the last state itself where only the cell is asked for.
      dh ??= mul(dc!, emit.float(0))
      dc = add(dc, mul(dh, toCell[t]!))
      const d = emit.node('Reshape', [
        emit.node('Concat', [mul(dc, factors[t]!), mul(dh, toO[t]!)], { axis: 0 }),
        emit.ints([4 * hidden, -1]),
      ])
      ds.unshift(d)
      dc = mul(dc, forget[t]!)
      const product = [back, d]
      if (t > 0 && dys[t - 1]) product.push(flat(dys[t - 1]!))
      dh = emit.node('Reshape', [emit.node('Gemm', product), emit.ints([1, hidden, -1])])
    }
    return [side(emit, ds), flat(dh!), flat(dc!)]
  },
  reference: ([wh, i, f, g, o, before, squashed, ...given], { attrs }) => {
    const [time, size, batch] = i!.shape as [number, number, number]
    const rest = [...given]
    const [dStates, dLast, dCell] = attrs.upstream.map((has) => (has ? rest.shift() : undefined))
    const d = new Float64Array(4 * size * time * batch)
    let dh = dLast ? Float64Array.from(dLast.data) : new Float64Array(size * batch)
    const dc = dCell ? Float64Array.from(dCell.data) : new Float64Array(size * batch)
    for (let t = time - 1; t >= 0; t--) {
      for (let j = 0; j < size; j++) {
        for (let b = 0; b < batch; b++) {
          const [at, cell] = [(t * size + j) * batch + b, j * batch + b]
          const [it, ft, gt, ot, s] = [i, f, g, o, squashed].map((x) => x!.data[at]!) as [number, number, number, number, number]
          const dht = dh[cell]! + (dStates ? dStates.data[at]! : 0)
          const dct = dc[cell]! + dht * ot * (1 - s * s)
          const parts = [
            dct * gt * it * (1 - it),
            dct * before!.data[at]! * ft * (1 - ft),
            dct * it * (1 - gt * gt),
            dht * s * ot * (1 - ot),
          ]
          parts.forEach((v, gate) => void (d[((gate * size + j) * time + t) * batch + b] = v))
          dc[cell] = dct * ft
        }
      }
      dh = new Float64Array(size * batch)
      for (let row = 0; row < 4 * size; row++)
        for (let k = 0; k < size; k++)
          for (let b = 0; b < batch; b++) dh[k * batch + b]! += wh!.data[row * size + k]! * d[(row * time + t) * batch + b]!
    }
    const shape = [size, batch]
    return [{ shape: [4 * size, time * batch], data: d }, { shape, data: dh }, { shape, data: dc }] // biome-ignore format: as it is
  },
  samples: (random) => {
    const saved = () => Array.from({ length: 6 }, () => floats(random, [3, 2, 2], [-1, 1]))
    const build = (wh: Value, ...[i, f, g, o, before, squashed, dStates, dLast, dCell]: Value[]) =>
      lstmGrad(wh, [i!, f!, g!, o!, before!, squashed!], dStates, dLast, dCell)
    return [
      { inputs: [floats(random, [8, 2]), ...saved(), floats(random, [3, 2, 2])], build: build as never, differentiate: [] },
      {
        inputs: [floats(random, [8, 2]), ...saved(), floats(random, [3, 2, 2]), floats(random, [2, 2]), floats(random, [2, 2])],
        build: build as never,
        differentiate: [],
      },
    ]
  },
})

function unrolled(emit: Emitter, [x, wi, wh, bi, bh, initial, first]: readonly string[], node: Node): string[] {
  const [time] = node.inputs[0]!.shape as [number]
  const hidden = node.inputs[2]!.shape[1] as number
  // Rows i, f, o and rows g: two products that onnxruntime fuses with their sigmoid and tanh.
  const parts = (w: string) => {
    const sizes = emit.ints([2 * hidden, hidden, hidden])
    const [both, g, o] = emit.nodes('Split', [w, sizes], { axis: 0 }, { outputs: 3 }) as [string, string, string]
    return [emit.node('Concat', [both, o], { axis: 0 }), g] as const
  }
  const [wiOpen, wiFresh] = parts(wi!)
  const [whOpen, whFresh] = parts(wh!)
  const [openBias, freshBias] = parts(emit.node('Add', [bi!, bh!]))
  const turned = emit.target === 'onnxruntime' ? x! : emit.node('Transpose', [x!], { perm: [0, 2, 1] })
  const project = (w: string, b: string, rows: number) => {
    const product =
      emit.target === 'onnxruntime'
        ? emit.node('FusedMatMul', [w, turned], { transB: 1 }, { domain: 'com.microsoft' })
        : emit.node('MatMul', [w, turned])
    const sums = emit.node('Add', [product, emit.node('Reshape', [b, emit.ints([rows, 1])])])
    return pieces(emit, emit.node('Reshape', [sums, emit.ints([time * rows, -1])]), time, rows)
  }
  const openInputs = project(wiOpen, openBias, 3 * hidden)
  const freshInputs = project(wiFresh, freshBias, hidden)
  const turn = (state: string) => emit.node('Transpose', [state], { perm: [1, 0] })
  let h = initial ? turn(initial) : zeroState(emit, x!, hidden)
  let c = first ? turn(first) : zeroState(emit, x!, hidden)
  const kept: string[][] = Array.from({ length: 8 }, () => [])
  for (let t = 0; t < time; t++) {
    const open = emit.node('Sigmoid', [emit.node('Gemm', [whOpen, h, openInputs[t]!])])
    const [i, f, o] = emit.nodes('Split', [open], { axis: 0, num_outputs: 3 }, { outputs: 3 }) as [string, string, string]
    const g = emit.node('Tanh', [emit.node('Gemm', [whFresh, h, freshInputs[t]!])])
    const next = emit.node('Add', [emit.node('Mul', [f, c]), emit.node('Mul', [i, g])])
    const squashed = emit.node('Tanh', [next])
    const state = emit.node('Mul', [o, squashed])
    ;[state, h, i, f, g, o, c, squashed].forEach((item, k) => void kept[k]!.push(item))
    h = state
    c = next
  }
  const [states, before, ...saved] = kept as [string[], string[], ...string[][]]
  const stacked = (list: string[]) => emit.node('Reshape', [stack(emit, list), emit.ints([time, hidden, -1])])
  return [stacked(states), h, c, side(emit, before), ...saved.map(stacked)]
}

/** ONNX's LSTM: its gates are stacked i, o, f, g. */
function whole(emit: Emitter, [x, wi, wh, bi, bh, initial, first]: readonly string[], node: Node): string[] {
  const hidden = node.inputs[2]!.shape[1] as number
  const gates = (w: string) => {
    const [i, f, g, o] = emit.nodes('Split', [w], { axis: 0, num_outputs: 4 }, { outputs: 4 }) as [string, string, string, string]
    return emit.node('Concat', [i, o, f, g], { axis: 0 })
  }
  const lead = (w: string) => emit.node('Unsqueeze', [w, emit.ints([0])])
  const inputs = [x!, lead(gates(wi!)), lead(gates(wh!)), lead(emit.node('Concat', [gates(bi!), gates(bh!)], { axis: 0 }))]
  if (initial) inputs.push('', lead(initial), lead(first!))
  const [y, last, cell] = emit.nodes('LSTM', inputs, { hidden_size: hidden }, { outputs: 3 }) as [string, string, string]
  const turn = (state: string) => emit.node('Transpose', [emit.node('Squeeze', [state, emit.ints([0])])], { perm: [1, 0] })
  const states = emit.node('Transpose', [emit.node('Squeeze', [y, emit.ints([1])])], { perm: [0, 2, 1] })
  return [states, turn(last), turn(cell), ...node.outputs.slice(3).map(() => '')]
}
