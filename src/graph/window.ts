/** Sliding windows over the two last dimensions, as convolutions and pools have them: options, sizes, the reference's loops. */
import { expect, type TensorType } from './op.ts'

/** One number for both axes, or [height, width]. */
export type Pair = number | readonly [height: number, width: number]

/**
 * 'valid': none. 'same': so that the output has size ceil(input / stride), an odd one of zeros at the end. Numbers: zeros at both
 * ends of an axis. Explicit: [[top, bottom], [left, right]].
 */
export type Padding = Pair | 'same' | 'valid' | readonly [readonly [top: number, bottom: number], readonly [left: number, right: number]]

export interface WindowOptions {
  /** Default 1 for convolutions, the kernel's size for pools. */
  readonly stride?: Pair
  /** Default 0. */
  readonly padding?: Padding
  /** Default 1. */
  readonly dilation?: Pair
}

/** As attributes of a node. `pads` in ONNX's order: top, left, bottom, right. */
export type Window = {
  readonly strides: readonly number[]
  readonly pads: readonly number[]
  readonly dilations: readonly number[]
}

export function pair(value: Pair): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : value
}

/** Options with their padding worked out for one input of known height and width. */
export function windowOf(name: string, x: TensorType, kernel: readonly number[], options: WindowOptions, defaultStride: Pair): Window {
  const size = x.shape.slice(2)
  expect(
    x.shape.length === 4 && size.every((dim) => typeof dim === 'number'),
    name,
    [x],
    '[batch, channels, height, width], the last two known',
  )
  const { padding = 0 } = options
  const strides = pair(options.stride ?? defaultStride)
  const dilations = pair(options.dilation ?? 1)
  const whole = (n: number, low: number) => Number.isInteger(n) && n >= low
  expect(
    [...strides, ...dilations].every((n) => whole(n, 1)),
    name,
    [x],
    'strides and dilations that are whole and at least 1',
  )
  const ends = [0, 1].map((axis): readonly [number, number] => {
    if (padding === 'valid') return [0, 0]
    if (padding !== 'same') {
      const given = pair(padding as Pair)[axis] as number | readonly [number, number]
      return typeof given === 'number' ? [given, given] : given
    }
    const [stride, reach] = [strides[axis]!, (kernel[axis]! - 1) * dilations[axis]! + 1]
    const total = Math.max((Math.ceil((size[axis] as number) / stride) - 1) * stride + reach - (size[axis] as number), 0)
    return [Math.floor(total / 2), Math.ceil(total / 2)]
  })
  const pads = [ends[0]![0], ends[1]![0], ends[0]![1], ends[1]![1]]
  expect(
    pads.every((n) => whole(n, 0)),
    name,
    [x],
    'paddings that are whole and not below 0',
  )
  return { strides, pads, dilations }
}

/** Height and width after the window; below 1 where it does not fit. */
export function windowed(size: readonly number[], kernel: readonly number[], { strides, pads, dilations }: Window): number[] {
  return [0, 1].map((axis) => {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1
    return Math.floor((size[axis]! + pads[axis]! + pads[axis + 2]! - reach) / strides[axis]!) + 1
  })
}

/** Calls back for each output position and each place of its window that lies inside the input, row by row. */
export function slide(
  size: readonly number[],
  kernel: readonly number[],
  window: Window,
  visit: (output: number, input: number, place: number) => void,
): void {
  const { strides, pads, dilations } = window
  const [height, width] = size as [number, number]
  const [rows, columns] = windowed(size, kernel, window) as [number, number]
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      for (let i = 0; i < kernel[0]!; i++) {
        for (let j = 0; j < kernel[1]!; j++) {
          const y = r * strides[0]! - pads[0]! + i * dilations[0]!
          const x = c * strides[1]! - pads[1]! + j * dilations[1]!
          if (y >= 0 && y < height && x >= 0 && x < width) visit(r * columns + c, y * width + x, i * kernel[1]! + j)
        }
      }
    }
  }
}
