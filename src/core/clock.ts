/**
 * Time is handed in. Only this file names the wall clock; everything else takes a `Clock`, so that the same code runs
 * under a virtual clock in tests and simulations.
 */
export interface Clock {
  /** Milliseconds since 1970, for people and records. */
  now(): number
  /** Monotonic milliseconds with fractions, for durations. */
  elapsed(): number
  /** Resolves after that many milliseconds, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Calls back again and again until stopped; never keeps the process alive. */
  every(milliseconds: number, callback: () => void): { stop(): void }
}

/** The machine's own time. */
export const realClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const abort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, milliseconds)
      signal?.addEventListener('abort', abort, { once: true })
    }),
  every: (milliseconds, callback) => {
    const timer = setInterval(callback, milliseconds)
    timer.unref()
    return { stop: () => clearInterval(timer) }
  },
}

export interface VirtualClock extends Clock {
  /** Moves time forward, waking what is due in order of its time; settles microtasks between. */
  advance(milliseconds: number): Promise<void>
}

/** Time that moves only when told to. */
export function virtualClock(start = 0): VirtualClock {
  let time = start
  let serial = 0
  const waiting = new Map<number, { due: number; wake: () => void }>()
  const at = (due: number, wake: () => void): number => {
    waiting.set(++serial, { due, wake })
    return serial
  }
  return {
    now: () => time,
    elapsed: () => time,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const id = at(time + milliseconds, resolve)
        signal?.addEventListener('abort', () => waiting.delete(id) && reject(signal.reason), { once: true })
      }),
    every: (milliseconds, callback) => {
      let stopped = false
      const again = () =>
        at(time + milliseconds, () => {
          if (stopped) return
          callback()
          again()
        })
      again()
      return {
        stop: () => {
          stopped = true
        },
      }
    },
    async advance(milliseconds) {
      const end = time + milliseconds
      for (;;) {
        await settle()
        let first: { id: number; due: number } | undefined
        for (const [id, { due }] of waiting) if (due <= end && (!first || due < first.due)) first = { id, due }
        if (!first) break
        time = first.due
        const entry = waiting.get(first.id)
        waiting.delete(first.id)
        entry?.wake()
      }
      time = end
      await settle()
    },
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
