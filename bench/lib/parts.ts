/** Suites in parts: each part answers some of the goals, `--only` asks for some parts, and one table tells which goals are met. */
import { figure, type Row, type Table } from './report.ts'
import { median, quantile } from './statistics.ts'
import type { Suite, SuiteOptions } from './suite.ts'

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

export interface PartedSuite {
  readonly about: string
  /** Above the table of goals. */
  goals(): string | Promise<string>
  readonly parts: Readonly<Record<string, (options: SuiteOptions) => Promise<Part>>>
  /** Parts that are measured only when they are asked for, because they take long. */
  readonly long?: readonly string[]
}

export function partedSuite({ about, goals, parts, long = [] }: PartedSuite): Suite {
  return {
    about,
    parts: Object.keys(parts),
    async run(options) {
      const done: Part[] = []
      for (const [name, measure] of Object.entries(parts)) {
        if (options.only.length > 0 ? !options.only.includes(name) : long.includes(name)) continue
        options.progress(name)
        done.push(await measure(options))
      }
      const lines = done.flatMap((part) => part.lines)
      const table: Table = {
        title: 'Goals',
        about: await goals(),
        columns: ['what', 'measured', 'goal', 'met', 'beside it'],
        rows: lines.map(({ what, measured, goal, met, beside }) => [
          what,
          measured,
          goal,
          met === undefined ? '-' : met ? 'yes' : '**no**',
          beside,
        ]),
      }
      return {
        rows: done.flatMap(({ rows = [] }) => rows),
        tables: [...(lines.length > 0 ? [table] : []), ...done.flatMap(({ tables = [] }) => tables)],
        notes: done.flatMap(({ notes = [] }) => notes),
      }
    },
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

/** 2.31 (2.28 to 2.35) times */
export function times({ ratio, quartiles: [low, high] }: Versus): string {
  return low === high ? `${figure(ratio)} times` : `${figure(ratio)} (${figure(low)} to ${figure(high)}) times`
}

/** '100,000' */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** Where Covertype or Adult is not there. */
export function missing(what: string): Part {
  return { lines: [], notes: [`${what} was not measured: its data are not in the folder of --data-dir or TUTTI_DATA.`] }
}
