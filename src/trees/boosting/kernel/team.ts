/** The threads of one fit. The caller's thread is one of them, so a team of one starts nothing. */
import { Worker } from 'node:worker_threads'
import { kernelModule } from './kernel.ts'
import { fixed, type Plan } from './places.ts'
import type { Memory, Module } from './webAssembly.ts'
import { commands, meet, perform, type Work, workOn } from './work.ts'

export interface Team {
  readonly work: Work
  /** Does the command in memory, on all threads or on this one only. */
  perform(threads: 'all' | 'one'): void
  close(): Promise<void>
}

/** What a thread is handed. */
export interface Hire {
  readonly memory: Memory
  readonly module: Module
  readonly plan: Plan
  readonly thread: number
}

export async function teamOf(memory: Memory, plan: Plan): Promise<Team> {
  const work = workOn(memory, plan)
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const threads = Array.from({ length: plan.threads - 1 }, (_, k) => {
    const workerData: Hire = { memory, module: kernelModule(), plan, thread: k + 1 }
    return new Worker(new URL(`./thread.${ending}`, import.meta.url), { workerData })
  })
  const gone = threads.map((thread) => new Promise<void>((resolve) => thread.once('exit', () => resolve())))
  await Promise.all(
    threads.map(
      (thread) =>
        new Promise<void>((resolve, reject) => {
          thread.once('message', () => resolve())
          thread.once('error', reject)
        }),
    ),
  )
  const all = plan.threads
  return {
    work,
    perform(who) {
      if (who === 'one' || all === 1) return perform(work, 0, 1)
      meet(work, all)
      perform(work, 0, all)
      meet(work, all)
    },
    async close() {
      if (all === 1) return
      work.i32[fixed.command >> 2] = commands.leave
      meet(work, all)
      await Promise.all(gone)
    },
  }
}
