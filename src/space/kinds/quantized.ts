import { cellOf, type DimensionOf, type Kind } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/** A number on a ladder: low, low + step, ... up to high. */
export const quantized: Kind<DimensionOf<'quantized'>> = {
  problem: ({ low, high, step }) =>
    rangeProblem(low, high) ??
    (step > 0 && step <= high - low ? undefined : `has the step ${step}; it is above 0 and at most ${high - low}`),
  contains: (dimension, value) =>
    typeof value === 'number' &&
    rung(dimension, indexOf(dimension, value)) === value &&
    indexOf(dimension, value) >= 0 &&
    indexOf(dimension, value) < count(dimension),
  points: (dimension) => Array.from({ length: count(dimension) }, (_, i) => rung(dimension, i)),
  ordered: true,
  fromUnit: (dimension, u) => rung(dimension, cellOf(u, count(dimension))),
  toUnit: (dimension, value) => (indexOf(dimension, value as number) + 0.5) / count(dimension),
}

type Quantized = DimensionOf<'quantized'>

/** A high end that is a rung but for rounding counts: 0, 0.1, ... 0.3 has four. */
function count({ low, high, step }: Quantized): number {
  return Math.floor((high - low) / step + 1e-9) + 1
}

function indexOf({ low, step }: Quantized, value: number): number {
  return Math.round((value - low) / step)
}

/** To twelve digits, so that 3 x 0.1 is 0.3. */
function rung({ low, step }: Quantized, index: number): number {
  return Number((low + index * step).toPrecision(12))
}
