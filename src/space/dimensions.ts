/** The dimensions as users write them: `space.logUniform(1e-4, 1)`. */
import type { Dimension, Value } from './dimension.ts'

/** One of several values without an order. @example `space.choice(['relu', 'gelu'])` */
export const choice = <const T extends Value>(values: readonly T[]): Dimension<T> => ({ kind: 'choice', values })

/** True or false. */
export const boolean = (): Dimension<boolean> => ({ kind: 'boolean' })

/** One of several values in an order, evenly spaced for samplers. @example `space.ordinal([32, 64, 256])` */
export const ordinal = <const T extends Value>(values: readonly T[]): Dimension<T> => ({ kind: 'ordinal', values })

/** One value: not searched. */
export const fixed = <const T extends Value>(value: T): Dimension<T> => ({ kind: 'fixed', value })

/** A number from low to high. */
export const uniform = (low: number, high: number): Dimension<number> => ({ kind: 'uniform', low, high })

/** A number from low to high, on a logarithmic scale. @example `space.logUniform(1e-4, 1)` */
export const logUniform = (low: number, high: number): Dimension<number> => ({ kind: 'logUniform', low, high })

/** A normally distributed number, without ends. */
export const normal = (mean: number, deviation: number): Dimension<number> => ({ kind: 'normal', mean, deviation })

/** A whole number from low to high, both included. */
export const int = (low: number, high: number): Dimension<number> => ({ kind: 'int', low, high })

/** A whole number from low to high, both included, on a logarithmic scale. @example `space.logInt(16, 1024)` */
export const logInt = (low: number, high: number): Dimension<number> => ({ kind: 'logInt', low, high })

/** Low, low + step, ... up to high. @example `space.quantized(0, 0.5, 0.1)` */
export const quantized = (low: number, high: number, step: number): Dimension<number> => ({ kind: 'quantized', low, high, step })

/**
 * A dimension that counts only where others have certain values; elsewhere the config's default holds, and samplers do not
 * learn from it. Of several conditions all must hold, also of those that the dimension had already.
 *
 * @example `momentum: space.when({ optimizer: 'sgd' }, space.uniform(0, 0.99))`
 */
export function when<T extends Value>(
  condition: Readonly<Record<string, Value | readonly Value[]>>,
  dimension: Dimension<T>,
): Dimension<T> {
  const lists: Record<string, readonly Value[]> = { ...dimension.when }
  for (const [name, given] of Object.entries(condition)) {
    const values: readonly Value[] = Array.isArray(given) ? given : [given as Value]
    lists[name] = lists[name]?.filter((value) => values.includes(value)) ?? values
  }
  return { ...dimension, when: lists }
}
