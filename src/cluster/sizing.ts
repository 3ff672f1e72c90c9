/** How many ranks a cluster has: a fixed number, or as many as there is room and use for. */
import type { Clock } from '../core/clock.ts'

export interface SizingOptions {
  readonly clock: Clock
  readonly use: { most(): number; isIdle(rank: number): boolean } | undefined
  ranks(): readonly number[]
  /** Workers that there is room for by now, those that have a place included. */
  room(): number | undefined
  /** Ranks that could not be kept alive. */
  givenUp(): number
  hasPlace(rank: number): boolean
  start(rank: number): void
  /** Lets a rank go for good. */
  leave(rank: number): void
}

/**
 * With 'auto' there are a few ranks more than there is room for: asking is how an autoscaler learns that more would be used, and
 * what comes is used. When there is less to do than ranks, those that do nothing go, so that their machines may go, too.
 */
export function sizing(workers: number | 'auto', options: SizingOptions): { stop(): void } {
  const { clock, use, ranks, room, givenUp, hasPlace, start, leave } = options
  if (workers !== 'auto') {
    for (let rank = 0; rank < workers; rank++) start(rank)
    return { stop: () => undefined }
  }
  const look = () => {
    const now = ranks()
    const placed = now.filter(hasPlace).length
    const roomy = room() ?? 1
    const asked = Math.max(placed, roomy) + Math.max(1, Math.ceil(placed / 2))
    const wanted = Math.max(givenUp() > 0 ? 0 : 1, Math.min(asked, use?.most() ?? asked, mostRanks) - givenUp())
    for (let rank = 0, count = now.length; count < wanted; rank++) {
      if (now.includes(rank)) continue
      start(rank)
      count++
    }
    // Those that have no place yet go first, the newest of them.
    const free = now
      .filter((rank) => !hasPlace(rank) || use?.isIdle(rank))
      .sort((a, b) => Number(hasPlace(a)) - Number(hasPlace(b)) || b - a)
    for (const rank of free.slice(0, Math.max(0, now.length - wanted))) leave(rank)
  }
  look()
  return clock.every(every, look)
}

/** Milliseconds. */
const every = 1000
const mostRanks = 1000
