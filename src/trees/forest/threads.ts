/**
 * Grows the trees of a plan on several threads over shared memory, this one among them. Threads stay for the next forest: starting one
 * takes as long as growing some trees. They do not keep the process alive.
 */
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import type { Tree } from '../tree.ts'
import { growerOf } from './growAll.ts'
import type { GrowPlan } from './plan.ts'

export interface Job {
  readonly plan: GrowPlan
  /** The next tree to grow, taken by adding to it. */
  readonly next: Int32Array
  /** The number after the last tree. */
  readonly last: number
}

export type FromThread = { readonly number: number; readonly tree: Tree } | { readonly done: true }

export interface GrowOptions {
  readonly first: number
  readonly last: number
  readonly threads: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((done: number) => void) | undefined
}

/** Threads without work. */
const idle: Worker[] = []

/** Trees `first` to `last` (exclusive), in their order. Which thread grew a tree leaves no trace in it. */
export async function growTrees(plan: GrowPlan, { first, last, threads, signal, onProgress }: GrowOptions): Promise<Tree[]> {
  const trees: Tree[] = new Array(last - first)
  const next = new Int32Array(new SharedArrayBuffer(4))
  next[0] = first
  let done = 0
  const take = (number: number, tree: Tree) => {
    trees[number - first] = tree
    onProgress?.(++done)
  }
  signal?.throwIfAborted()
  const helpers = Array.from({ length: Math.min(threads, last - first) - 1 }, () => help({ plan, next, last }, take))
  try {
    const grow = growerOf(plan)
    for (let number = Atomics.add(next, 0, 1); number < last; number = Atomics.add(next, 0, 1)) {
      take(number, grow(number))
      // The trees of others come in between, and whoever wants this to stop.
      await setImmediate()
      signal?.throwIfAborted()
    }
    await unlessAborted(Promise.all(helpers.map(({ ended }) => ended)), signal)
    return trees
  } catch (error) {
    Atomics.store(next, 0, last)
    for (const { dismiss } of helpers) dismiss()
    throw error
  }
}

/** Sets a thread to work. Those that end as they should are idle again. */
function help(job: Job, take: (number: number, tree: Tree) => void) {
  const thread = idle.pop() ?? startThread()
  thread.ref()
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  ended.catch(() => undefined)
  let dismissed = false
  const hear = (message: FromThread) => {
    if ('number' in message) return take(message.number, message.tree)
    thread.off('message', hear).off('error', failed).off('exit', gone)
    thread.unref()
    if (!dismissed) idle.push(thread)
    resolve()
  }
  const failed = (error: unknown) => reject(failBecause(error, 'FIT_THREAD', messageOf(error)))
  const gone = (code: number) => reject(fail('FIT_THREAD', `it ended with code ${code}`))
  thread.on('message', hear).on('error', failed).on('exit', gone)
  thread.postMessage(job)
  /** It is in the middle of a tree that nobody wants, or idle already. */
  const dismiss = () => {
    dismissed = true
    forget(thread)
    void thread.terminate()
  }
  return { ended, dismiss }
}

function startThread(): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./thread.${ending}`, import.meta.url))
  // An idle one that dies is not asked again.
  thread.on('error', () => undefined)
  thread.on('exit', () => forget(thread))
  return thread
}

function forget(thread: Worker): void {
  const at = idle.indexOf(thread)
  if (at >= 0) idle.splice(at, 1)
}

async function unlessAborted(all: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal?.reason)
  signal?.addEventListener('abort', abort)
  try {
    await Promise.race([all, promise])
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}
