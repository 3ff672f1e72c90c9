/**
 * The threads of one fit. The thread that leads does parts of every step itself, and takes all that no other has taken: so it waits
 * only for parts that another one has begun. Where it waits long all the same, since the machine is busy with other things and gives
 * that thread no time, it works alone for a while. Into how many parts a step is cut changes no bit of what comes out.
 */
import { Worker } from 'node:worker_threads'
import { fail } from '../../../core/errors.ts'
import { kernelModule } from './kernel.ts'
import { fixed, type Plan } from './places.ts'
import type { Memory, Module } from './webAssembly.ts'
import { type Job, jobs, perform, steps, type Work, workOn } from './work.ts'

export interface Team {
  readonly work: Work
  /** Does the job in memory, of so many rows; with all threads where it is worth it. Into how many parts it was cut. */
  perform(job: Job, rows: number): number
  close(): Promise<void>
}

/** What a thread is handed. */
export interface Hire {
  readonly memory: Memory
  readonly module: Module
  readonly plan: Plan
}

/** How often a thread looks for something to do before it sleeps: some hundreds of microseconds. */
const idleLooks = 100_000
/** How often the leader looks whether others are done, before it thinks that they have no time: longer where there is more to do. */
const looksOf = (bins: number) => 20_000 + bins / 10
/** Jobs that the leader does alone after it has waited in vain; twice as many each time. */
const [leastAlone, mostAlone] = [16, 4096]
/** A job of fewer rows is not worth telling others of. */
const fewRows = 4096

/** The word `turn` is the number of the step times 128, plus how many of its parts are taken. */
const partsOf = 128

const words = {
  command: fixed.command >> 2,
  turn: fixed.turn >> 2,
  done: fixed.done >> 2,
  failed: fixed.failed >> 2,
  idle: fixed.idle >> 2,
  waiting: fixed.waiting >> 2,
}

export async function teamOf(memory: Memory, plan: Plan): Promise<Team> {
  const work = workOn(memory, plan)
  const { i32 } = work
  const { command, turn, done, failed, idle, waiting } = words
  const parts = plan.threads
  Atomics.store(i32, turn, parts)
  const threads = hire(memory, plan)
  const gone = threads.map((thread) => new Promise<void>((resolve) => thread.once('exit', () => resolve())))
  await Promise.all(
    threads.map((thread) => new Promise<void>((resolve, reject) => thread.once('message', () => resolve()).once('error', reject))),
  )
  let step = 0
  let alone = 0
  let penalty = 0

  function announce(number: number): void {
    i32[command] = number
    step = (step + 1) & 0x7fffff
    Atomics.store(i32, done, 0)
    Atomics.store(i32, turn, step * partsOf)
    if (Atomics.load(i32, idle) > 0) Atomics.notify(i32, turn)
  }

  /** Whether all were done in good time. */
  function together(number: number, looks: number): boolean {
    announce(number)
    for (let part = take(i32, parts); part >= 0; part = take(i32, parts)) {
      perform(work, part, parts)
      Atomics.add(i32, done, 1)
    }
    let looked = 0
    for (; ; looked++) {
      const now = Atomics.load(i32, done)
      if (now === parts) break
      if (looked > looks) asleep(i32, waiting, done, now)
    }
    if (i32[failed] !== 0) throw fail('INTERNAL', `a thread of boosting could not do step ${number}`)
    return looked <= looks
  }

  return {
    work,
    perform(job, rows) {
      if (parts > 1 && rows >= fewRows && alone-- <= 0) {
        let inTime = true
        for (const name of jobs[job]) inTime = together(steps[name], looksOf(rows * plan.bundles)) && inTime
        penalty = inTime ? Math.max(0, penalty - 1) : Math.min(Math.max(leastAlone, 2 * penalty), mostAlone)
        alone = inTime ? 0 : penalty
        return parts
      }
      for (const name of jobs[job]) {
        i32[command] = steps[name]
        perform(work, 0, 1)
      }
      return 1
    },
    async close() {
      // One part for each of the others: the leader takes none.
      if (parts > 1) announce(steps.leave)
      await Promise.all(gone)
    },
  }
}

function hire(memory: Memory, plan: Plan): Worker[] {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const workerData: Hire = { memory, module: kernelModule(), plan }
  return Array.from({ length: plan.threads - 1 }, () => new Worker(new URL(`./thread.${ending}`, import.meta.url), { workerData }))
}

/** Takes a part of the step that is on; -1 where none is left. Whoever has taken one can rely on what is in memory until it is done. */
function take(i32: Int32Array, parts: number): number {
  for (;;) {
    const word = Atomics.load(i32, fixed.turn >> 2)
    const part = word & (partsOf - 1)
    if (part >= parts) return -1
    if (Atomics.compareExchange(i32, fixed.turn >> 2, word, word + 1) === word) return part
  }
}

/** Sleeps while the word is as it was seen, and is counted meanwhile. */
function asleep(i32: Int32Array, counter: number, word: number, seen: number): void {
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
    } else if (i32[command] === steps.leave) return
    else {
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
