import { checkOptions } from '../../core/registry.ts'
import type { Pruner } from '../pruner.ts'
import { resourcesOf } from './asha.ts'
import { climbing, type Ladder, ladder } from './ladder.ts'

export interface HyperbandOptions {
  /** Reports up to the first rung of the most eager bracket; default 1. */
  readonly minResource?: number
  /** One in so many goes on from each rung; default 3. */
  readonly eta?: number
  /** How many reports a whole training makes. Without it, as many as the first finished trial made. */
  readonly maxResource?: number
}

/**
 * Hyperband with asynchronous brackets: several `asha` side by side, of which each pauses trials first after eta times as many
 * reports as the one before, and the last one hardly at all; where early reports mislead, the later brackets find what the first
 * ones throw away. L. Li et al., Hyperband (JMLR 2018); brackets promote as in L. Li et al. (MLSys 2020).
 *
 * There are `floor(log_eta(maxResource / minResource)) + 1` brackets. Trials are dealt to them in the order they begin, in the
 * proportions of the paper (its n_s), so that each bracket uses about as much resource. Each bracket trains its best trial to
 * the end.
 *
 * While the length of a whole training is not known, one trial runs to its end to find it out, and there are the brackets that
 * follow from the longest trial so far; trials that begin later even that out. With few trials and many workers most have begun
 * before much is known: give `maxResource` then.
 *
 * @throws BAD_OPTION, UNKNOWN_OPTION
 * @example `pruners.hyperband({ maxResource: 81 })`
 */
export function hyperband(options: HyperbandOptions = {}): Pruner {
  checkOptions('hyperband', options, ['minResource', 'eta', 'maxResource'])
  const { minResource, eta, maxResource } = resourcesOf('hyperband', options, 3)
  return {
    name: 'hyperband',
    checkpoints: true,
    begin() {
      let end = maxResource ?? Number.POSITIVE_INFINITY
      const brackets: Bracket[] = []
      const ladders: Ladder[] = []
      /** Makes the brackets that trainings of this length have. */
      const reach = (length: number) => {
        const shares = sharesOf(minResource, eta, length)
        for (const [i, share] of shares.entries()) {
          if (brackets[i]) {
            brackets[i].share = share
            continue
          }
          ladders.push(ladder({ minResource: minResource * eta ** i, eta, end: () => end }))
          brackets.push({ ladder: ladders[i]!, share, dealt: 0 })
        }
      }
      reach(maxResource ?? minResource)
      /** The trial that runs to its end. */
      let scout: number | undefined

      return climbing({
        ladders: () => ladders,
        choose() {
          const bracket = neediest(brackets)
          bracket.dealt++
          return bracket.ladder
        },
        keep({ number, reports }) {
          if (end < Number.POSITIVE_INFINITY) return false
          if (reports.length >= minResource * eta ** brackets.length) reach(reports.length)
          scout ??= number
          return scout === number
        },
        ended({ number, state, reports }) {
          if (end === Number.POSITIVE_INFINITY && state === 'finished' && reports.length > 0) end = reports.length
          if (scout === number) scout = undefined
        },
      })
    },
  }
}

interface Bracket {
  readonly ladder: Ladder
  /** Of all trials; the shares' sum is 1. */
  share: number
  dealt: number
}

/** How large a part of the trials each bracket gets, the most eager one first. */
function sharesOf(minResource: number, eta: number, end: number): number[] {
  let most = 0
  while (minResource * eta ** (most + 1) <= end) most++
  const counts = Array.from({ length: most + 1 }, (_, i) => Math.ceil(((most + 1) * eta ** (most - i)) / (most - i + 1)))
  const sum = counts.reduce((a, b) => a + b)
  return counts.map((count) => count / sum)
}

/** The bracket that lacks most of its share, counting the trial that is dealt now; of equals the first. */
function neediest(brackets: readonly Bracket[]): Bracket {
  const total = brackets.reduce((sum, { dealt }) => sum + dealt, 1)
  const lack = ({ share, dealt }: Bracket) => share * total - dealt
  return brackets.reduce((best, bracket) => (lack(bracket) > lack(best) + 1e-9 ? bracket : best))
}
