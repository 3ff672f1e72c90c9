/** What the parts of the trees' suite share. */
import type { Versus } from '../lib/parts.ts'
import type { Row } from '../lib/report.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { type Program, startOurs, startPeer } from './programs.ts'

export const suite = 'trees'

export interface Pair {
  readonly ours: Program
  readonly peer: Program | { readonly reason: string }
}

/** Fresh processes of both, which `use` gets and which end with it. */
export async function withPrograms<T>(threads: number, use: (pair: Pair) => Promise<T>): Promise<T> {
  const ours = await startOurs()
  const peer = await startPeer(threads)
  try {
    return await use({ ours, peer })
  } finally {
    await ours.close()
    if (!('reason' in peer)) await peer.close()
  }
}

export function rowOf(workload: string, peer: string, threads: number, found: Versus, unit = 's'): Row {
  return { suite, workload, peer, threads, ...found, unit }
}

export function threadsOf({ threads, quick }: SuiteOptions): readonly number[] {
  return threads.length > 0 ? threads : quick ? [1] : [1, 2]
}

export function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`
}
