import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Assignment } from '../../space/index.ts'
import { crowdingDistances, nonDominatedSort } from '../pareto.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { lossOf, triedPoints } from '../tried.ts'
import { cross, fresh, mutate, polynomialStep } from '../variation.ts'

export interface Nsga2Options {
  /** How many points breed; as many are drawn before. Default 20. */
  readonly population?: number
  /** The chance that a child has two parents; default 0.9. */
  readonly crossover?: number
}

/**
 * NSGA-II: for several objectives at once. Breeds from the best `population` points found: those that no other beats in all objectives,
 * then those that only these beat, and so on; within such a front the lonelier ones first, so that the whole of it is found. Two
 * parents, each the better of two drawn by chance, are crossed (simulated binary crossover; choices are taken from either), and the
 * child is mutated (polynomial steps; choices take another value) in one dimension or a few.
 *
 * The population changes with each result that arrives, not by generations, so no worker waits (J. Durillo et al.: On the effect of the
 * steady-state selection scheme in multi-objective genetic algorithms, 2009, found it better, too). With one objective it is a
 * plain genetic algorithm that keeps its best.
 *
 * K. Deb, A. Pratap, S. Agarwal, T. Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II (2002).
 */
export function nsga2(options: Nsga2Options = {}): Sampler {
  checkOptions('nsga2', options, ['population', 'crossover'])
  const { population = 20, crossover = 0.9 } = options
  if (!(Number.isInteger(population) && population >= 2))
    throw fail('BAD_OPTION', 'nsga2', 'population', population, 'a whole number of at least 2')
  if (!(typeof crossover === 'number' && crossover >= 0 && crossover <= 1))
    throw fail('BAD_OPTION', 'nsga2', 'crossover', crossover, 'from 0 to 1')
  return {
    name: 'nsga2',
    multiObjective: true,
    begin({ space }, random) {
      // Best first.
      let breeding: Individual[] = []
      const isTried = triedPoints(space)
      const step = polynomialStep(mutationSpread)
      return {
        ask(number, study) {
          const chance = random.fork('ask', number)
          if (breeding.length < population) return point(space.sample(chance))
          const parent = () => breeding[Math.min(chance.int(population), chance.int(population))]!.assignment
          const child = () => {
            const one = chance.uniform() < crossover ? cross(space, parent(), parent(), crossSpread, chance) : parent()
            return mutate(space, one, step, chance)
          }
          return point(fresh(space, (assignment) => isTried(assignment, study), child, chance))
        },
        tell(trial) {
          if (lossOf(trial, space) !== undefined)
            breeding = selected([...breeding, { assignment: trial.assignment, losses: trial.losses! }], population)
        },
      }
    },
  }
}

/** Distribution indices: as in the paper for crossing; smaller for mutations, as budgets are smaller than its 25,000 points. */
const crossSpread = 15
const mutationSpread = 20

interface Individual {
  readonly assignment: Assignment
  readonly losses: readonly number[]
}

/** The best of them, best first: by front, then the lonelier. */
function selected(all: readonly Individual[], count: number): Individual[] {
  const best: Individual[] = []
  for (const front of nonDominatedSort(all.map(({ losses }) => losses))) {
    if (best.length >= count) break
    const members = front.map((i) => all[i]!)
    const distances = crowdingDistances(members.map(({ losses }) => losses))
    const order = members.map((_, i) => i).sort((a, b) => (distances[a] === distances[b] ? a - b : distances[b]! - distances[a]!))
    best.push(...order.map((i) => members[i]!))
  }
  return best.slice(0, count)
}
