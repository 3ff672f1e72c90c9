/** Grows the trees of a plan on several threads over shared memory, this one among them. */
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Tree } from '../tree.ts'
import { growerOf } from './growAll.ts'
import type { GrowPlan } from './plan.ts'

export interface ThreadData {
  readonly plan: GrowPlan
  /** The next tree to grow, taken by adding to it. */
  readonly next: Int32Array
  /** The number after the last tree. */
  readonly last: number
}

export interface GrowOptions {
  readonly first: number
  readonly last: number
  readonly threads: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((done: number) => void) | undefined
}

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
  const workers = Array.from({ length: Math.min(threads, last - first) - 1 }, () => startThread({ plan, next, last }, take))
  try {
    const grow = growerOf(plan)
    for (let number = Atomics.add(next, 0, 1); number < last; number = Atomics.add(next, 0, 1)) {
      take(number, grow(number))
      // The trees of others come in between, and whoever wants this to stop.
      await setImmediate()
      signal?.throwIfAborted()
    }
    await Promise.race([Promise.all(workers.map(({ ended }) => ended)), aborted(signal)])
    return trees
  } finally {
    Atomics.store(next, 0, last)
    await Promise.all(workers.map(({ thread }) => thread.terminate()))
  }
}

function startThread(data: ThreadData, take: (number: number, tree: Tree) => void) {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./thread.${ending}`, import.meta.url), { workerData: data })
  const ended = new Promise<void>((resolve, reject) => {
    thread.on('message', ({ number, tree }: { number: number; tree: Tree }) => take(number, tree))
    thread.on('error', reject)
    thread.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread that grew trees ended with code ${code}`))))
  })
  ended.catch(() => undefined)
  return { thread, ended }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
}
