/** Convolutions and their gradients in blocks of channels: kernels brought into the layout that onnxruntime's own convolutions want. */
import type { TensorType } from '../op.ts'
import { type Window, windowed } from '../window.ts'
import { blockable, blockedConv, reorderInput, toBlocked, toPlain } from './blocked.ts'
import type { Emitter } from './emitter.ts'

type Conv = Window & { readonly groups: number }

/** Undefined where blocks do not apply: several groups, or channels that they do not divide. */
export function blockedForward(
  emit: Emitter,
  [x, w, bias]: readonly string[],
  [images, kernels]: readonly TensorType[],
  conv: Conv,
): string | undefined {
  const [outputs, channels, kh, kw] = kernels!.shape as [number, number, number, number]
  const { block } = emit
  if (conv.groups !== 1 || block === 0 || outputs % block !== 0) return undefined
  const few = channels < block
  if (!few && !blockable(emit, images!.shape)) return undefined
  // [outputs, channels, kh, kw] -> outputs in blocks innermost, then channels in blocks before them.
  const area = kh * kw
  const rows = reorderInput(emit, emit.node('Reshape', [w!, emit.ints([outputs / block, block, channels, area])]))
  let inBlocks = rows
  if (!few) {
    const apart = emit.node('Reshape', [rows, emit.ints([outputs / block, channels / block, block, area, block])])
    inBlocks = emit.node('Transpose', [apart], { perm: [0, 1, 3, 2, 4] })
  }
  const shaped = emit.node('Reshape', [inBlocks, emit.ints([outputs, channels, kh, kw])])
  const padded = few ? x! : padBlocked(emit, toBlocked(emit, x!), images!.shape as number[], conv.pads)
  const window = few ? conv : { ...conv, pads: NONE }
  return toPlain(emit, blockedConv(emit, [padded, shaped, ...(bias === undefined ? [] : [bias])], window), outputs)
}

/** For stride 1: a convolution of dy with the kernels turned by half a turn, inputs and outputs exchanged. */
export function blockedInputGrad(
  emit: Emitter,
  [dy, w]: readonly string[],
  [above, kernels]: readonly TensorType[],
  result: TensorType,
  conv: Conv,
): string | undefined {
  const [outputs, channels, kh, kw] = kernels!.shape as [number, number, number, number]
  const { block } = emit
  if (conv.groups !== 1 || conv.strides.some((n) => n !== 1) || !blockable(emit, above!.shape) || !blockable(emit, result.shape))
    return undefined
  const reach = [kh, kw].map((n, axis) => (n - 1) * conv.dilations[axis]!)
  const begin = reach.map((n, axis) => n - conv.pads[axis]!)
  const end = reach.map((n, axis) => (result.shape[axis + 2] as number) - (above!.shape[axis + 2] as number) + n - begin[axis]!)
  const pads = [...begin, ...end]
  if (pads.some((n) => n < 0)) return undefined
  const area = kh * kw
  const flat = emit.node('Reshape', [w!, emit.ints([outputs, channels, area])])
  const turned = emit.node('Slice', [flat, emit.ints([area - 1]), emit.ints([-area - 1]), emit.ints([2]), emit.ints([-1])])
  const rows = reorderInput(emit, emit.node('Reshape', [turned, emit.ints([outputs, channels, area, 1])]))
  const apart = emit.node('Reshape', [rows, emit.ints([outputs / block, block, channels / block, area, block])])
  const inBlocks = emit.node('Reshape', [
    emit.node('Transpose', [apart], { perm: [2, 0, 3, 1, 4] }),
    emit.ints([channels, outputs, kh, kw]),
  ])
  const padded = padBlocked(emit, toBlocked(emit, dy!), above!.shape as number[], pads)
  return toPlain(emit, blockedConv(emit, [padded, inBlocks], { strides: [1, 1], pads: NONE, dilations: conv.dilations }), channels)
}

/**
 * A convolution whose channels are the examples: images x [channels, n, ...], kernels dy [outputs, n, ...] -> [channels, outputs, ...]. Examples
 * are filled up with zeros to whole blocks.
 */
export function blockedWeightGrad(
  emit: Emitter,
  [x, dy]: readonly string[],
  [images, above]: readonly TensorType[],
  conv: Conv & { readonly kernel: readonly number[] },
): string | undefined {
  const [, channels, height, width] = images!.shape as [number, number, number, number]
  const [, outputs, rows, columns] = above!.shape as [number, number, number, number]
  const { block } = emit
  const { strides, pads, dilations, kernel } = conv
  if (conv.groups !== 1 || !blockable(emit, above!.shape)) return undefined
  const [tall, wide] = [height + pads[0]! + pads[2]!, width + pads[1]! + pads[3]!]
  const missing = missingExamples(emit, x!)
  // x: examples in blocks innermost, channels outermost.
  const padding = emit.node('Concat', [emit.ints([0, 0, pads[0]!, pads[1]!]), missing, emit.ints([0, pads[2]!, pads[3]!])], { axis: 0 })
  const area = tall * wide
  const byExample = emit.node('Reshape', [emit.node('Pad', [x!, padding]), emit.ints([1, -1, channels, area])])
  const lanes = emit.node('Reshape', [reorderInput(emit, byExample), emit.ints([-1, channels, area * block])])
  const turned = channels === 1 ? lanes : emit.node('Transpose', [lanes], { perm: [1, 0, 2] })
  const planes = emit.node('Reshape', [turned, emit.ints([channels, -1, tall, wide])])
  // dy: blocks of outputs outermost, then those of examples.
  const spot = rows * columns
  const rest = emit.node('Concat', [emit.ints([0, 0]), missing, emit.ints([0])], { axis: 0 })
  const flat = emit.node('Pad', [emit.node('Reshape', [toBlocked(emit, dy!), emit.ints([-1, outputs * spot])]), rest])
  const apart = emit.node('Reshape', [flat, emit.ints([-1, block, outputs / block, spot, block])])
  const kernels = emit.node('Reshape', [
    emit.node('Transpose', [apart], { perm: [2, 0, 3, 1, 4] }),
    emit.ints([outputs, -1, rows, columns]),
  ])
  const found = blockedConv(emit, [planes, kernels], { strides: dilations, pads: NONE, dilations: strides })
  const size = windowed([height, width], [rows, columns], { strides: dilations, pads, dilations: strides })
  const plain = emit.node('ReorderOutput', [found], { channels: outputs }, { domain: 'com.microsoft.nchwc' })
  const exact = size.every((n, axis) => n === kernel[axis])
  const cut = exact ? plain : emit.node('Slice', [plain, emit.ints([0, 0]), emit.ints([...kernel]), emit.ints([2, 3])])
  return emit.node('Transpose', [cut], { perm: [1, 0, 2, 3] })
}

const NONE = [0, 0, 0, 0]

/** Zeros round blocked images: one copy, but then the convolution has no edges to take care of. */
function padBlocked(emit: Emitter, x: string, [, channels, height, width]: readonly number[], pads: readonly number[]): string {
  if (pads.every((n) => n === 0)) return x
  const [top, left, bottom, right] = pads as [number, number, number, number]
  const apart = emit.node('Reshape', [x, emit.ints([-1, channels! / emit.block, height!, width!, emit.block])])
  const padded = emit.node('Pad', [apart, emit.ints([0, 0, top, left, 0, 0, 0, bottom, right, 0])])
  return emit.node('Reshape', [padded, emit.ints([-1, channels!, height! + top + bottom, width! + left + right])])
}

/** How many examples are missing to whole blocks, as int64 [1]. */
function missingExamples(emit: Emitter, x: string): string {
  return emit.node('Mod', [emit.node('Neg', [emit.node('Shape', [x], { start: 0, end: 1 })]), emit.ints([emit.block])])
}
