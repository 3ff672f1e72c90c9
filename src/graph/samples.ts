/** Small random tensors for the operators' samples. */
import type { Random } from '../core/random.ts'
import { sizeOf, type Tensor, tensor } from '../tensor/index.ts'

/** Uniform floats. */
export function floats(random: Random, shape: readonly number[], [low, high]: readonly [number, number] = [-2, 2]): Tensor {
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform()),
  )
}

/** Floats that keep a distance from each other, so that a maximum stays one while finite differences nudge it. */
export function distinct(random: Random, shape: readonly number[]): Tensor {
  const values = random.shuffle(Array.from({ length: sizeOf(shape) }, (_, i) => (i - sizeOf(shape) / 2) * 0.07 + 0.01))
  return tensor('float32', shape, values)
}

/** Uniform integers in [0, n). */
export function ints(random: Random, shape: readonly number[], n: number): Tensor {
  return tensor(
    'int32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.int(n)),
  )
}

export function bools(random: Random, shape: readonly number[]): Tensor {
  return tensor(
    'bool',
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.int(2)),
  )
}
