import { cellOf, type DimensionOf, type Kind } from '../dimension.ts'
import { listProblem } from './problems.ts'

/** One of several values in an order: sizes, levels. */
export const ordinal: Kind<DimensionOf<'ordinal'>> = {
  problem: ({ values }) => listProblem(values),
  contains: ({ values }, value) => values.includes(value),
  points: ({ values }) => values,
  ordered: true,
  fromUnit: ({ values }, u) => values[cellOf(u, values.length)]!,
  toUnit: ({ values }, value) => (values.indexOf(value) + 0.5) / values.length,
}
