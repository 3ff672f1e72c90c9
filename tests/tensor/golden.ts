/** What scripts/golden-tensors.py wrote with NumPy and the reference safetensors, as tutti's tensors. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Tensor, tensor } from '../../src/tensor/index.ts'

export const arrays: Record<string, Tensor> = {
  float32: tensor('float32', [2, 3], [1.5, -2.25, 0, Number.POSITIVE_INFINITY, 3e38, 1e-40]),
  float64: tensor('float64', [3], [0.1, -1e300, Math.PI]),
  int32: tensor('int32', [1, 2, 1], [-(2 ** 31), 2 ** 31 - 1]),
  int64: tensor('int64', [3], new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n, 0n])),
  uint8: tensor('uint8', [3], [0, 7, 255]),
  bool: tensor('bool', [2, 2], [1, 0, 0, 1]),
  scalar: tensor('float32', [], [2.5]),
  empty: tensor('float32', [0, 4]),
}

export const golden = (file: string): Uint8Array => readFileSync(join(import.meta.dirname, 'golden', file))
