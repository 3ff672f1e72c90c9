/** One hyperparameter that a study may choose, as plain data, so that a space can be stored, compared and shown. */

/** What a config may hold. */
export type Value = number | string | boolean

/** Values by name: of the dimensions that are active. */
export type Assignment = Readonly<Record<string, Value>>

/** Another dimension and the values of it under which this one counts. All of several must hold. */
export type Condition = Readonly<Record<string, readonly Value[]>>

declare const valueType: unique symbol

/** `T` is the type of its values; it exists for the compiler only. */
export type Dimension<T extends Value = Value> = DimensionData & { readonly [valueType]?: T }

export type DimensionData = (
  | { readonly kind: 'choice'; readonly values: readonly Value[] }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'ordinal'; readonly values: readonly Value[] }
  | { readonly kind: 'fixed'; readonly value: Value }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'logUniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'int'; readonly low: number; readonly high: number }
  | { readonly kind: 'logInt'; readonly low: number; readonly high: number }
  | { readonly kind: 'quantized'; readonly low: number; readonly high: number; readonly step: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
) & { readonly when?: Condition }

export type DimensionKind = DimensionData['kind']
export type DimensionOf<K extends DimensionKind> = Extract<DimensionData, { readonly kind: K }>

/**
 * The contract of a kind of dimension. Its values stand on the unit interval, so that samplers need only know that: a uniform
 * number in [0, 1) becomes, by `fromUnit`, a value drawn as the dimension says.
 *
 * Laws: `contains(fromUnit(u))` for u in [0, 1]; `fromUnit(toUnit(x)) = x` (but for rounding) for each value x; both rise where
 * the kind is ordered (but for rounding); of n values each owns 1/n of the interval (of a logarithm's: its share on that scale).
 */
export interface Kind<D extends DimensionData = DimensionData> {
  /** What is wrong with it, in words, if anything. */
  problem(dimension: D): string | undefined
  contains(dimension: D, value: Value): boolean
  /** Its values in order; undefined where there is no end of them, or more than `mostPoints`. */
  points(dimension: D): readonly Value[] | undefined
  /** Whether nearer on the unit interval means more alike: not so for a choice. */
  readonly ordered: boolean
  fromUnit(dimension: D, u: number): Value
  toUnit(dimension: D, value: Value): number
}

/** Values beyond this many are not listed. */
export const mostPoints = 1_000_000

/** The whole numbers from 0 to count - 1, each made a value; undefined for more than are listed. */
export function listed<T extends Value>(count: number, value: (index: number) => T): readonly T[] | undefined {
  return count > mostPoints ? undefined : Array.from({ length: count }, (_, index) => value(index))
}

/** The cell of [0, 1] that u lies in, of n equal ones. */
export function cellOf(u: number, n: number): number {
  return Math.min(n - 1, Math.max(0, Math.floor(u * n)))
}
