/** What a search with several numbers of workers found, and how long it took. */
import { formatDuration } from '../../core/bytes.ts'
import type { Scaling, ScalingRun } from '../../run/index.ts'
import { printable } from './fit.ts'
import { fitted } from './studies.ts'
import { assignmentText, measuredNames, measuredText } from './studyWords.ts'
import { styleOf, widthOf } from './style.ts'
import { table } from './table.ts'

export interface ScalingLook {
  readonly columns: number
  readonly color: boolean
  readonly program: string
  /** Where the page is, and the store. */
  readonly html: string
  readonly store: string
  /** ' --store DIR' where suggested commands need it. */
  readonly storeFlag: string
  readonly seconds: number
}

export function scalingText(scaling: Scaling, { columns, color, program, html, store, storeFlag, seconds }: ScalingLook): string {
  const style = styleOf(color)
  const { bold, dim, green, yellow } = style
  const { standard, best, metric, trials, cores, engine, runs, same } = scaling
  const keys = Object.keys(best?.assignment ?? {})
  const usual = Object.fromEntries(keys.map((key) => [key, standard.config[key] as string | number | boolean]))
  const told = (metrics: Scaling['standard']['metrics']) => {
    const rest = measuredNames(metrics).filter((name) => name !== metric)
    const others = rest.map((name) => `${printable(name)} ${measuredText(metrics, name)}`).join('  ')
    return [`${printable(metric)} ${bold(measuredText(metrics, metric))}`, dim(others)]
  }
  const found = table([
    [dim('Default'), assignmentText(usual), ...told(standard.metrics)],
    ...(best ? [[dim('Best'), assignmentText(best.assignment), ...told(best.metrics)]] : []),
  ])
  const wide = tableOf(rowsOf(runs), dim)
  const times = widthOf(wide.split('\n')[0] as string) <= columns ? wide : tableOf(longRowsOf(runs), dim)
  const verdict = same
    ? green(`All ${runs.length} runs found the same, to the last bit.`)
    : yellow('The runs did not all find the same: look at their studies.')
  const about = `Seconds of the whole study of ${trials} trials, the start of its workers (${engine}) included, on ${cores} ${cores === 1 ? 'processor' : 'processors'}.`
  const links = table([
    [dim('Stored'), `studies ${[...new Set([standard.study, ...runs.map(({ study }) => study)])].join(', ')} in ${store}`],
    [dim('Page'), html],
    [dim('Look'), `${program} studies show ${best?.study ?? standard.study}${storeFlag}`],
  ])
  return `${green(`Finished in ${formatDuration(seconds * 1000)}.`)}\n\n${fitted(found, columns)}\n${times}${dim(about)}\n${verdict}\n\n${links}`
}

function tableOf([head = [], ...rows]: readonly (readonly string[])[], dim: (text: string) => string): string {
  return table(
    [head.map(dim), ...rows],
    head.map((_, i) => i),
  )
}

/** A row for each run, where there is no room for all of a number of workers beside each other. */
function longRowsOf(runs: readonly ScalingRun[]): string[][] {
  const told = ({ workers, shared, ...run }: ScalingRun) => [String(workers), shared ? 'shared' : 'not shared', ...cellsOf(run)]
  return [['workers', 'work', 'seconds', 'speed-up', 'efficiency'], ...runs.map(told)]
}

function cellsOf({ seconds, speedUp, efficiency }: Pick<ScalingRun, 'seconds' | 'speedUp' | 'efficiency'>): string[] {
  return [seconds.toFixed(2), speedUp.toFixed(2), `${Math.round(100 * efficiency)} %`]
}

/** A head, and a row for each number of workers. */
export function rowsOf(runs: readonly ScalingRun[]): string[][] {
  const at = (workers: number, shared: boolean) => runs.find((run) => run.workers === workers && run.shared === shared)
  const kinds = [true, false].filter((shared) => runs.some((run) => run.shared === shared))
  const counts = [...new Set(runs.map(({ workers }) => workers))]
  const names = (shared: boolean) => [shared ? 'shared s' : 'not shared s', 'speed-up', 'efficiency']
  const head = ['workers', ...kinds.flatMap(names), ...(kinds.length > 1 ? ['sharing is faster'] : [])]
  return [
    head,
    ...counts.map((workers) => {
      const [shared, alone] = [at(workers, true), at(workers, false)]
      const cells = (run: ScalingRun | undefined) => (run ? cellsOf(run) : ['', '', ''])
      const times = shared && alone ? [`${(alone.seconds / shared.seconds).toFixed(1)} times`] : []
      return [String(workers), ...kinds.flatMap((kind) => cells(kind ? shared : alone)), ...times]
    }),
  ]
}
