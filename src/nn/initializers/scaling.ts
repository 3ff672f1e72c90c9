/** What the Glorot, He and LeCun initializers share: a variance that fits the number of connections. */
import type { Initializer } from '../layer.ts'
import { normal } from './normal.ts'
import { uniform } from './uniform.ts'

/**
 * Connections into and out of one unit. Weights are [in, out] (a dense layer) or, for convolutions, [out, in, ...kernel],
 * where each connection counts once for every place of the kernel. A vector counts its length both ways.
 */
export function fansOf(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const [a = 1, b = a] = shape
  if (shape.length <= 2) return { fanIn: a, fanOut: b }
  const places = shape.slice(2).reduce((product, size) => product * size, 1)
  return { fanIn: b * places, fanOut: a * places }
}

type Fan = 'in' | 'average'

/** Normal with variance gain / fan. */
export function scaledNormal(kind: string, gain: number, fan: Fan): Initializer {
  return {
    kind,
    fill: (values, shape, random) => normal({ deviation: Math.sqrt(gain / of(fan, shape)) }).fill(values, shape, random),
  }
}

/** Uniform with variance gain / fan: the ends are at sqrt(3 gain / fan). */
export function scaledUniform(kind: string, gain: number, fan: Fan): Initializer {
  return {
    kind,
    fill: (values, shape, random) => {
      const end = Math.sqrt((3 * gain) / of(fan, shape))
      uniform({ low: -end, high: end }).fill(values, shape, random)
    },
  }
}

function of(fan: Fan, shape: readonly number[]): number {
  const { fanIn, fanOut } = fansOf(shape)
  return Math.max(1, fan === 'in' ? fanIn : (fanIn + fanOut) / 2)
}
