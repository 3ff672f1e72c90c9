/** What studies cost on a Ray cluster of three nodes on this host, beside Ray Tune on the same one. */
import type { Report, Table } from '../lib/report.ts'
import type { Suite, SuiteOptions } from '../lib/suite.ts'
import { bookkeeping } from '../ray/bookkeeping.ts'
import { grid } from '../ray/grid.ts'
import type { Part } from '../ray/part.ts'
import { ready } from '../ray/ready.ts'
import { stop } from '../ray/stop.ts'

const parts: Readonly<Record<string, (options: SuiteOptions) => Promise<Part>>> = { ready, bookkeeping, grid, stop }

export const ray: Suite = {
  about: 'workers, trials and a grid search on a Ray cluster that it starts on this host, against Ray Tune on the same one',
  async run(options) {
    const unknown = options.only.filter((name) => !Object.hasOwn(parts, name))
    if (unknown.length > 0) throw new Error(`There is no part '${unknown[0]}' of ray; there are ${Object.keys(parts).join(', ')}.`)
    const done: Part[] = []
    for (const [name, measure] of Object.entries(parts)) {
      if (options.only.length > 0 && !options.only.includes(name)) continue
      options.progress(name)
      done.push(await measure(options))
    }
    const goals: Table = {
      title: 'Goals',
      about:
        'Medians over rounds; what stands beside was measured in the same run, on the same cluster: nodes with one CPU each, all on this host.',
      columns: ['what', 'measured', 'goal', 'met', 'beside it'],
      rows: done
        .flatMap(({ lines }) => lines)
        .map(({ what, measured, goal, met, beside }) => [what, measured, goal, met === undefined ? '-' : met ? 'yes' : '**no**', beside]),
    }
    return {
      rows: done.flatMap(({ rows = [] }) => rows),
      tables: [...(goals.rows.length > 0 ? [goals] : []), ...done.flatMap(({ tables = [] }) => tables)],
      notes: done.flatMap(({ notes = [] }) => notes),
    } satisfies Report
  },
}
