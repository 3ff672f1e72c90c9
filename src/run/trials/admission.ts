import { totalmem } from 'node:os'
import { freeMemory, memoryGate } from '../../cluster/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { Holding } from '../../hpo/index.ts'

/** Free memory is asked for at most so often: asking takes longer than a small trial. Milliseconds. */
const askEvery = 250
/** What shall stay free for the rest of the machine: a twentieth of it, and no more than this. Bytes. */
const mostReserve = 512 * 2 ** 20

/**
 * Whether one more trial may begin, by the memory there is on the machine of the worker: it is expected to grow to what a trial may
 * hold (`limit`) or, where that is not said, to the most that any worker has been seen with. So workers are not killed under memory
 * pressure; the trial waits, and it is said why.
 */
export function admission(
  clock: Clock,
  limit: number | undefined,
  free: () => number = freeMemory,
): (held: readonly Holding[], own: Holding) => string | undefined {
  let asked = Number.NEGATIVE_INFINITY
  let known = 0
  let peak = 0
  const here = () => {
    if (clock.elapsed() - asked >= askEvery) {
      asked = clock.elapsed()
      known = free()
    }
    return known
  }
  return (held, own) => {
    for (const { memory = 0 } of [own, ...held]) peak = Math.max(peak, memory)
    const gate = memoryGate({
      free: () => (own.node === undefined ? here() : (own.free ?? Number.POSITIVE_INFINITY)),
      reserve: own.node === undefined ? Math.min(mostReserve, totalmem() / 20) : mostReserve,
      expected: () => limit ?? peak,
    })
    const beside = held.filter(({ node }) => node === own.node).map(({ memory }) => memory)
    const reason = gate.waitsFor(beside, own.memory)?.replace(/^waiting /, '')
    return reason !== undefined && own.node !== undefined ? `${reason} on ${own.node}` : reason
  }
}
