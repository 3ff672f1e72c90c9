/**
 * The threads of one fit. The thread that leads does parts of every step itself, and takes all that no other has taken: so it waits
 * only for parts that another one has begun. Where it waits long all the same, since the machine is busy with other things and gives
 * that thread no time, it works alone for a while. Into how many parts a step is cut changes no bit of what comes out.
 */
import { Worker } from 'node:worker_threads'
import { fail } from '../../../core/errors.ts'
import type { SharedMemory } from '../../webAssembly.ts'
import { returnMemory } from './memory.ts'
import { kernelModule } from './module.ts'
import type { Plan } from './places.ts'
import { type Assignment, asleep, partsOf, take, words } from './serve.ts'
import { type Job, jobs, perform, steps, type Work, workOn } from './work.ts'

export interface Team {
  readonly work: Work
  /** Does the job in memory, of so many rows; with all threads where it is worth it. Into how many parts it was cut. */
  perform(job: Job, rows: number): number
  /** The threads are free for other fits, and so is the memory, once all have left it. */
  close(): void
}

/** How often the leader looks whether others are done, before it thinks that they have no time: longer where there is more to do. */
const looksOf = (bins: number) => 20_000 + bins / 10
/** How often the leader looks whether all have left; a memory that somebody may still come to is not used again. */
const leavingLooks = 1_000_000
/** Bytes of a memory that is worth keeping; of a larger one nothing is to be left, so its threads end with it. */
const mostKept = 256 * 2 ** 20
/** Jobs that the leader does alone after it has waited in vain; twice as many each time. */
const [leastAlone, mostAlone] = [16, 4096]
/** Bins to count from which a job is so long that waiting is little against it. */
const largeJob = 1_000_000
/** A job of fewer rows is not worth telling others of. */
const fewRows = 1024

/** Threads without a fit. They keep no process alive, and start a fit in no time, where a new one takes a tenth of a second. */
const atLeisure: Worker[] = []

/** Threads for a fit: those at leisure, and new ones, which start while the memory is being filled; nobody waits for them. */
export function hire(threads: number): readonly Worker[] {
  return Array.from({ length: threads - 1 }, () => atLeisure.pop() ?? started())
}

export function dismiss(threads: readonly Worker[]): void {
  atLeisure.push(...threads.filter((thread) => !ended.has(thread)))
}

/** Threads that could not start: they take no part, and the others take theirs. */
const ended = new WeakSet<Worker>()

function started(): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./thread.${ending}`, import.meta.url))
  thread.unref()
  const end = () => {
    ended.add(thread)
    const place = atLeisure.indexOf(thread)
    if (place >= 0) atLeisure.splice(place, 1)
  }
  return thread.on('error', end).on('exit', end)
}

export function teamOf(memory: SharedMemory, plan: Plan, threads: readonly Worker[]): Team {
  const module = kernelModule()
  const work = workOn(memory, plan, module)
  const { i32 } = work
  const { command, turn, done, failed, idle, waiting } = words
  const parts = plan.threads
  Atomics.store(i32, turn, parts)
  const assignment: Assignment = { memory, module, plan }
  for (const thread of threads) thread.postMessage(assignment)
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
      const large = rows * plan.bundles >= largeJob
      if (parts > 1 && rows >= fewRows && (large || alone-- <= 0)) {
        let inTime = true
        for (const name of jobs[job]) inTime = together(steps[name], looksOf(rows * plan.bundles)) && inTime
        if (large) return parts
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
    close() {
      // One part for each of the others, also for those that come late: the leader takes none.
      if (parts > 1) announce(steps.leave)
      if (memory.buffer.byteLength > mostKept) {
        for (const thread of threads) void thread.terminate()
        return
      }
      let looked = 0
      while (Atomics.load(i32, done) < parts - 1 && looked < leavingLooks) looked++
      if (looked < leavingLooks) returnMemory(memory)
      dismiss(threads)
    },
  }
}
