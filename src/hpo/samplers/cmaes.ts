import { fail } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Assignment } from '../../space/index.ts'
import { coordinatesOf, createTables, keepMargin, vectorOf } from '../cmaes/coordinates.ts'
import { createStrategy, type Strategy } from '../cmaes/strategy.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { lossOf } from '../tried.ts'

export interface CmaesOptions {
  /** Results that make a generation; default 4 + 3 ln n for n dimensions with an order. */
  readonly population?: number
  /** The first standard deviation, as a share of each dimension's range; default 1/6. */
  readonly step?: number
}

/** Draws outside the unit cube or infeasible before something else is done. */
const mostDraws = 50

/**
 * CMA-ES: draws from a normal distribution that moves towards the better points, and learns how long its axes are and how they lie.
 * For continuous and whole-number dimensions that depend on each other, and budgets of some hundred trials or more.
 *
 * - A generation is the next `population` results, whoever drew them: no worker ever waits, and a late, enqueued or older result counts
 *   with a bounded weight.
 * - Whole numbers and steps keep a margin, so that they never stand still for good.
 * - Dimensions without an order (choice, boolean) are drawn apart from the others, each value with a probability that follows the
 *   better points; what is alike between them and the numbers is not learnt. Conditional ones are drawn also where they do not count.
 * - When it has converged, it begins anew elsewhere with twice the population (IPOP: A. Auger, N. Hansen, 2005).
 *
 * N. Hansen: The CMA evolution strategy: a tutorial (2016).
 *
 * @throws SAMPLER_UNFIT where no dimension has an order
 */
export function cmaes(options: CmaesOptions = {}): Sampler {
  checkOptions('cmaes', options, ['population', 'step'])
  const { population, step = 1 / 6 } = options
  if (population !== undefined && !(Number.isInteger(population) && population >= 4))
    throw fail('BAD_OPTION', 'cmaes', 'population', population, 'a whole number of at least 4')
  if (!(typeof step === 'number' && step > 0 && step <= 1)) throw fail('BAD_OPTION', 'cmaes', 'step', step, 'above 0 and at most 1')
  return {
    name: 'cmaes',
    begin({ space }, random) {
      const coordinates = coordinatesOf(space)
      const n = coordinates.length
      if (n === 0)
        throw fail('SAMPLER_UNFIT', 'cmaes', 'no dimension of the space has an order and more than one value. Use tpe, evolution or grid')
      const tables = createTables(space)
      const first = population ?? 4 + Math.floor(3 * Math.log(n))
      let runs = 0
      let told = 0
      let generation: Result[] = []
      let bests: number[] = []
      const begin = () => {
        const chance = random.fork('run', runs)
        const middle = Float64Array.from({ length: n }, () => (runs === 0 ? 0.5 : chance.uniform()))
        const strategy = createStrategy(middle, step, first * 2 ** Math.min(runs, 10))
        keepMargin(coordinates, strategy)
        return strategy
      }
      let strategy = begin()

      return {
        ask(number) {
          const chance = random.fork('ask', number)
          for (let i = 0; i < mostDraws; i++) {
            const assignment = space.fromUnit(unitsOf(chance))
            if (space.feasible(assignment)) return point(assignment)
          }
          return point(space.sample(chance))
        },
        tell(trial) {
          const loss = lossOf(trial, space)
          if (loss === undefined) return
          generation.push({
            vector: vectorOf(coordinates, space.toUnit(trial.assignment), strategy, random.fork('tell', told++)),
            loss,
            assignment: trial.assignment,
          })
          if (generation.length < strategy.lambda) return
          const ranked = generation.toSorted((a, b) => (a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : 0))
          generation = []
          const flat = ranked[0]!.loss === ranked[Math.floor(0.7 * ranked.length)]!.loss
          strategy.update(
            ranked.map(({ vector }) => vector),
            flat,
          )
          tables.update(
            ranked.slice(0, strategy.weights.length).map(({ assignment }) => assignment),
            strategy.weights,
            strategy.rate,
          )
          keepMargin(coordinates, strategy)
          bests.push(ranked[0]!.loss)
          if (!hasConverged(strategy, bests)) return
          runs++
          bests = []
          strategy = begin()
        },
      }

      function unitsOf(chance: Random): number[] {
        const units = space.names.map(() => 0.5)
        let x = strategy.draw(chance)
        for (let i = 0; i < mostDraws && !isInside(x); i++) x = strategy.draw(chance)
        for (const [i, { place }] of coordinates.entries()) units[place] = Math.min(1, Math.max(0, x[i]!))
        for (const [place, u] of tables.draw(chance)) units[place] = u
        return units
      }

      /** Whole numbers may be drawn beyond their ends, which are then meant. */
      function isInside(x: Float64Array): boolean {
        return coordinates.every(({ cell }, i) => cell !== undefined || (x[i]! >= 0 && x[i]! <= 1))
      }

      /** Nothing is left to be found near the mean, or nothing was found for long. */
      function hasConverged({ deviation, mean, lambda }: Strategy, bests: readonly number[]): boolean {
        if (!mean.every(Number.isFinite) || !coordinates.every((_, i) => Number.isFinite(deviation(i)))) return true
        const patience = 10 + Math.ceil((30 * n) / lambda)
        const last = bests.slice(-patience)
        const [low, high] = [Math.min(...last), Math.max(...last)]
        const still = last.length === patience && (low === high || high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high)))
        const point =
          coordinates.some(({ cell }) => !cell) && coordinates.every(({ cell }, i) => cell !== undefined || deviation(i) < 1e-11)
        return still || point
      }
    },
  }
}

interface Result {
  readonly vector: Float64Array
  readonly loss: number
  readonly assignment: Assignment
}
