/** What a part of the trees' suite gives, and programs measured in turns. */
import { figure, type Row, type Table } from '../lib/report.ts'
import { median, quantile } from '../lib/statistics.ts'
import type { SuiteOptions } from '../lib/suite.ts'
import { type Program, startOurs, startPeer } from './programs.ts'

export const suite = 'trees'

/** A line of the table of goals. */
export interface Line {
  readonly what: string
  readonly measured: string
  readonly goal: string
  /** Undefined where no goal was set. */
  readonly met: boolean | undefined
  readonly beside: string
}

export interface Part {
  readonly lines: readonly Line[]
  readonly rows?: readonly Row[]
  readonly tables?: readonly Table[]
  readonly notes?: readonly string[]
}

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

/** Each in turn, A B C A B C ..., some rounds of them: seconds by name. Who fails is told of, and has no more turns. */
export async function turns(
  rounds: number,
  contenders: Readonly<Record<string, () => Promise<number>>>,
  notes: string[],
): Promise<Record<string, number[]>> {
  const seconds: Record<string, number[]> = {}
  const out = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      if (out.has(name)) continue
      try {
        const took = await run()
        ;(seconds[name] ??= []).push(took)
      } catch (error) {
        if (name === 'tutti') throw error
        out.add(name)
        notes.push(`${name} was not measured: ${(error as Error).message}`)
      }
    }
  }
  return seconds
}

export interface Versus {
  readonly ours: number
  readonly theirs: number
  readonly ratio: number
  readonly quartiles: readonly [number, number]
}

/** Medians, and how many times faster: the median over the rounds and its quartiles. */
export function versus(ours: readonly number[], theirs: readonly number[]): Versus {
  const ratios = theirs.map((seconds, round) => seconds / (ours[round] ?? median(ours)))
  return { ours: median(ours), theirs: median(theirs), ratio: median(ratios), quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)] }
}

export function rowOf(workload: string, peer: string, threads: number, found: Versus, unit = 's'): Row {
  return { suite, workload, peer, threads, ...found, unit }
}

/** 2.31 (2.28 to 2.35) times */
export function times({ ratio, quartiles: [low, high] }: Versus): string {
  return low === high ? `${figure(ratio)} times` : `${figure(ratio)} (${figure(low)} to ${figure(high)}) times`
}

export function threadsOf({ threads, quick }: SuiteOptions): readonly number[] {
  return threads.length > 0 ? threads : quick ? [1] : [1, 2]
}

export function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`
}

/** '100,000' */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** Where Covertype or Adult is not there. */
export function missing(what: string): Part {
  return { lines: [], notes: [`${what} was not measured: its data are not in the folder of --data-dir or TUTTI_DATA.`] }
}
