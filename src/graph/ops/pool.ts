/** Pools over windows of images, and their gradients. A global pool is `mean` or `max` over axes [2, 3]. */
import { isFloat, sizeOf, tensor } from '../../tensor/index.ts'
import { blockable, blockedPool, toBlocked, toPlain } from '../onnx/blocked.ts'
import type { Emitter } from '../onnx/emitter.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { distinct, floats } from '../samples.ts'
import { type Pair, pair, slide, type Window, type WindowOptions, windowed, windowOf } from '../window.ts'
import { constant } from './constant.ts'
import { conv2d } from './conv.ts'
import { relu } from './relu.ts'

export type PoolOptions = WindowOptions

export interface AveragePoolOptions extends Omit<WindowOptions, 'dilation'> {
  /** Whether zeros of the padding count as elements of the mean; default true, as PyTorch; Keras: false. */
  readonly countPadding?: boolean
}

type Pool = Window & { readonly kernel: readonly number[] }

/** The largest element of each window; x [n, channels, height, width]. The stride is the kernel's size by default; padding never wins. */
export function maxPool2d(x: Value, kernel: Pair, options: PoolOptions = {}): Value {
  // The largest of rectified numbers is the rectified largest: rectifying after the pool, and its gradient, is work on fewer numbers.
  return x.node.op === relu.op ? relu(maxPool2dOp(x.node.inputs[0]!, kernel, options)) : maxPool2dOp(x, kernel, options)
}

export const maxPool2dOp: Operator<[x: Value, kernel: Pair, options?: PoolOptions]> = operator({
  name: 'maxPool2d',
  call: (x: Value, kernel: Pair, options: PoolOptions = {}) => ({
    inputs: [x],
    attrs: { ...windowOf('maxPool2d', x, pair(kernel), options, kernel), kernel: pair(kernel) },
  }),
  infer: ([x], pool) => pooledType('maxPool2d', x!, pool),
  grad: (node, [dy]) => [dy && maxPool2dGrad(node.inputs[0]!, node.outputs[0]!, dy, node.attrs)],
  onnx: (emit, [x], { attrs, inputs }) => {
    const inBlocks = emit.blocked.get(x!)
    if (inBlocks === undefined) return emit.node('MaxPool', [x!], onnxOf(attrs))
    return toPlain(emit, blockedPool(emit, 'MaxPool', inBlocks, onnxOf(attrs)), inputs[0]!.shape[1] as number)
  },
  reference: ([x], { attrs }) =>
    pooled(x!, attrs, (out, ends) => {
      out.fill(Number.NEGATIVE_INFINITY)
      ends((from, to) => void (out[to] = Math.max(out[to]!, x!.data[from]!)))
    }),
  samples: (random) =>
    cases.map(({ x, kernel, ...options }) => ({ inputs: [distinct(random, x)], build: (x) => maxPool2d(x!, kernel, options) })),
})

/** dx of a maximum pool: dy goes to the largest element of each window, the first in reading order where several are equal. */
export const maxPool2dGrad: Operator<[x: Value, y: Value, dy: Value, pool: Pool]> = operator({
  name: 'maxPool2dGrad',
  call: (x: Value, y: Value, dy: Value, { strides, pads, dilations, kernel }: Pool) => ({
    inputs: [x, y, dy],
    attrs: { strides, pads, dilations, kernel },
  }),
  infer: (inputs) => {
    const [x, y, dy] = inputs as [TensorType, TensorType, TensorType]
    expect(
      y.shape.every((dim, i) => dim === dy.shape[i]),
      'maxPool2dGrad',
      inputs,
      'a second and a third of the same shape',
    )
    return { dtype: x.dtype, shape: x.shape }
  },
  onnx: (emit, [x, y, dy], node) => {
    const [, channels, height, width] = node.inputs[0]!.shape as [number, number, number, number]
    const [rows, columns] = node.inputs[1]!.shape.slice(2) as [number, number]
    if (!tiles(node.attrs, [height, width])) {
      // ONNX's indices count through the whole tensor.
      const [, indices] = emit.nodes('MaxPool', [x!], onnxOf(node.attrs), { outputs: 2 })
      const flat = (name: string) => emit.node('Reshape', [name, emit.ints([-1])])
      const zeros = emit.node('ConstantOfShape', [emit.node('Shape', [flat(x!)])], { value: { tensor: tensor('float32', [1], [0]) } })
      const sums = emit.node('ScatterElements', [zeros, flat(indices!), flat(dy!)], { axis: 0, reduction: 'add' })
      return emit.node('Reshape', [sums, emit.ints([-1, channels, height, width])])
    }
    if (blockable(emit, node.inputs[0]!.shape) && [x, y].every((name) => emit.blocked.has(name!))) {
      const [image, top, above] = [x!, y!, dy!].map((name) => toBlocked(emit, name)) as [string, string, string]
      return toPlain(emit, tiledInBlocks(emit, image, top, above, node.attrs.kernel, node.inputs[0]!.shape as number[]), channels)
    }
    // Windows that tile the image: the places of a window as planes of the pool's size, compared one after another.
    const [kh, kw] = node.attrs.kernel as [number, number]
    const places = kh * kw
    const split = emit.node('Reshape', [x!, emit.ints([-1, rows, kh, columns, kw])])
    const planes = emit.node('Reshape', [emit.node('Transpose', [split], { perm: [2, 4, 0, 1, 3] }), emit.ints([places, -1])])
    const list = emit.nodes('Split', [planes], { axis: 0, num_outputs: places }, { outputs: places })
    const flat = (name: string) => emit.node('Reshape', [name, emit.ints([1, -1])])
    const joined = emit.node('Reshape', [
      emit.node('Concat', firstEqual(emit, list.slice(0, -1), flat(y!), flat(dy!)), { axis: 0 }),
      emit.ints([kh, kw, -1, rows, columns]),
    ])
    const back = emit.node('Transpose', [joined], { perm: [2, 3, 0, 4, 1] })
    return emit.node('Reshape', [back, emit.ints([-1, channels, height, width])])
  },
  reference: ([x, y, dy], { attrs }) => {
    const data = new Float64Array(x!.data.length)
    const given = new Uint8Array(y!.data.length)
    pooled(x!, attrs, (_out, ends) =>
      ends((from, to) => {
        if (given[to] || x!.data[from] !== y!.data[to]) return
        given[to] = 1
        data[from]! += dy!.data[to]!
      }),
    )
    return { shape: x!.shape, data }
  },
  samples: (random) =>
    [...cases, ...inBlocks].map(({ x, kernel, ...options }) => {
      const window = { ...windowOf('', { dtype: 'float32', shape: x }, pair(kernel), options, kernel), kernel: pair(kernel) }
      const dy = floats(random, [x[0]!, x[1]!, ...windowed(x.slice(2), pair(kernel), window)])
      // Few distinct values, so that ties are many.
      const ties = tensor(
        'float32',
        x,
        Array.from({ length: sizeOf(x) }, () => random.int(3)),
      )
      const build = (x?: Value, dy?: Value) => {
        const image = x!.shape[1] === 16 ? conv2d(x!, constant(one)) : x!
        return maxPool2dGrad(image, maxPool2d(image, kernel, options), dy!, window)
      }
      return { inputs: [ties, dy], build, differentiate: [] }
    }),
})

/** The mean of each window; x [n, channels, height, width]. The stride is the kernel's size by default. */
export const avgPool2d: Operator<[x: Value, kernel: Pair, options?: AveragePoolOptions]> = operator({
  name: 'avgPool2d',
  call: (x: Value, kernel: Pair, { countPadding = true, ...options }: AveragePoolOptions = {}) => ({
    inputs: [x],
    attrs: { ...windowOf('avgPool2d', x, pair(kernel), options, kernel), kernel: pair(kernel), countPadding },
  }),
  infer: ([x], pool) => pooledType('avgPool2d', x!, pool),
  grad: (node, [dy]) => [dy && avgPool2dGrad(dy, node.inputs[0]!.shape.slice(2) as number[], node.attrs)],
  onnx: (emit, inputs, { attrs }) => emit.node('AveragePool', inputs, { ...onnxOf(attrs), count_include_pad: Number(attrs.countPadding) }),
  reference: ([x], { attrs }) => {
    const share = shares(x!.shape.slice(2), attrs)
    return pooled(x!, attrs, (out, ends) => ends((from, to) => void (out[to]! += x!.data[from]! * share[to % share.length]!)))
  },
  samples: (random) =>
    averages.map(({ x, kernel, ...options }) => ({ inputs: [floats(random, x)], build: (x) => avgPool2d(x!, kernel, options) })),
})

/** dx of an average pool over images of a size: each dy spread evenly over its window. Its own gradient is the pool. */
export const avgPool2dGrad: Operator<[dy: Value, size: readonly number[], pool: Pool & { readonly countPadding: boolean }]> = operator({
  name: 'avgPool2dGrad',
  call: (
    dy: Value,
    size: readonly number[],
    { strides, pads, dilations, kernel, countPadding }: Pool & { readonly countPadding: boolean },
  ) => ({
    inputs: [dy],
    attrs: { strides, pads, dilations, kernel, countPadding, size },
  }),
  infer: ([dy], { size, ...pool }) => {
    const rows = windowed(size, pool.kernel, pool)
    expect(dy!.shape[2] === rows[0] && dy!.shape[3] === rows[1], 'avgPool2dGrad', [dy!], `[n, channels, ${rows.join(', ')}]`)
    return { dtype: dy!.dtype, shape: [...dy!.shape.slice(0, 2), ...size] }
  },
  grad: (node, [g]) => {
    const { strides, pads, kernel, countPadding } = node.attrs
    const [top, left, bottom, right] = pads as [number, number, number, number]
    const stride = strides as readonly [number, number]
    const padding = [[top, bottom], [left, right]] as const // biome-ignore format: as it is
    return [g && avgPool2d(g, kernel as readonly [number, number], { stride, padding, countPadding })]
  },
  onnx: (emit, [dy], node) => {
    const { attrs } = node
    const { kernel, strides, pads, size } = attrs
    const [, channels, rows, columns] = node.inputs[0]!.shape as [number, number, number, number]
    const [kh, kw] = kernel as [number, number]
    const share = shares(size, attrs)
    const even = share.every((x) => x === share[0])
    const thinned = emit.node('Mul', [
      dy!,
      even ? emit.float(share[0]!) : emit.constant(tensor('float32', [rows, columns], Float32Array.from(share))),
    ])
    if (tiles(attrs, size)) {
      const thin = emit.node('Reshape', [thinned, emit.ints([-1, rows, 1, columns, 1])])
      const wide = emit.node('Expand', [thin, emit.ints([1, 1, kh, 1, kw])])
      return emit.node('Reshape', [wide, emit.ints([-1, channels, ...size])])
    }
    const rest = [0, 1].map(
      (axis) => size[axis]! - (([rows, columns][axis]! - 1) * strides[axis]! + kernel[axis]! - pads[axis]! - pads[axis + 2]!),
    )
    const ones = emit.constant(tensor('float32', [channels, 1, kh, kw], new Float32Array(channels * kh * kw).fill(1)))
    return emit.node('ConvTranspose', [thinned, ones], { strides, pads, group: channels, output_padding: rest })
  },
  reference: ([dy], { attrs }) => {
    const share = shares(attrs.size, attrs)
    const shape = [...dy!.shape.slice(0, 2), ...attrs.size]
    const data = new Float64Array(sizeOf(shape))
    pooled({ shape, data }, attrs, (_out, ends) => ends((from, to) => void (data[from]! += dy!.data[to]! * share[to % share.length]!)))
    return { shape, data }
  },
  samples: (random) =>
    averages.map(({ x, kernel, countPadding = true, ...options }) => {
      const window = { ...windowOf('', { dtype: 'float32', shape: x }, pair(kernel), options, kernel), kernel: pair(kernel), countPadding }
      const dy = floats(random, [x[0]!, x[1]!, ...windowed(x.slice(2), pair(kernel), window)])
      return { inputs: [dy], build: (dy) => avgPool2dGrad(dy!, x.slice(2), window) }
    }),
})

function pooledType(name: string, x: TensorType, pool: Pool): TensorType {
  expect(isFloat(x.dtype), name, [x], 'floats')
  const size = windowed(x.shape.slice(2) as number[], pool.kernel, pool)
  expect(
    size.every((n) => n >= 1),
    name,
    [x],
    `an image at least as large as the window [${pool.kernel.join(', ')}]`,
  )
  const narrow = pool.pads.every((n, i) => n < pool.kernel[i % 2]!)
  expect(narrow, name, [x], `paddings smaller than the window [${pool.kernel.join(', ')}]`)
  return { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...size] }
}

/** Gives what comes from above to the first of some values that equals the top; the last is not looked at, it gets what is left. */
function firstEqual(emit: Emitter, values: readonly string[], top: string, above: string): string[] {
  let rest = above
  const parts = values.map((value) => {
    // A mask as numbers: a third of the time of Where, which broadcasts its zero.
    const part = emit.node('Mul', [rest, emit.node('Cast', [emit.node('Equal', [value, top])], { to: 1 })])
    rest = emit.node('Sub', [rest, part])
    return part
  })
  return [...parts, rest]
}

/** First to the row of the window that has the maximum, then to the column in that row: cuts and joins of whole blocks, no transposition. */
function tiledInBlocks(
  emit: Emitter,
  image: string,
  top: string,
  above: string,
  [kh, kw]: readonly number[],
  [, channels, height, width]: readonly number[],
): string {
  const shaped = (x: string, ...shape: number[]) => emit.node('Reshape', [x, emit.ints([-1, ...shape])])
  const allButLast = (x: string, parts: number) =>
    Array.from({ length: parts - 1 }, (_, i) => emit.node('Slice', [x, emit.ints([i]), emit.ints([i + 1]), emit.ints([1])]))
  const joined = (list: string[]) => (list.length === 1 ? list[0]! : emit.node('Concat', list, { axis: 1 }))
  const line = (width! / kw!) * emit.block
  const row = { kernel_shape: [1, kw!], strides: [1, kw!], pads: [0, 0, 0, 0], dilations: [1, 1] }
  const across = kw === 1 ? image : blockedPool(emit, 'MaxPool', image, row)
  const lines = allButLast(shaped(across, kh!, line), kh!)
  const byLine = joined(firstEqual(emit, lines, shaped(top, 1, line), shaped(above, 1, line)))
  const columns = allButLast(shaped(image, kw!, emit.block), kw!)
  const byColumn = joined(firstEqual(emit, columns, shaped(across, 1, emit.block), shaped(byLine, 1, emit.block)))
  return shaped(byColumn, channels!, height!, width!)
}

const onnxOf = ({ kernel, strides, pads, dilations }: Pool) => ({ kernel_shape: kernel, strides, pads, dilations })

/** Whether the windows cover the image without gap or overlap. */
function tiles({ kernel, strides, pads, dilations }: Pool, size: readonly number[]): boolean {
  return (
    kernel.every((n, axis) => n === strides[axis] && size[axis]! % n === 0) && pads.every((n) => n === 0) && dilations.every((n) => n === 1)
  )
}

/** What each element of a window counts in its mean, by output position of one image. */
function shares(size: readonly number[], pool: Pool & { readonly countPadding: boolean }): Float64Array {
  const counts = new Float64Array(sizeOf(windowed(size, pool.kernel, pool)))
  slide(size, pool.kernel, pool, (out) => void counts[out]!++)
  return counts.map((count) => 1 / (pool.countPadding ? sizeOf(pool.kernel) : count))
}

/** Runs the reference over every window of every channel, with flat indices into input and output. */
function pooled(x: Dense, pool: Pool, body: (out: Float64Array, ends: (visit: (from: number, to: number) => void) => void) => void): Dense {
  const [planes, size] = [sizeOf(x.shape.slice(0, 2)), x.shape.slice(2)]
  const rows = windowed(size, pool.kernel, pool)
  const data = new Float64Array(planes * sizeOf(rows))
  body(data, (visit) => {
    for (let p = 0; p < planes; p++) slide(size, pool.kernel, pool, (out, at) => visit(p * sizeOf(size) + at, p * sizeOf(rows) + out))
  })
  return { shape: [...x.shape.slice(0, 2), ...rows], data }
}

interface Case extends PoolOptions {
  readonly x: number[]
  readonly kernel: Pair
}

const cases: readonly Case[] = [
  { x: [2, 2, 4, 6], kernel: 2 },
  { x: [1, 2, 6, 2], kernel: [3, 1] },
  { x: [2, 1, 5, 5], kernel: 2 },
  { x: [1, 2, 5, 6], kernel: 3, stride: 2, padding: 1 },
  { x: [1, 1, 5, 5], kernel: 2, stride: 1, padding: 'same' },
  { x: [1, 1, 6, 6], kernel: 2, stride: 1, dilation: 2 },
]

/** After a convolution with the identity, which leaves its result in onnxruntime's blocks. */
const inBlocks: readonly Case[] = [
  { x: [2, 16, 4, 6], kernel: 2 },
  { x: [1, 16, 6, 4], kernel: [3, 1] },
  { x: [1, 16, 3, 6], kernel: [1, 3] },
  { x: [1, 16, 5, 5], kernel: 2, stride: 1 },
]
const one = tensor(
  'float32',
  [16, 16, 1, 1],
  Array.from({ length: 256 }, (_, i) => Number(i % 17 === 0)),
)

const averages: readonly (Omit<Case, 'dilation'> & AveragePoolOptions)[] = [
  { x: [2, 2, 4, 6], kernel: 2 },
  { x: [2, 1, 5, 5], kernel: 2 },
  { x: [1, 2, 5, 6], kernel: 3, stride: 2, padding: 1 },
  { x: [1, 2, 5, 6], kernel: 3, stride: 2, padding: 1, countPadding: false },
  { x: [1, 1, 5, 5], kernel: [2, 3], stride: 1, padding: 'same', countPadding: false },
]
