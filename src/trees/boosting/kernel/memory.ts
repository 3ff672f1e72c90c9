/**
 * Memories for fits, used again: a thread that waits for its next fit lets go of the last memory only when it tidies up, which it seldom
 * does, so that each fit with a memory of its own would leave it behind.
 */
import { type SharedMemory, webAssembly } from '../../webAssembly.ts'

const spare: SharedMemory[] = []

/** Memories that are kept; fits at the same time each have one. */
const mostSpare = 4
const page = 65_536

/** A memory of at least so many bytes, all of them 0. */
export function borrowMemory(bytes: number): SharedMemory {
  const place = spare.findIndex(({ buffer }) => buffer.byteLength >= bytes && buffer.byteLength <= 4 * bytes + 16 * page)
  const [memory] = place < 0 ? [] : spare.splice(place, 1)
  if (memory) {
    new Uint8Array(memory.buffer).fill(0)
    return memory
  }
  // Some more, so that the next one, of a few more rows, finds room.
  const pages = Math.min(Math.ceil((bytes * 1.125) / page), 32_768)
  return new webAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

/** Nobody may touch it any more. */
export function returnMemory(memory: SharedMemory): void {
  spare.unshift(memory)
  spare.length = Math.min(spare.length, mostSpare)
}
