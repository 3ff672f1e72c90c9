/**
 * First written, then answered: what has arrived in one turn of the event loop is written in one transaction, and only then are
 * the answers to it sent. So nothing that a worker was told can be forgotten, and many reports cost one write.
 */
import type { Clock } from '../core/clock.ts'
import type { StudyLog } from './log.ts'

/**
 * How old what is written may become before it is forced to the disk, in milliseconds: till then it survives the death of the
 * process, and not yet a loss of power.
 */
const durableEvery = 100

export interface Outbox {
  /** Sends something, after all that is recorded by now has been written. */
  after(send: () => void): void
  /** Writes what is recorded, to the disk itself. */
  settle(): Promise<void>
  /** Whether something written waits to be forced to the disk. */
  readonly due: boolean
}

/** @param failed is told once that nothing can be written: nothing is answered any more. */
export function createOutbox(log: Pick<StudyLog, 'flush'>, clock: Clock, failed: (error: unknown) => void): Outbox {
  let waiting: (() => void)[] = []
  let scheduled = false
  let durableAt = clock.elapsed()
  let writing: Promise<void> = Promise.resolve()

  const write = async (durable: boolean) => {
    const sends = waiting
    waiting = []
    try {
      await log.flush(durable)
    } catch (error) {
      failed(error)
      return
    }
    for (const send of sends) send()
  }
  const due = () => clock.elapsed() - durableAt >= durableEvery
  const flush = (durable: boolean) => {
    if (durable) durableAt = clock.elapsed()
    writing = write(durable)
    return writing
  }
  return {
    after(send) {
      waiting.push(send)
      if (scheduled) return
      scheduled = true
      // After the turn: whatever else has arrived in it is written with this.
      setImmediate(() => {
        scheduled = false
        void flush(due())
      })
    },
    async settle() {
      await writing
      await flush(true)
    },
    get due() {
      return due()
    },
  }
}
