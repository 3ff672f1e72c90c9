import { tensor } from '../../tensor/index.ts'
import { isStatic } from '../dim.ts'
import { normalizeAxes } from '../elementwise.ts'
import { expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { broadcastTo } from './broadcast.ts'
import { concat } from './concat.ts'
import { constant } from './constant.ts'
import { cut } from './slice.ts'

/** Cuts an axis of known size in a number of equal parts, or in parts of the given sizes. Concatenation undoes it. */
export const split: Operator<[x: Value, axis: number, parts: number | readonly number[]], readonly Value[]> = operator({
  name: 'split',
  call: (x: Value, axis: number, parts: number | readonly number[]) => {
    const at = normalizeAxes('split', x, [axis])[0]!
    const size = x.shape[at] as number
    if (typeof parts !== 'number') return { inputs: [x], attrs: { axis: at, sizes: parts } }
    expect(size % parts === 0, 'split', [x], `an axis ${at} that ${parts} divides`)
    return { inputs: [x], attrs: { axis: at, sizes: new Array<number>(parts).fill(size / parts) } }
  },
  infer: (inputs, { axis, sizes }) => {
    const [x] = inputs as [TensorType]
    const total = sizes.reduce((a, b) => a + b, 0)
    expect(x.shape[axis] === total && sizes.every((n) => n > 0), 'split', inputs, `parts [${sizes.join(', ')}] that add up to axis ${axis}`)
    return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? size : dim)) }))
  },
  grad: (node, grads) => {
    const whole = node.outputs.map((y, i) => grads[i] ?? zerosLike(y))
    return [grads.every((dy) => dy === undefined) ? undefined : concat(whole, node.attrs.axis)]
  },
  onnx: (emit, [x], { attrs }) => {
    const { axis, sizes } = attrs
    if (sizes.length === 1) return emit.node('Identity', [x!])
    return emit.nodes('Split', [x!, emit.ints(sizes)], { axis }, { outputs: sizes.length })
  },
  reference: ([x], { attrs }) => {
    let start = 0
    return attrs.sizes.map((size) => {
      start += size
      return cut(x!, attrs.axis, start - size, start)
    })
  },
  samples: (random) => [
    { inputs: [floats(random, [4, 3])], build: (x) => split(x!, 0, 2) },
    { inputs: [floats(random, [2, 6, 2])], build: (x) => split(x!, 1, [1, 3, 2]) },
    { inputs: [floats(random, [2, 6])], build: (x) => split(x!, -1, [1, 3, 2])[1]! },
  ],
})

function zerosLike(value: Value): Value {
  const zero = constant(tensor(value.dtype, [], [0]))
  return isStatic(value.shape) ? constant(tensor(value.dtype, value.shape)) : broadcastTo(zero, value)
}
