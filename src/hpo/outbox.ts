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
  let broken = false
  /** Whether something was recorded that is not yet known to be on the disk, and when something last was. */
  let unsafe = false
  let durableAt = clock.elapsed()
  /** One write after another, so that answers leave in the order they were given. */
  let writing: Promise<void> = Promise.resolve()

  const write = async (durable: boolean) => {
    if (broken) return
    const sends = waiting
    waiting = []
    try {
      if (durable) [unsafe, durableAt] = [false, clock.elapsed()]
      await log.flush(durable)
      for (const send of sends) send()
    } catch (error) {
      broken = true
      failed(error)
    }
  }
  const due = () => unsafe && clock.elapsed() - durableAt >= durableEvery
  const flush = (durable: boolean) => {
    writing = writing.then(() => write(durable))
    return writing
  }
  return {
    after(send) {
      waiting.push(send)
      unsafe = true
      if (scheduled) return
      scheduled = true
      // After the turn: whatever else has arrived in it is written with this.
      setImmediate(() => {
        scheduled = false
        void flush(due())
      })
    },
    settle: () => flush(true),
    get due() {
      return due()
    },
  }
}
