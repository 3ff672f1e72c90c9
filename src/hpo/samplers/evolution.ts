import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Assignment } from '../../space/index.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { lossOf, triedPoints } from '../tried.ts'
import { fresh, mutate, scaledStep } from '../variation.ts'

export interface EvolutionOptions {
  /** How many of the last results live; as many points are drawn before anything is bred. Default 24. */
  readonly population?: number
  /** How many of them, drawn by chance, compete to be the parent; default half of the population. */
  readonly tournament?: number
}

/**
 * Regularized evolution: of a few of the last `population` results, drawn by chance, the best is the parent, and a point near it is
 * tried. Results die of age, not of being bad, so that a lucky one does not rule for ever. For many dimensions of all kinds,
 * conditional ones above all, and many workers: a suggestion costs next to nothing, and no worker waits.
 *
 * A child differs in one dimension or a few: numbers and ordered values take a step of a length that is drawn too, choices take another
 * value; what counts only by the change is drawn. Points that were tried are not tried again while others are found.
 *
 * E. Real, A. Aggarwal, Y. Huang, Q. Le: Regularized evolution for image classifier architecture search (AAAI 2019).
 *
 * @example `evolution({ population: 50, tournament: 10 })`
 */
export function evolution(options: EvolutionOptions = {}): Sampler {
  checkOptions('evolution', options, ['population', 'tournament'])
  const { population = 24, tournament = Math.ceil(population / 2) } = options
  if (!(Number.isInteger(population) && population >= 2))
    throw fail('BAD_OPTION', 'evolution', 'population', population, 'a whole number of at least 2')
  if (!(Number.isInteger(tournament) && tournament >= 1 && tournament <= population))
    throw fail('BAD_OPTION', 'evolution', 'tournament', tournament, `a whole number from 1 to the population, ${population}`)
  return {
    name: 'evolution',
    begin({ space }, random) {
      const living: { readonly assignment: Assignment; readonly loss: number }[] = []
      const isTried = triedPoints(space)
      return {
        ask(number, study) {
          const chance = random.fork('ask', number)
          if (living.length < population) return point(space.sample(chance))
          const parent = () => {
            const rivals = Array.from({ length: tournament }, () => living[chance.int(population)]!)
            return rivals.reduce((best, rival) => (rival.loss < best.loss ? rival : best)).assignment
          }
          const tried = (assignment: Assignment) => isTried(assignment, study)
          return point(fresh(space, tried, () => mutate(space, parent(), scaledStep, chance), chance))
        },
        tell(trial) {
          const loss = lossOf(trial, space)
          if (loss === undefined) return
          living.push({ assignment: trial.assignment, loss })
          if (living.length > population) living.shift()
        },
      }
    },
  }
}
