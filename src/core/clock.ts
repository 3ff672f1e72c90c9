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
  /** Moves time forward, waking what is due in order of its time; lets everything else settle between. */
  advance(milliseconds: number): Promise<void>
  /** Moves on from one due time to the next until a promise has settled. @throws Error when nothing is due any more */
  until<T>(promise: Promise<T>): Promise<T>
}

export interface VirtualClockOptions {
  /**
   * Real milliseconds, for simulations that count them: what the program computes then takes as long in the virtual time as it
   * took in the real one.
   */
  readonly charge?: () => number
}

/** Time that moves only when told to. What is due at the same time wakes in the order it was asked for. */
export function virtualClock(start = 0, { charge }: VirtualClockOptions = {}): VirtualClock {
  let time = start
  let serial = 0
  const waiting = dueQueue()
  let charged = charge?.() ?? 0

  /** The time as it is now. */
  const present = () => {
    if (charge) {
      const now = charge()
      time += now - charged
      charged = now
    }
    return time
  }
  /** Lets what was woken do all it can do without the time moving on: promises, and whatever takes a turn of the event loop. */
  const settle = async () => {
    for (let turn = 0; turn < mostTurns; turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (!process.getActiveResourcesInfo().includes('Immediate')) break
    }
    present()
  }
  const step = (end: number): boolean => {
    const first = waiting.first()
    if (!first || first.due > end) return false
    waiting.take()
    time = Math.max(time, first.due)
    first.wake()
    return true
  }
  return {
    now: () => Math.floor(present()),
    elapsed: present,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const abort = () => {
          waiting.remove(entry)
          reject(signal?.reason)
        }
        // A signal that many sleep with must not remember those who have woken.
        const wake = () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const entry = waiting.add({ due: present() + milliseconds, serial: serial++, wake })
        signal?.addEventListener('abort', abort, { once: true })
      }),
    every: (milliseconds, callback) => {
      let stopped = false
      let entry: Due
      const again = () => {
        entry = waiting.add({
          due: present() + milliseconds,
          serial: serial++,
          wake: () => {
            if (stopped) return
            callback()
            if (!stopped) again()
          },
        })
      }
      again()
      return {
        stop: () => {
          stopped = true
          waiting.remove(entry)
        },
      }
    },
    async advance(milliseconds) {
      const end = time + milliseconds
      do await settle()
      while (step(end))
      time = Math.max(time, end)
    },
    async until(promise) {
      let settled = false
      const done = () => {
        settled = true
      }
      promise.then(done, done)
      for (;;) {
        await settle()
        if (settled) return promise
        if (!step(Number.POSITIVE_INFINITY)) throw new Error('nothing is due any more, and what was waited for has not come')
      }
    },
  }
}

/** Something that never comes to rest must not stop the time. */
const mostTurns = 1000

interface Due {
  readonly due: number
  readonly serial: number
  readonly wake: () => void
  removed?: boolean
}

/** A binary heap by due time; what is removed stays in it until it comes to the top. */
function dueQueue() {
  const heap: Due[] = []
  const before = (a: Due, b: Due) => a.due < b.due || (a.due === b.due && a.serial < b.serial)
  const swap = (i: number, j: number) => {
    const kept = heap[i] as Due
    heap[i] = heap[j] as Due
    heap[j] = kept
  }
  const take = () => {
    const last = heap.pop() as Due
    if (heap.length === 0) return
    heap[0] = last
    for (let i = 0; ; ) {
      const [left, right] = [2 * i + 1, 2 * i + 2]
      let least = i
      if (left < heap.length && before(heap[left] as Due, heap[least] as Due)) least = left
      if (right < heap.length && before(heap[right] as Due, heap[least] as Due)) least = right
      if (least === i) return
      swap(i, least)
      i = least
    }
  }
  return {
    add(entry: Due): Due {
      heap.push(entry)
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (!before(heap[i] as Due, heap[parent] as Due)) break
        swap(i, parent)
        i = parent
      }
      return entry
    },
    remove(entry: Due): void {
      entry.removed = true
    },
    first(): Due | undefined {
      while (heap[0]?.removed) take()
      return heap[0]
    },
    take,
  }
}
