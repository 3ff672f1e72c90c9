/** What a process knows of a study, and when it makes up its mind anew. */
import type { Rank } from '../rank.ts'
import { fit } from './fit.ts'
import type { Hyper, Lists } from './kernel.ts'
import { extended, type Geometry, geometry } from './process.ts'
import { standardLosses } from './warp.ts'

/** A trial whose end, or whose last report before a pause, is known. */
export interface Known {
  readonly place: Float64Array
  readonly rank: Rank
}

/** Trials that a process knows at most when it is fitted; what comes until the next time is added. */
const mostKnown = 600
/** Trials that the hyperparameters are fitted to at most. */
const mostFitted = 160
/** Growth after which a new fit tells something. */
const growth = 1.05

/** The process of all that is known, before losses: `ids` are its trials' places in the list, in its order. */
export interface Knowledge {
  readonly geometry: Geometry
  readonly ids: readonly number[]
}

/**
 * Remembers the last fit of a list that only grows. Fits happen at certain lengths, and from the list so far alone, so that what
 * is known is a function of the list: each time up to 40 trials, then whenever there are 5 % more.
 */
export function knowledge(lists: Lists, first: number): (known: readonly Known[]) => Knowledge {
  let kept: { readonly since: number; readonly knowledge: Knowledge } | undefined
  return (known) => {
    const since = lastFit(known.length, first)
    if (kept?.since !== since) kept = { since, knowledge: learnt(known.slice(0, since), lists) }
    const { geometry, ids } = kept.knowledge
    const from = (ids.at(-1) ?? -1) + 1
    const more = known.slice(from)
    kept = {
      since,
      knowledge: {
        geometry: extended(
          geometry,
          more.map(({ place }) => place),
        ),
        ids: [...ids, ...more.keys().map((i) => from + i)],
      },
    }
    return kept.knowledge
  }
}

/** All of a list, from scratch. */
export function learnt(known: readonly Known[], lists: Lists): Knowledge {
  const losses = standardLosses(known.map(({ rank }) => rank))
  // The newest is always among them, so that the list goes on after it.
  const ids = chosen(losses, mostKnown, (rest, count) => rest.slice(-count))
  return {
    ids,
    geometry: geometry(
      ids.map((i) => known[i]!.place),
      hyperOf(known, losses, lists),
      lists,
    ),
  }
}

function hyperOf(known: readonly Known[], losses: Float64Array, lists: Lists): Hyper {
  const ids = chosen(losses, mostFitted, (rest, count) =>
    Array.from({ length: count }, (_, i) => rest[Math.floor(((i + 0.5) / count) * rest.length)]!),
  )
  const rows = new Float64Array(ids.length * lists.length)
  for (const [k, i] of ids.entries()) rows.set(known[i]!.place, k * lists.length)
  return fit({ count: ids.length, rows, losses: Float64Array.from(ids, (i) => losses[i]!), lists })
}

/** Indices in order: all, or the best half of `most` and others that `pick` takes of the rest. */
function chosen(losses: Float64Array, most: number, pick: (rest: number[], count: number) => number[]): number[] {
  const all = [...losses.keys()]
  if (all.length <= most) return all
  const byLoss = all.toSorted((a, b) => losses[a]! - losses[b]! || a - b)
  const half = most / 2
  const rest = byLoss.slice(half).sort((a, b) => a - b)
  return [...byLoss.slice(0, half), ...pick(rest, half)].sort((a, b) => a - b)
}

function lastFit(count: number, first: number): number {
  let at = Math.min(first, count)
  for (;;) {
    const next = Math.max(at + 1, Math.floor(at * growth))
    if (next > count) return at
    at = next
  }
}
