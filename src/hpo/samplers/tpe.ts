import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import type { Assignment, SearchSpace } from '../../space/index.ts'
import { type Axis, assignmentOf, axesOf, unitsOf } from '../axes.ts'
import { rankOf, rankOfOpen } from '../rank.ts'
import type { Sampler } from '../sampler.ts'
import { point } from '../sampler.ts'
import { startPoints } from '../startup.ts'
import { density } from '../tpe/density.ts'
import { history } from '../tpe/history.ts'
import { split } from '../tpe/split.ts'
import { triedPoints } from '../tried.ts'

export interface TpeOptions {
  /** Trials that must have a loss before it learns from them; points until then fill the space evenly. Default 10. */
  readonly startup?: number
  /** The share of trials that counts as good, of which there are 25 at most. Default 0.12. */
  readonly gamma?: number
  /** Points drawn for each suggestion, of which the most promising is taken. Default 32. */
  readonly candidates?: number
}

/**
 * Tree-structured Parzen estimator: it tells good trials from bad ones, estimates the density of both, draws points where the
 * good ones are dense, and suggests the one where their density is largest compared with that of the bad ones. It takes every kind of
 * dimension and thousands of trials, and knows how dimensions go together (multivariate).
 *
 * What is pending counts as bad, so that parallel suggestions keep apart; so does what failed. Pruned and paused trials count by
 * their last report, after all that finished. A dimension is learnt from the trials in which it counted.
 *
 * J. Bergstra and others, Algorithms for Hyper-Parameter Optimization (NeurIPS 2011); S. Falkner and others, BOHB (ICML 2018);
 * S. Watanabe, Tree-Structured Parzen Estimator: Understanding Its Algorithm Components (2023). Other than there, the good are
 * weighted by rank, and their kernels may be narrower: both were found to do better on a dozen test functions.
 *
 * @throws BAD_OPTION
 * @example `tpe({ startup: 20 })`
 */
export function tpe(options: TpeOptions = {}): Sampler {
  checkOptions('tpe', options, ['startup', 'gamma', 'candidates'])
  const { startup = 10, gamma = 0.12, candidates = 32 } = options
  if (!Number.isInteger(startup) || startup < 1) throw fail('BAD_OPTION', 'tpe', 'startup', startup, 'a whole number above 0')
  if (!(gamma > 0 && gamma < 1)) throw fail('BAD_OPTION', 'tpe', 'gamma', gamma, 'a number between 0 and 1')
  if (!Number.isInteger(candidates) || candidates < 1) throw fail('BAD_OPTION', 'tpe', 'candidates', candidates, 'a whole number above 0')
  return {
    name: 'tpe',
    begin({ space }, random) {
      const axes = axesOf(space)
      const start = startPoints(space, axes, random)
      // A continuous value is not drawn twice.
      const repeats = !axes.some(({ kind, name }) => kind === 'real' && space.dimensions[name]!.when === undefined)
      const isTried = repeats ? triedPoints(space) : () => false
      const told = history(axes.length)
      let losses = 0

      return {
        ask(number, study) {
          const open = [...study.open].map((trial) => ({ units: unitsOf(space, axes, trial.assignment), rank: rankOfOpen(trial) }))
          const known = losses + open.filter(({ rank }) => rank !== undefined).length
          const sets = known < startup || axes.length === 0 ? undefined : split(told, open, gamma)
          if (sets === undefined) return point(start(number))
          const [good, bad] = [density(axes, sets.good), density(axes, sets.bad)]
          const chance = random.fork('ask', number)
          const drawn = draw(
            space,
            axes,
            () => good.sample(chance),
            () => Float64Array.from(axes, () => chance.uniform()),
            candidates,
            (assignment) => isTried(assignment, study),
          )
          let best: Assignment | undefined
          let most = Number.NEGATIVE_INFINITY
          for (const assignment of drawn) {
            const units = unitsOf(space, axes, assignment)
            const gain = good.log(units) - bad.log(units)
            if (best === undefined || gain > most) [best, most] = [assignment, gain]
          }
          return point(best ?? space.sample(chance))
        },
        tell(trial) {
          const rank = rankOf(trial)
          if (rank.group !== 'failed') losses++
          told.add(unitsOf(space, axes, trial.assignment), rank)
        },
      }
    },
  }
}

/** So many draws for each candidate, where hardly any is feasible. */
const mostDraws = 20

/**
 * Feasible candidates. Where the dense region has been tried, all of it, they come from anywhere; those that were tried before are
 * candidates only where others are not found.
 */
function draw(
  space: SearchSpace,
  axes: readonly Axis[],
  sample: () => Float64Array,
  anywhere: () => Float64Array,
  wanted: number,
  isTried: (assignment: Assignment) => boolean,
): Assignment[] {
  const fresh: Assignment[] = []
  const tried: Assignment[] = []
  for (let i = 0; i < wanted * mostDraws && fresh.length < wanted; i++) {
    if (i >= 4 * wanted && fresh.length + tried.length > 0) break
    const assignment = assignmentOf(space, axes, i >= 2 * wanted && fresh.length === 0 ? anywhere() : sample())
    if (!space.feasible(assignment)) continue
    ;(isTried(assignment) ? tried : fresh).push(assignment)
  }
  return fresh.length > 0 ? fresh : tried
}
