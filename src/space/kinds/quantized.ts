import { cellOf, type DimensionOf, type Kind, listed } from '../dimension.ts'
import { rangeProblem } from './problems.ts'

/** A number on a ladder: low, low + step, ... up to high. */
export const quantized: Kind<DimensionOf<'quantized'>> = {
  problem: (dimension) => rangeProblem(dimension.low, dimension.high) ?? stepProblem(dimension),
  contains(dimension, value) {
    if (typeof value !== 'number') return false
    const index = indexOf(dimension, value)
    return index >= 0 && index < count(dimension) && rung(dimension, index) === value
  },
  points: (dimension) => listed(count(dimension), (i) => rung(dimension, i)),
  ordered: true,
  fromUnit: (dimension, u) => rung(dimension, cellOf(u, count(dimension))),
  toUnit: (dimension, value) => (indexOf(dimension, value as number) + 0.5) / count(dimension),
}

type Quantized = DimensionOf<'quantized'>

function stepProblem(dimension: Quantized): string | undefined {
  const { low, high, step } = dimension
  if (!(step > 0 && count(dimension) > 1)) return `has the step ${step}; it is above 0 and at most ${high - low}`
  // With fewer digits to spare than three bits, neighbouring rungs would be rounded to one number.
  const largest = Math.max(Math.abs(low), Math.abs(high))
  if (step < largest * 2 ** -49 || !Number.isSafeInteger(count(dimension)))
    return `has the step ${step}, which is too small for numbers of the size of ${largest}`
  return undefined
}

/** A high end that is a rung but for rounding counts: 0, 0.1, ... 0.3 has four. */
function count({ low, high, step }: Quantized): number {
  const steps = (high - low) / step
  return Math.floor(steps * (1 + 1e-15) + 1e-9) + 1
}

function indexOf({ low, step }: Quantized, value: number): number {
  return Math.round((value - low) / step)
}

/** To the decimals that its ends and step are written with, so that 3 x 0.1 is 0.3. */
function rung({ low, high, step }: Quantized, index: number): number {
  const decimals = Math.max(decimalsOf(low), decimalsOf(step))
  const value = low + index * step
  return Math.min(high, decimals > 100 ? value : Number(value.toFixed(decimals)))
}

/** Of 0.25 two, of 1e-7 seven. */
function decimalsOf(x: number): number {
  const [digits = '', exponent = '0'] = String(x).split('e')
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent))
}
