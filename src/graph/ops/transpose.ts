import { stridesOf } from '../../tensor/index.ts'
import { normalizeAxes } from '../elementwise.ts'
import { type Dense, expect, type Operator, operator, type Value } from '../op.ts'
import { floats } from '../samples.ts'

/** Axes in another order; default: reversed. Axis i of the result is axis `permutation[i]` of x. */
export const transpose: Operator<[x: Value, permutation?: readonly number[]]> = operator({
  name: 'transpose',
  call: (x: Value, permutation: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i)) => ({
    inputs: [x],
    attrs: { permutation: normalizeAxes('transpose', x, permutation) },
  }),
  infer: (inputs, { permutation }) => {
    const shape = inputs[0]!.shape
    expect(
      new Set(permutation).size === shape.length && permutation.length === shape.length,
      'transpose',
      inputs,
      `each axis once, not [${permutation.join(', ')}]`,
    )
    return { dtype: inputs[0]!.dtype, shape: permutation.map((axis) => shape[axis]!) }
  },
  grad: (node, [dy]) => [dy && transpose(dy, inverse(node.attrs.permutation))],
  onnx: (emit, inputs, node) => emit.node('Transpose', inputs, { perm: node.attrs.permutation }),
  reference: ([x], node) => permute(x!, node.attrs.permutation),
  samples: (random) => [
    { inputs: [floats(random, [2, 3])], build: (x) => transpose(x!) },
    { inputs: [floats(random, [2, 3, 4, 2])], build: (x) => transpose(x!, [0, 2, 1, 3]) },
    { inputs: [floats(random, [2, 3, 4])], build: (x) => transpose(x!, [2, 0, 1]) },
  ],
})

function inverse(permutation: readonly number[]): number[] {
  const back: number[] = []
  permutation.forEach((axis, i) => void (back[axis] = i))
  return back
}

function permute(x: Dense, permutation: readonly number[]): Dense {
  const shape = permutation.map((axis) => x.shape[axis]!)
  const strides = stridesOf(x.shape)
  const outer = stridesOf(shape)
  const data = x.data.slice()
  for (let i = 0; i < data.length; i++) {
    let at = 0
    for (let axis = 0; axis < shape.length; axis++) at += (Math.floor(i / outer[axis]!) % shape[axis]!) * strides[permutation[axis]!]!
    data[i] = x.data[at]!
  }
  return { shape, data }
}
