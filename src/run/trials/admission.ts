import { totalmem } from 'node:os'
import { freeMemory, memoryGate } from '../../cluster/index.ts'
import type { Clock } from '../../core/clock.ts'

/** Free memory is asked for at most so often: asking takes longer than a small trial. Milliseconds. */
const askEvery = 250
/** What shall stay free for the rest of the machine: a twentieth of it, and no more than this. Bytes. */
const mostReserve = 512 * 2 ** 20

/**
 * Whether one more trial may begin, by the memory there is: a worker is expected to grow to what a trial may hold (`limit`) or,
 * where that is not said, to the most that any worker has been seen with. So workers are not killed under memory pressure; the
 * trial waits, and it is said why.
 */
export function admission(
  clock: Clock,
  limit: number | undefined,
  free: () => number = freeMemory,
): (held: readonly (number | undefined)[], own: number | undefined) => string | undefined {
  let asked = Number.NEGATIVE_INFINITY
  let known = 0
  let peak = 0
  const gate = memoryGate({
    free() {
      if (clock.elapsed() - asked >= askEvery) {
        asked = clock.elapsed()
        known = free()
      }
      return known
    },
    reserve: Math.min(mostReserve, totalmem() / 20),
    expected: () => limit ?? peak,
  })
  return (held, own) => {
    peak = Math.max(peak, own ?? 0, ...held.map((bytes) => bytes ?? 0))
    return gate.waitsFor(held, own)?.replace(/^waiting /, '')
  }
}
