/** How fast forests and boosting fit and predict, how good they are, and what a shared grid search saves, against scikit-learn, LightGBM and XGBoost. */
import type { Report, Table } from '../lib/report.ts'
import type { Suite, SuiteOptions } from '../lib/suite.ts'
import { accuracy } from '../trees/accuracy.ts'
import { boost } from '../trees/boost.ts'
import { fit10k, fit100k } from '../trees/fit.ts'
import { growth } from '../trees/growth.ts'
import type { Part } from '../trees/part.ts'
import { predict } from '../trees/predict.ts'
import { startPeer } from '../trees/programs.ts'
import { grid } from '../trees/search.ts'

const parts: Readonly<Record<string, (options: SuiteOptions) => Promise<Part>>> = {
  fit100k,
  fit10k,
  predict,
  boost,
  grid,
  accuracy,
  growth,
}

export const trees: Suite = {
  about: 'forests, boosting and grid search, against scikit-learn, LightGBM and XGBoost',
  async run(options) {
    const unknown = options.only.filter((name) => !Object.hasOwn(parts, name))
    if (unknown.length > 0) throw new Error(`There is no part '${unknown[0]}' of trees; there are ${Object.keys(parts).join(', ')}.`)
    const done: Part[] = []
    for (const [name, measure] of Object.entries(parts)) {
      if (options.only.length > 0 && !options.only.includes(name)) continue
      options.progress(name)
      done.push(await measure(options))
    }
    const goals: Table = {
      title: 'Goals',
      about: `Medians over rounds in which all take turns, quartiles of the ratio in brackets; what stands beside was measured in the same run. ${await versions()}`,
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

async function versions(): Promise<string> {
  const peer = await startPeer(1)
  if ('reason' in peer) return `No peers: ${peer.reason}.`
  await peer.close()
  const known = Object.entries(peer.versions).map(([name, version]) => (version === null ? `no ${name}` : `${name} ${version}`))
  return `${known.join(', ')}.`
}
