/** A thread that grows trees: of each job, takes the next number that nobody has, until there is none. */
import { parentPort } from 'node:worker_threads'
import type { Tree } from '../tree.ts'
import { growerOf } from './growAll.ts'
import type { FromThread, Job } from './threads.ts'

const send = (message: FromThread, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer)

parentPort?.on('message', ({ plan, next, last }: Job) => {
  let grow: ((tree: number) => Tree) | undefined
  for (let number = Atomics.add(next, 0, 1); number < last; number = Atomics.add(next, 0, 1)) {
    grow ??= growerOf(plan)
    const tree = grow(number)
    send({ number, tree }, buffersOf(tree))
  }
  send({ done: true })
})

/** The tree's arrays go over without a copy. */
function buffersOf(tree: Tree): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const part of Object.values(tree)) if (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer) buffers.add(part.buffer)
  return [...buffers]
}
