/** What a thread of a fit does besides leading it: it takes parts of steps as they come. */

import type { Module, SharedMemory } from '../../webAssembly.ts'
import { fixed, type Plan } from './places.ts'
import { perform, steps, type Work } from './work.ts'

/** What threads work on. */
export interface Assignment {
  readonly memory: SharedMemory
  readonly module: Module
  readonly plan: Plan
}

/** How often a thread looks for something to do before it sleeps: some hundreds of microseconds. */
const idleLooks = 100_000
/** The word `turn` is the number of the step times 128, plus how many of its parts are taken. */
export const partsOf = 128

/** Places of what threads tell each other, in words. */
export const words = {
  command: fixed.command >> 2,
  turn: fixed.turn >> 2,
  done: fixed.done >> 2,
  failed: fixed.failed >> 2,
  idle: fixed.idle >> 2,
  waiting: fixed.waiting >> 2,
}

/** Takes a part of the step that is on; -1 where none is left. Whoever has taken one can rely on what is in memory until it is done. */
export function take(i32: Int32Array, parts: number): number {
  for (;;) {
    const word = Atomics.load(i32, fixed.turn >> 2)
    const part = word & (partsOf - 1)
    if (part >= parts) return -1
    if (Atomics.compareExchange(i32, fixed.turn >> 2, word, word + 1) === word) return part
  }
}

/** Sleeps while the word is as it was seen, and is counted meanwhile. */
export function asleep(i32: Int32Array, counter: number, word: number, seen: number): void {
  Atomics.add(i32, counter, 1)
  Atomics.wait(i32, word, seen)
  Atomics.sub(i32, counter, 1)
}

/** Does parts of steps until it is told to leave. */
export function serve(work: Work): void {
  const { i32, plan } = work
  const { command, turn, done, failed, idle, waiting } = words
  for (let looked = 0; ; looked++) {
    const seen = Atomics.load(i32, turn)
    const part = take(i32, plan.threads)
    if (part < 0) {
      if (looked < idleLooks) continue
      asleep(i32, idle, turn, seen)
    } else if (i32[command] === steps.leave) {
      // The last that it does with this memory.
      Atomics.add(i32, done, 1)
      return
    } else {
      try {
        perform(work, part, plan.threads)
      } catch {
        i32[failed] = 1
      }
      Atomics.add(i32, done, 1)
      if (Atomics.load(i32, waiting) > 0) Atomics.notify(i32, done)
    }
    looked = 0
  }
}
