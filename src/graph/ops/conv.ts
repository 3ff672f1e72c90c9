/** conv2d, its input gradient and its weight gradient: three bilinear operators, each one's gradients are the other two. */
import { isFloat, sizeOf } from '../../tensor/index.ts'
import { blockedForward, blockedInputGrad, blockedWeightGrad } from '../onnx/convolution.ts'
import { type Dense, expect, type Operator, operator, type TensorType, type Value } from '../op.ts'
import { floats } from '../samples.ts'
import { slide, type Window, type WindowOptions, windowed, windowOf } from '../window.ts'
import { sum } from './reduce.ts'

export interface ConvOptions extends WindowOptions {
  /** Channels fall into this many groups that do not see each other; default 1. `groups` = channels is a depthwise convolution. */
  readonly groups?: number
  /** One number per output channel, added. */
  readonly bias?: Value
}

/** What a convolution's node keeps. */
type Conv = Window & { readonly groups: number }

/**
 * Cross-correlation of images x [n, channels, height, width] with kernels w [outputs, channels / groups, kh, kw]
 * -> [n, outputs, rows, columns], as torch.nn.functional.conv2d.
 */
export const conv2d: Operator<[x: Value, w: Value, options?: ConvOptions]> = operator({
  name: 'conv2d',
  call: (x: Value, w: Value, { bias, groups = 1, ...options }: ConvOptions = {}) => {
    expect(w.shape.length === 4 && w.shape.every((dim) => typeof dim === 'number'), 'conv2d', [x, w], 'kernels [outputs, channels, kh, kw]')
    const window = windowOf('conv2d', x, w.shape.slice(2) as number[], options, 1)
    return { inputs: bias ? [x, w, bias] : [x, w], attrs: { ...window, groups } }
  },
  infer: (inputs, conv) => {
    const [x, w, bias] = inputs as [TensorType, TensorType, TensorType?]
    const [outputs, channels, ...kernel] = w.shape as number[]
    expect(
      inputs.every(({ dtype }) => isFloat(dtype) && dtype === x.dtype),
      'conv2d',
      inputs,
      'floats of the same dtype',
    )
    expect(
      x.shape[1] === channels! * conv.groups && outputs! % conv.groups === 0,
      'conv2d',
      inputs,
      `channels / groups as second dimension of the kernels, and outputs that ${conv.groups} groups divide`,
    )
    expect(!bias || (bias.shape.length === 1 && bias.shape[0] === outputs), 'conv2d', inputs, `a bias [${outputs}]`)
    const size = windowed(x.shape.slice(2) as number[], kernel, conv)
    expect(
      size.every((n) => n >= 1),
      'conv2d',
      inputs,
      'an image at least as large as the kernel',
    )
    return { dtype: x.dtype, shape: [x.shape[0]!, outputs!, ...size] }
  },
  grad: (node, [dy]) => {
    const [x, w, bias] = node.inputs as [Value, Value, Value?]
    const grads = [
      dy && inputGradOf(dy, w, x.shape.slice(2) as number[], node.attrs),
      dy && weightGradOf(x, dy, w.shape.slice(2) as number[], node.attrs),
    ]
    return bias ? [...grads, dy && sum(dy, { axes: [0, 2, 3] })] : grads
  },
  onnx: (emit, inputs, { attrs, inputs: values }) =>
    blockedForward(emit, inputs, values, attrs) ??
    emit.node('Conv', inputs, { strides: attrs.strides, pads: attrs.pads, dilations: attrs.dilations, group: attrs.groups }),
  reference: ([x, w, bias], { attrs }) => {
    const size = windowed(x!.shape.slice(2), w!.shape.slice(2), attrs)
    const shape = [x!.shape[0]!, w!.shape[0]!, ...size]
    const area = sizeOf(size)
    const data = new Float64Array(sizeOf(shape))
    if (bias) for (let i = 0; i < data.length; i++) data[i] = bias.data[Math.floor(i / area) % shape[1]!]!
    convolve(x!.shape, w!.shape, attrs, (ix, iw, iy) => void (data[iy]! += x!.data[ix]! * w!.data[iw]!))
    return { shape, data }
  },
  samples: (random) =>
    cases.map(({ x, w, bias, ...options }) => ({
      inputs: [floats(random, x), floats(random, w), ...(bias ? [floats(random, [w[0]!])] : [])],
      build: (x, w, bias) => conv2d(x!, w!, { ...options, ...(bias && { bias }) }),
      ...(w[0]! > 8 && { differentiate: [] }),
    })),
})

/** The gradient of a convolution to its images: dy [n, outputs, rows, columns], w -> [n, channels, ...size]. */
export const conv2dInputGrad: Operator<[dy: Value, w: Value, size: readonly number[], options?: Omit<ConvOptions, 'bias'>]> = operator({
  name: 'conv2dInputGrad',
  call: (dy: Value, w: Value, size: readonly number[], { groups = 1, ...options }: Omit<ConvOptions, 'bias'> = {}) => {
    const image = { dtype: dy.dtype, shape: [1, 1, ...size] }
    return { inputs: [dy, w], attrs: { ...windowOf('conv2dInputGrad', image, w.shape.slice(2) as number[], options, 1), groups, size } }
  },
  infer: (inputs, { size, ...conv }) => {
    const [dy, w] = inputs as [TensorType, TensorType]
    const [outputs, channels, ...kernel] = w.shape as number[]
    const rows = windowed(size, kernel, conv)
    expect(
      dy.shape.length === 4 && dy.shape[1] === outputs && dy.shape[2] === rows[0] && dy.shape[3] === rows[1],
      'conv2dInputGrad',
      inputs,
      `a first shape [n, ${outputs}, ${rows.join(', ')}]`,
    )
    return { dtype: dy.dtype, shape: [dy.shape[0]!, channels! * conv.groups, ...size] }
  },
  grad: (node, [g]) => {
    const [dy, w] = node.inputs as [Value, Value]
    return [g && convOf(g, w, node.attrs), g && weightGradOf(g, dy, w.shape.slice(2) as number[], node.attrs)]
  },
  onnx: (emit, inputs, { attrs, inputs: [dy, w], outputs }) => {
    const inBlocks = blockedInputGrad(emit, inputs, [dy!, w!], outputs[0]!, attrs)
    if (inBlocks !== undefined) return inBlocks
    const kernel = w!.shape.slice(2) as number[]
    const { strides, pads, dilations, size } = attrs
    // What the stride left over at the end of the image, where no window came: zeros.
    const rest = [0, 1].map((axis) => {
      const covered = ((dy!.shape[axis + 2] as number) - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1
      return size[axis]! - (covered - pads[axis]! - pads[axis + 2]!)
    })
    return emit.node('ConvTranspose', inputs, { strides, pads, dilations, group: attrs.groups, output_padding: rest })
  },
  reference: ([dy, w], node) => {
    const { size, groups } = node.attrs
    const shape = [dy!.shape[0]!, w!.shape[1]! * groups, ...size]
    const data = new Float64Array(sizeOf(shape))
    convolve(shape, w!.shape, node.attrs, (ix, iw, iy) => void (data[ix]! += dy!.data[iy]! * w!.data[iw]!))
    return { shape, data }
  },
  samples: (random) =>
    cases.map(({ x, w, bias: _, ...options }) => {
      const dy = outputShape(x, w, options)
      return {
        inputs: [floats(random, dy), floats(random, w)],
        build: (dy, w) => conv2dInputGrad(dy!, w!, x.slice(2), options),
        ...(w[0]! > 8 && { differentiate: [] }),
      }
    }),
})

/** Shape of a convolution's output, for the samples of its gradients. */
function outputShape(x: readonly number[], w: readonly number[], options: Omit<ConvOptions, 'bias'>): number[] {
  const window = windowOf('', { dtype: 'float32', shape: x }, w.slice(2), options, 1)
  return [x[0]!, w[0]!, ...windowed(x.slice(2), w.slice(2), window)]
}

/** The gradient of a convolution to its kernels: x [n, channels, height, width], dy -> [outputs, channels / groups, ...kernel]. */
export const conv2dWeightGrad: Operator<[x: Value, dy: Value, kernel: readonly number[], options?: Omit<ConvOptions, 'bias'>]> = operator({
  name: 'conv2dWeightGrad',
  call: (x: Value, dy: Value, kernel: readonly number[], { groups = 1, ...options }: Omit<ConvOptions, 'bias'> = {}) => ({
    inputs: [x, dy],
    attrs: { ...windowOf('conv2dWeightGrad', x, kernel, options, 1), groups, kernel },
  }),
  infer: (inputs, { kernel, ...conv }) => {
    const [x, dy] = inputs as [TensorType, TensorType]
    const rows = windowed(x.shape.slice(2) as number[], kernel, conv)
    expect(
      dy.shape.length === 4 && dy.shape[0] === x.shape[0] && dy.shape[2] === rows[0] && dy.shape[3] === rows[1],
      'conv2dWeightGrad',
      inputs,
      `a second shape [${x.shape[0]}, outputs, ${rows.join(', ')}]`,
    )
    return { dtype: x.dtype, shape: [dy.shape[1]!, (x.shape[1] as number) / conv.groups, ...kernel] }
  },
  grad: (node, [g]) => {
    const [x, dy] = node.inputs as [Value, Value]
    return [g && inputGradOf(dy, g, x.shape.slice(2) as number[], node.attrs), g && convOf(x, g, node.attrs)]
  },
  onnx: (emit, [x, dy], node) => {
    const inBlocks = blockedWeightGrad(emit, [x!, dy!], node.inputs, node.attrs)
    if (inBlocks !== undefined) return inBlocks
    // A convolution of images whose channels are the examples, with dy as kernels; stride and dilation change places.
    const { strides, pads, dilations, groups, kernel } = node.attrs
    const [, channels, height, width] = node.inputs[0]!.shape as number[]
    const inGroup = channels! / groups
    let images: string
    if (groups === 1) images = emit.node('Transpose', [x!], { perm: [1, 0, 2, 3] })
    else {
      const split = emit.node('Reshape', [x!, emit.ints([-1, groups, inGroup, height!, width!])])
      const turned = emit.node('Transpose', [split], { perm: [2, 1, 0, 3, 4] })
      images = emit.node('Reshape', [turned, emit.ints([inGroup, -1, height!, width!])])
    }
    const kernels = emit.node('Transpose', [dy!], { perm: [1, 0, 2, 3] })
    const found = emit.node('Conv', [images, kernels], { strides: dilations, dilations: strides, pads, group: groups })
    const size = windowed([height!, width!], node.inputs[1]!.shape.slice(2) as number[], { strides: dilations, pads, dilations: strides })
    const cut = size.every((n, axis) => n === kernel[axis])
      ? found
      : emit.node('Slice', [found, emit.ints([0, 0]), emit.ints([...kernel]), emit.ints([2, 3])])
    return emit.node('Transpose', [cut], { perm: [1, 0, 2, 3] })
  },
  reference: ([x, dy], node) => {
    const shape = [dy!.shape[1]!, x!.shape[1]! / node.attrs.groups, ...node.attrs.kernel]
    const data = new Float64Array(sizeOf(shape))
    convolve(x!.shape, shape, node.attrs, (ix, iw, iy) => void (data[iw]! += x!.data[ix]! * dy!.data[iy]!))
    return { shape, data }
  },
  samples: (random) =>
    cases.map(({ x, w, bias: _, ...options }) => {
      const dy = outputShape(x, w, options)
      return {
        inputs: [floats(random, x), floats(random, dy)],
        build: (x, dy) => conv2dWeightGrad(x!, dy!, w.slice(2), options),
        ...(w[0]! > 8 && { differentiate: [] }),
      }
    }),
})

const convOf = (x: Value, w: Value, conv: Conv) => conv2d(x, w, optionsOf(conv))
const inputGradOf = (dy: Value, w: Value, size: readonly number[], conv: Conv) => conv2dInputGrad(dy, w, size, optionsOf(conv))
const weightGradOf = (x: Value, dy: Value, kernel: readonly number[], conv: Conv) => conv2dWeightGrad(x, dy, kernel, optionsOf(conv))

function optionsOf({ strides, pads, dilations, groups }: Conv): ConvOptions {
  const [top, left, bottom, right] = pads as [number, number, number, number]
  const both = (numbers: readonly number[]) => numbers as readonly [number, number]
  return { stride: both(strides), padding: [[top, bottom], [left, right]], dilation: both(dilations), groups } // biome-ignore format: as it is
}

/** Visits every product of a convolution: flat indices into x, w and y. */
function convolve(x: Dense['shape'], w: Dense['shape'], conv: Conv, visit: (x: number, w: number, y: number) => void): void {
  const [examples, channels] = x as [number, number]
  const [outputs, inGroup] = w as [number, number]
  const [size, kernel] = [x.slice(2), w.slice(2)]
  const [inArea, kernelArea, outArea] = [sizeOf(size), sizeOf(kernel), sizeOf(windowed(size, kernel, conv))]
  for (let n = 0; n < examples; n++) {
    for (let o = 0; o < outputs; o++) {
      const first = Math.floor(o / (outputs / conv.groups)) * inGroup
      for (let c = 0; c < inGroup; c++) {
        const [fromX, fromW, fromY] = [(n * channels + first + c) * inArea, (o * inGroup + c) * kernelArea, (n * outputs + o) * outArea]
        slide(size, kernel, conv, (out, at, place) => visit(fromX + at, fromW + place, fromY + out))
      }
    }
  }
}

interface Case extends Omit<ConvOptions, 'bias'> {
  readonly x: number[]
  readonly w: number[]
  readonly bias?: boolean
}

const cases: readonly Case[] = [
  { x: [2, 2, 4, 5], w: [3, 2, 3, 2], bias: true },
  { x: [1, 1, 5, 5], w: [2, 1, 3, 3], padding: 'same' },
  { x: [2, 1, 6, 5], w: [1, 1, 3, 2], stride: 2, padding: [1, 0] },
  { x: [1, 2, 7, 6], w: [2, 2, 2, 2], stride: [3, 2], dilation: [2, 1], padding: [[2, 0], [0, 1]] }, // biome-ignore format: as it is
  { x: [2, 4, 4, 4], w: [4, 2, 3, 3], groups: 2, padding: 1, bias: true },
  { x: [2, 3, 5, 4], w: [3, 1, 2, 2], groups: 3, dilation: 2 },
  { x: [1, 1, 5, 6], w: [1, 1, 2, 2], stride: 2, dilation: 3, padding: 'same' },
  // Whole blocks of channels, which onnxruntime computes in its own layout.
  { x: [3, 16, 4, 5], w: [32, 16, 3, 3], padding: 1, bias: true },
  { x: [17, 3, 5, 5], w: [16, 3, 2, 2], stride: 2, padding: 1, bias: true },
  { x: [1, 32, 6, 5], w: [16, 32, 3, 2], dilation: [1, 2], padding: 'same' },
]
