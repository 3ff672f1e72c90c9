/** Between points of a space and vectors of numbers: what CMA-ES searches are the dimensions with an order. */
import type { Random } from '../../core/random.ts'
import { type Assignment, kindOf, normalCdf, normalQuantile, type SearchSpace, type Value } from '../../space/index.ts'
import type { Strategy } from './strategy.ts'

/** One that is searched. */
export interface Coordinate {
  readonly name: string
  /** Where it stands in the space's unit vectors. */
  readonly place: number
  /** The part of the unit interval that stands for the same value as u; undefined where each number is a value of its own. */
  cell?(u: number): readonly [number, number]
}

/** The dimensions with an order and more than one value. */
export function coordinatesOf(space: SearchSpace): Coordinate[] {
  return space.names.flatMap((name, place): Coordinate[] => {
    const dimension = space.dimensions[name]!
    const { ordered, points, fromUnit, toUnit } = kindOf(dimension)
    const count = points(dimension)?.length
    if (!ordered || count === 1) return []
    if (count === undefined) return [{ name, place }]
    const cell = (u: number): [number, number] => {
      const value = fromUnit(dimension, u)
      if (dimension.kind === 'logInt') return [toUnit(dimension, (value as number) - 0.5), toUnit(dimension, (value as number) + 0.5)]
      const middle = toUnit(dimension, value)
      return [middle - 0.5 / count, middle + 0.5 / count]
    }
    return [{ name, place, cell }]
  })
}

/**
 * The vector of a point that was told. A value that stands for a whole cell becomes a draw of the strategy's distribution from within
 * that cell, and one that does not count a draw of it from anywhere: so what says nothing about a coordinate does not change it.
 */
export function vectorOf(coordinates: readonly Coordinate[], units: Float64Array, strategy: Strategy, chance: Random): Float64Array {
  return Float64Array.from(coordinates, ({ place, cell }, i) => {
    const u = units[place] as number
    const [mean, deviation] = [strategy.mean[i]!, strategy.deviation(i)]
    if (Number.isNaN(u)) return truncated(mean, deviation, 0, 1, chance.uniform())
    if (!cell) return u
    const [low, high] = cell(u)
    // The first and last cells own all that lies beyond.
    const [from, to] = [low < 1e-12 ? Number.NEGATIVE_INFINITY : low, high > 1 - 1e-12 ? Number.POSITIVE_INFINITY : high]
    return truncated(mean, deviation, from, to, chance.uniform())
  })
}

/**
 * Keeps whole numbers from standing still: wherever a mean stands, its neighbours are drawn at least once in n lambda draws or so.
 * R. Hamano et al.: CMA-ES with margin (2022), of which this is the simpler half: the deviation is bounded below, the mean stays.
 */
export function keepMargin(coordinates: readonly Coordinate[], strategy: Strategy): void {
  const share = Math.min(0.25, 1 / (coordinates.length * strategy.lambda))
  for (const [i, { cell }] of coordinates.entries()) {
    strategy.mean[i] = Math.min(1, Math.max(0, strategy.mean[i]!))
    if (!cell) continue
    const [low, high] = cell(strategy.mean[i]!)
    strategy.widen(i, (high - low) / 2 / -normalQuantile(share))
  }
}

/** Probabilities of each value of the dimensions without an order, each for itself. */
export interface Tables {
  draw(chance: Random): Map<number, number>
  /** Takes the points of the better half, best first, and their weights. */
  update(assignments: readonly Assignment[], weights: Float64Array, rate: number): void
}

/**
 * Each dimension without an order has a probability for each value, which moves towards the share it has among the better points, but
 * never below a margin (R. Hamano et al.: CatCMA, 2024, has it and this margin; here the rate is the covariance's).
 */
export function createTables(space: SearchSpace): Tables {
  const rows = space.names.flatMap((name, place) => {
    const dimension = space.dimensions[name]!
    const values = kindOf(dimension).ordered ? undefined : kindOf(dimension).points(dimension)
    return values && values.length > 1 ? [{ name, place, values, shares: values.map(() => 1 / values.length) }] : []
  })
  return {
    draw: (chance) =>
      new Map(
        rows.map(({ place, values, shares }) => {
          let rest = chance.uniform()
          const found = shares.findIndex((share) => (rest -= share) < 0)
          const index = found < 0 ? values.length - 1 : found
          return [place, (index + 0.5) / values.length]
        }),
      ),
    update(assignments, weights, rate) {
      for (const { name, values, shares } of rows) {
        const seen = shares.map(() => 0)
        let counted = 0
        for (const [k, assignment] of assignments.entries()) {
          const index = values.indexOf(assignment[name] as Value)
          if (index < 0) continue
          seen[index]! += weights[k]!
          counted += weights[k]!
        }
        const least = (1 - 0.73 ** (1 / rows.length)) / (values.length - 1)
        for (const i of shares.keys()) shares[i] = Math.max(least, (1 - rate * counted) * shares[i]! + rate * seen[i]!)
        const sum = shares.reduce((a, b) => a + b, 0)
        for (const i of shares.keys()) shares[i]! /= sum
      }
    },
  }
}

/** A normal number between low and high. */
function truncated(mean: number, deviation: number, low: number, high: number, u: number): number {
  const [a, b] = [(low - mean) / deviation, (high - mean) / deviation]
  // In the upper tail the distribution's digits are gone; mirrored they are there.
  const [from, to] = a > 0 ? [-b, -a] : [a, b]
  const [below, above] = [normalCdf(from), normalCdf(to)]
  const drawn = above > below ? Math.min(to, Math.max(from, normalQuantile(below + u * (above - below)))) : to
  // Without a lower end, and so far out that the share has no digits, it is not drawn infinitely far away.
  const z = Number.isFinite(drawn) ? drawn : to
  return mean + deviation * (a > 0 ? -z : z)
}
