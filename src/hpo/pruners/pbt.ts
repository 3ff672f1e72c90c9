import { fail } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { checkOptions } from '../../core/registry.ts'
import { suggest } from '../../core/suggest.ts'
import type { SearchSpace } from '../../space/index.ts'
import type { Move, Pruner } from '../pruner.ts'
import type { ReportView, StudyView, TrialView } from '../trial.ts'
import { between, whole } from './checks.ts'
import { explore } from './explore.ts'
import { type Sorted, sorted } from './sorted.ts'

export interface PbtOptions {
  /** How many trials learn side by side; default 10. More workers than this stand idle. */
  readonly population?: number
  /** A trial is compared after each so many reports of its own; default 5. */
  readonly interval?: number
  /** The worst trials, as a share of the population, make place for copies of as many best ones; default 0.25, at most 0.5. */
  readonly quantile?: number
  /**
   * Which dimensions a copy changes; default all of the kinds uniform, logUniform and normal. A copy goes on with its parent's
   * weights, so none that changes the shape of the model or of its batches: layers, units.
   */
  readonly perturb?: readonly string[]
  /** How often a changed dimension is drawn anew rather than nudged; default 0.25. */
  readonly resample?: number
}

/**
 * Population based training: trials learn side by side; at each interval one of the worst is stopped (pruned), and a new trial
 * begins with the latest checkpoint of one of the best, its hyperparameters nudged by a factor of 0.8 or 1.2, to a neighbour,
 * or drawn anew. M. Jaderberg et al., Population Based Training of Neural Networks (2017).
 *
 * - Nothing waits for the whole population: a trial is compared with the last interval of each other, as far as each has come.
 *   So one that is behind, on a slow worker, may give way to a copy of one that has trained longer.
 * - Where workers are fewer than the population, trials pause at intervals, and the one that is furthest behind goes on.
 * - A trial that diverged is stopped whatever its place. Of equals none is stopped, nor is the best one.
 * - The wanted number of trials counts copies too. A trial that ends by itself leaves its place to the next population, which
 *   begins anew and is compared with itself only. When no new trials are wanted, the worst are still stopped at intervals, without
 *   copies, while more than 1/quantile are left.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.pbt({ population: 20, interval: 4, perturb: ['learningRate', 'weightDecay'] })`
 */
export function pbt(options: PbtOptions = {}): Pruner {
  checkOptions('pbt', options, ['population', 'interval', 'quantile', 'perturb', 'resample'])
  const size = whole('pbt', 'population', options.population ?? 10, 2)
  const interval = whole('pbt', 'interval', options.interval ?? 5, 1)
  const quantile = between('pbt', 'quantile', options.quantile ?? 0.25, 0, 0.5)
  const resample = between('pbt', 'resample', options.resample ?? 0.25, 0, 1)
  return {
    name: 'pbt',
    checkpoints: true,
    begin({ space, trials }, random) {
      const names = perturbed(space, options.perturb)
      const places = Math.min(size, trials ?? size)
      /** The open trials by number: no more than places. */
      const members = new Map<number, Member>()
      const populations: Population[] = []
      /** Which population each trial is of, also of those that have ended. */
      const populationOf = new Map<number, Population>()
      let seen = 0
      let sampled = 0
      const look = ({ trials }: StudyView) => {
        for (; seen < trials.length; seen++) {
          const view = trials[seen]!
          const inherited = view.parent === undefined ? undefined : populationOf.get(view.parent)
          if (inherited) inherited.vacant--
          const population = inherited ?? (populations[Math.floor(sampled++ / size)] ??= { ranking: sorted(better), vacant: 0 })
          populationOf.set(view.number, population)
          members.set(view.number, { view, number: view.number, population, score: undefined, doomed: false })
        }
      }
      /** How many count as best and as worst, of so many. */
      const few = (count: number) => Math.floor(count * quantile)

      /** Puts it where its last report belongs; whether it is one of the worst. */
      const rank = (member: Member) => {
        const { ranking } = member.population
        if (member.score !== undefined) ranking.delete(member as Scored)
        member.score = lastOf(member.view).loss
        ranking.add(member as Scored)
        const count = few(ranking.size)
        if (member.score === Number.POSITIVE_INFINITY) return true
        return count > 0 && member.score >= ranking.at(ranking.size - count)!.score && member.score > ranking.at(count - 1)!.score
      }
      const leave = (member: Member) => {
        if (member.score !== undefined) member.population.ranking.delete(member as Scored)
        member.score = undefined
      }
      const isAwaited = ({ view }: Member) =>
        sampled < places || members.values().some((other) => other.view.paused && lastOf(other.view).step < lastOf(view).step)

      /** One of the best of the oldest population that lacks a trial and has all begun. */
      const donor = (chance: Random) => {
        for (const [i, { ranking, vacant }] of populations.entries()) {
          if (vacant > 0 && sampled >= (i + 1) * size && ranking.size > 0) return ranking.at(chance.int(Math.max(1, few(ranking.size))))
        }
        return undefined
      }

      return {
        judge(trial, study) {
          look(study)
          const member = members.get(trial.number)!
          if (member.doomed) return 'stop'
          if (trial.reports.length % interval !== 0) return 'go'
          member.doomed = rank(member)
          if (member.doomed) leave(member)
          return member.doomed ? 'stop' : isAwaited(member) ? 'pause' : 'go'
        },
        next(study, more): Move {
          look(study)
          if (more && members.size < places) {
            const chance = random.fork('exploit', study.trials.length)
            const parent = donor(chance)?.view
            if (!parent) return { kind: 'sample' }
            return { kind: 'exploit', parent: parent.number, assignment: explore(space, parent.assignment, { names, resample }, chance) }
          }
          let behind: TrialView | undefined
          for (const { view } of members.values()) {
            if (view.paused && !(behind && lastOf(behind).step <= lastOf(view).step)) behind = view
          }
          if (behind) return { kind: 'resume', trial: behind.number }
          if (members.size === 0) return { kind: 'done', reason: 'the last population has ended' }
          return { kind: 'wait', reason: more ? `for a place in the population of ${places}` : 'for the last of the population' }
        },
        ended(trial, study) {
          look(study)
          const member = members.get(trial.number)
          if (!member) return
          leave(member)
          members.delete(trial.number)
          if (member.doomed && trial.state === 'pruned') member.population.vacant++
        },
      }
    },
  }
}

/** Trials that began together, and their copies. */
interface Population {
  /** Those that run or rest, have come to an interval, and did not diverge; the best first. */
  readonly ranking: Sorted<Scored>
  /** Trials that were stopped and have no copy yet. */
  vacant: number
}

interface Member {
  readonly view: TrialView
  readonly number: number
  readonly population: Population
  /** The loss at its last interval, while it is ranked. */
  score: number | undefined
  /** It was told to stop. */
  doomed: boolean
}

type Scored = Member & { readonly score: number }

/** Of equals the older one. */
function better(a: Scored, b: Scored): number {
  return a.score < b.score ? -1 : a.score > b.score ? 1 : a.number - b.number
}

function lastOf({ reports }: TrialView): ReportView {
  return reports.at(-1) ?? { step: Number.NEGATIVE_INFINITY, loss: Number.POSITIVE_INFINITY }
}

/** @throws BAD_OPTION for names that are not of the space, and where nothing can change */
function perturbed({ dimensions, names }: SearchSpace, given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) {
    const numbers = names.filter((name) => ['uniform', 'logUniform', 'normal'].includes(dimensions[name]!.kind))
    if (numbers.length > 0) return numbers
    throw fail('BAD_OPTION', 'pbt', 'perturb', undefined, 'given, for the space has no uniform, logUniform or normal dimension')
  }
  if (!Array.isArray(given) || given.length === 0) throw fail('BAD_OPTION', 'pbt', 'perturb', given, 'a list of names of dimensions')
  const foreign = given.find((name) => !names.includes(name))
  if (foreign !== undefined) throw fail('BAD_OPTION', 'pbt', 'perturb', foreign, `of dimensions of the space. ${suggest(foreign, names)}`)
  return given
}
