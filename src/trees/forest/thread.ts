/** A thread that grows trees: takes the next number that nobody has, until there is none. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Tree } from '../tree.ts'
import { growerOf } from './growAll.ts'
import type { ThreadData } from './threads.ts'

const { plan, next, last } = workerData as ThreadData
const grow = growerOf(plan)
for (let number = Atomics.add(next, 0, 1); number < last; number = Atomics.add(next, 0, 1)) {
  const tree = grow(number)
  parentPort?.postMessage({ number, tree }, buffersOf(tree))
}

/** The tree's arrays go over without a copy. */
function buffersOf(tree: Tree): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const part of Object.values(tree)) if (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer) buffers.add(part.buffer)
  return [...buffers]
}
