import type { Random } from '../core/random.ts'
import type { Distribution } from '../nn/index.ts'

/** Fills a buffer with draws of a distribution. */
export function fillNoise(values: Float32Array, distribution: Distribution, random: Random): void {
  switch (distribution.kind) {
    case 'uniform':
      for (let i = 0; i < values.length; i++) values[i] = random.uniform()
      return
    case 'normal':
      for (let i = 0; i < values.length; i++) values[i] = random.normal()
      return
    case 'keep':
      keepSome(values, distribution.keep, random)
      return
    default:
      distribution satisfies never
  }
}

/** Draws come in blocks: calls and checks a number would cost more than the number. */
const block = new Uint32Array(4096)

function keepSome(values: Float32Array, keep: number, random: Random): void {
  const limit = keep * 4294967296
  const scale = 1 / keep
  for (let start = 0; start < values.length; start += block.length) {
    const bits = block.subarray(0, Math.min(block.length, values.length - start))
    random.fill(bits)
    for (let i = 0; i < bits.length; i++) values[start + i] = (bits[i] as number) < limit ? scale : 0
  }
}
