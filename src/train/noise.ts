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
    case 'keep': {
      const { keep } = distribution
      const limit = keep * 4294967296
      const scale = 1 / keep
      for (let i = 0; i < values.length; i++) values[i] = random.bits() < limit ? scale : 0
      return
    }
    default:
      distribution satisfies never
  }
}
