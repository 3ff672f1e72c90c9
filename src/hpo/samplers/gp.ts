import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { axesOf } from '../axes.ts'
import { type Known, knowledge, learnt } from '../gp/knowledge.ts'
import { placesOf } from '../gp/places.ts'
import { extended, processOf } from '../gp/process.ts'
import { search } from '../gp/search.ts'
import { standardLosses } from '../gp/warp.ts'
import { rankOf, rankOfOpen } from '../rank.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { startPoints } from '../startup.ts'
import { triedPoints } from '../tried.ts'

export interface GpOptions {
  /** Trials that must have a loss before it learns from them; points until then fill the space evenly. Default 10. */
  readonly startup?: number
}

/** Around so many of the best points improvements are looked for too. */
const centers = 4

/**
 * Bayesian optimization with a Gaussian process: it believes the loss to be a smooth function, works out how smooth along each
 * dimension, and suggests the point that is expected to improve most on the best so far. It needs the fewest trials, in up to some twenty
 * dimensions; a suggestion takes milliseconds at first and tenths of a second after hundreds of trials.
 *
 * Kernel: Matern 5/2 with a length for each dimension; choices differ or they do not. Lengths, variance and noise are the most
 * likely ones under log-normal beliefs, fitted anew whenever there are 5 % more trials (each time up to 40), to at most 160 of them, and
 * from these alone, so that a study that goes on has the same process. Beyond 600 trials the best 300 and the newest 300
 * are kept. Losses are made about normal first. What is sought is the largest logarithm of the expected improvement.
 *
 * Pending trials are believed to end as predicted, so that parallel suggestions keep apart. Pruned and paused trials count by their last
 * report, but never as better than the middle of those that finished; failed ones count as the worst. What is not of the space is not
 * learnt from.
 *
 * C. Rasmussen and C. Williams, Gaussian Processes for Machine Learning (2006); S. Ament and others, Unexpected Improvements to
 * Expected Improvement (NeurIPS 2023); D. Ginsbourger and others, Kriging Is Well-Suited to Parallelize Optimization (2010); C. Hvarfner
 * and others, Vanilla Bayesian Optimization Performs Great in High Dimensions (ICML 2024).
 *
 * @throws BAD_OPTION
 * @example `gp({ startup: 8 })`
 */
export function gp(options: GpOptions = {}): Sampler {
  checkOptions('gp', options, ['startup'])
  const { startup = 10 } = options
  if (!Number.isInteger(startup) || startup < 1) throw fail('BAD_OPTION', 'gp', 'startup', startup, 'a whole number above 0')
  return {
    name: 'gp',
    begin({ space }, random) {
      const axes = axesOf(space)
      const lists = axes.map(({ kind }) => kind === 'list')
      const places = placesOf(space, axes)
      const start = startPoints(space, axes, random)
      const isTried = triedPoints(space)
      const ended: Known[] = []
      const learn = knowledge(lists, startup)

      return {
        ask(number, study) {
          const open = [...study.open]
            .filter(({ assignment }) => space.problem(assignment) === undefined)
            .map((trial) => ({ place: places.of(trial.assignment), rank: rankOfOpen(trial) }))
          const paused = open.filter((trial): trial is Known => trial.rank !== undefined)
          const known = [...ended, ...paused]
          if (axes.length === 0 || known.filter(({ rank }) => rank.group !== 'failed').length < startup) return point(start(number))

          // What is paused goes on some day: nothing that was fitted to it can be kept.
          const { geometry, ids } = paused.length === 0 ? learn(known) : learnt(known, lists)
          const losses = standardLosses(known.map(({ rank }) => rank))
          const pending = open.flatMap(({ place, rank }) => (rank === undefined ? [place] : []))
          const process = processOf(
            extended(geometry, pending),
            Float64Array.from(ids, (i) => losses[i]!),
          )
          const around = [...ids].sort((a, b) => losses[a]! - losses[b]! || a - b).slice(0, centers)
          const chance = random.fork('ask', number)
          return point(
            search(
              { places, process, around: around.map((i) => known[i]!.place), isTried: (assignment) => isTried(assignment, study) },
              chance,
            ),
          )
        },
        tell(trial) {
          if (space.problem(trial.assignment) === undefined) ended.push({ place: places.of(trial.assignment), rank: rankOf(trial) })
        },
      }
    },
  }
}
