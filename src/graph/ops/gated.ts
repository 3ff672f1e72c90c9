/**
 * Activations of the form y = x g(x), with a gate g between 0 and 1: gelu, geluTanh, silu. The gate is a second output, so that
 * the gradient dy (g + x g'(x)) need not compute it again.
 */
import { isFloat } from '../../tensor/index.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { expect, type Operator, operator, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { add } from './add.ts'
import { erfOf } from './erf.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

type Gated = Operator<[x: Value], readonly [y: Value, gate: Value]>

/** x times the normal distribution's cumulative function, exact. Source: Hendrycks, Gimpel 2016. */
export const gelu = (x: Value): Value => geluOp(x)[0]

/** gelu's approximation by tanh, as GPT-2 has it; written as x sigmoid(2 z) = x (1 + tanh z) / 2. */
export const geluTanh = (x: Value): Value => geluTanhOp(x)[0]

/** x sigmoid(x), also called swish. */
export const silu = (x: Value): Value => siluOp(x)[0]

const DENSITY = Math.log(1 / Math.sqrt(2 * Math.PI))

export const geluOp: Gated = gated({
  name: 'gelu',
  of: (x) => (1 + erfOf(x / Math.SQRT2)) / 2,
  onnx: (emit, x) => {
    const turned = emit.node('Erf', [emit.node('Mul', [x, emit.float(Math.SQRT1_2)])])
    return emit.node('Mul', [emit.node('Add', [turned, emit.float(1)]), emit.float(0.5)])
  },
  slope: (x, gate, times) => {
    const density = exp(sub(DENSITY, mul(mul(x, 0.5), x)))
    return times === gate ? density : mul(x, density)
  },
})

/** 2 sqrt(2 / pi), and the cubic coefficient of the approximation. */
const LINEAR = 2 * Math.sqrt(2 / Math.PI)
const CUBIC = LINEAR * 0.044715

export const geluTanhOp: Gated = gated({
  name: 'geluTanh',
  of: (x) => sigmoidOf(x * (LINEAR + CUBIC * x * x)),
  onnx: (emit, x) => {
    const square = emit.node('Mul', [emit.node('Mul', [x, x]), emit.float(CUBIC)])
    return emit.node('Sigmoid', [emit.node('Mul', [x, emit.node('Add', [square, emit.float(LINEAR)])])])
  },
  slope: (x, gate, times) => mul(mul(times, sub(1, gate)), add(mul(mul(x, x), 3 * CUBIC), LINEAR)),
})

export const siluOp: Gated = gated({
  name: 'silu',
  of: sigmoidOf,
  onnx: (emit, x) => emit.node('Sigmoid', [x]),
  slope: (_x, gate, times) => mul(times, sub(1, gate)),
})

interface Gate {
  readonly name: string
  readonly of: (x: number) => number
  readonly onnx: (emit: Emitter, x: string) => string
  /** g'(x) where `times` is the gate g, x g'(x) where it is y = x g: most have g as a factor, so that multiplying costs nothing. */
  readonly slope: (x: Value, gate: Value, times: Value) => Value
}

function gated({ name, of, onnx, slope }: Gate): Gated {
  return operator({
    name,
    call: (x: Value) => ({ inputs: [x], attrs: {} }),
    infer: (inputs) => {
      const [x] = inputs as [Value]
      expect(isFloat(x.dtype), name, inputs, 'a float')
      const type = { dtype: x.dtype, shape: x.shape }
      return [type, type]
    },
    grad: (node, [dy, dGate]) => {
      const x = node.inputs[0]!
      const [y, gate] = node.outputs as [Value, Value]
      const dx = dy && mul(dy, add(gate, slope(x, gate, y)))
      if (!dGate) return [dx]
      const more = mul(dGate, slope(x, gate, gate))
      return [dx ? add(dx, more) : more]
    },
    onnx: (emit, [x]) => {
      const gate = onnx(emit, x!)
      return [emit.node('Mul', [x!, gate]), gate]
    },
    reference: ([x]) => {
      const gate = Float64Array.from(x!.data, of)
      return [
        { shape: x!.shape, data: gate.map((g, i) => g * x!.data[i]!) },
        { shape: x!.shape, data: gate },
      ]
    },
    samples: (random) => [[], [3], [2, 3, 2]].map((shape) => ({ inputs: [floats(random, shape, [-3, 3])] })),
  })
}

function sigmoidOf(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
