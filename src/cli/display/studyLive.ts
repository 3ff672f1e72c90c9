/** What a study looks like while it goes on: a bar, trials by state, the best so far, and what each worker does. */
import type { SharedProgress, StudyProgress, WorkerProgress } from '../../hpo/index.ts'
import { bar } from './bar.ts'
import { fit, printable } from './fit.ts'
import { formatClock, formatNumber } from './numbers.ts'
import { assignmentText, countsText, doneOf, objectiveText, stageText } from './studyWords.ts'
import { type Style, widthOf } from './style.ts'

export interface LiveOptions {
  readonly columns: number
  /** Lines there is room for. */
  readonly rows: number
  readonly style: Style
}

const widestBar = 32
const narrowestBar = 6
/** As many workers are shown one by one; of more, a few. */
const mostWorkers = 12
const fewWorkers = 8

/** At most `rows` lines, each narrower than the terminal. */
export function studyLines(progress: StudyProgress, { columns, rows, style }: LiveOptions): string[] {
  // The last column makes some terminals wrap, and '^C' needs two.
  const room = columns - 3
  const head = [barLine(progress, room, style), statesLine(progress, style), ...bestLines(progress, style)]
  const workers = progress.shared
    ? sharedLines(progress.shared, rows - head.length, style)
    : workerLines(progress, rows - head.length, style)
  return [...head, ...workers].slice(0, rows).map((line) => fit(line, room))
}

function barLine({ counts, wanted, elapsed, eta, shared }: StudyProgress, room: number, { dim, cyan }: Style): string {
  const done = doneOf(counts)
  const seconds = elapsed / 1000
  const trials = shared
    ? stageText(shared)
    : wanted.trials === undefined
      ? `${done} trials`
      : `${String(done).padStart(String(wanted.trials).length)}/${wanted.trials} trials`
  const time = `${dim('elapsed')} ${formatClock(seconds)}${wanted.timeout === undefined ? '' : dim(` of ${formatClock(wanted.timeout)}`)}`
  // By importance: what does not fit is left out from the end.
  const parts = [trials, ...(eta === undefined ? [] : [`${dim('ETA')} ${formatClock(eta / 1000)}`]), time]
  const part = shared ? shared.unitsDone / Math.max(1, shared.units) : wanted.trials && done / wanted.trials
  const shares = [part, wanted.timeout && seconds / wanted.timeout].filter((share) => share !== undefined)
  const width = (chosen: readonly string[]) => chosen.reduce((sum, part) => sum + widthOf(part) + 2, -2)
  let chosen = parts
  const need = shares.length > 0 ? narrowestBar + 2 : 0
  while (chosen.length > 1 && width(chosen) + need > room) chosen = chosen.slice(0, -1)
  const [first = '', ...rest] = chosen
  const told = [first, ...rest.reverse()].join('  ')
  const free = room - width(chosen) - 2
  if (shares.length === 0 || free < narrowestBar) return told
  const drawn = bar(Math.max(...shares), Math.min(widestBar, free))
  return `${cyan(drawn.done)}${dim(drawn.left)}  ${told}`
}

function statesLine({ counts, waiting }: StudyProgress, style: Style): string {
  const { dim, yellow } = style
  const states = countsText(counts, style) || dim('no trial yet')
  return waiting === undefined ? states : `${states}  ${yellow(`waiting ${printable(waiting)}`)}`
}

function bestLines({ best, objectives }: StudyProgress, style: Style): string[] {
  const { dim, bold } = style
  if (!best) return [dim('no trial has finished yet')]
  const [first] = objectives
  const by = objectives.length > 1 && first ? `best by ${printable(first.metric)}` : 'best'
  const config = assignmentText(best.assignment)
  return [
    `${bold(by)}  ${objectiveText(objectives, best.metrics, style)}  ${dim('trial')} ${best.number}`,
    ...(config === '' ? [] : [`  ${dim(config)}`]),
  ]
}

function workerLines(progress: StudyProgress, rows: number, style: Style): string[] {
  const { dim, yellow, red } = style
  const { workers, objectives, counts, wanted, waiting } = progress
  const { shown, others } = chosenWorkers(workers, Math.max(0, rows - 1))
  const metric = printable(objectives[0]?.metric ?? 'value')
  const head = ['worker', 'trial', 'step', metric, 'time']
  const begun = Object.values(counts).reduce((a, b) => a + b, 0)
  const idle =
    waiting !== undefined
      ? `idle, waiting ${printable(waiting)}`
      : wanted.trials !== undefined && begun >= wanted.trials
        ? 'idle, nothing is left to begin'
        : 'idle'
  const cells = shown.map(({ rank, node, state, trial, step, value, since }) =>
    state !== 'working'
      ? [nameOf(rank, node), { idle: dim(idle), starting: yellow('starting'), lost: red('lost') }[state]]
      : [
          nameOf(rank, node),
          String(trial ?? ''),
          String(step ?? ''),
          value === undefined ? '' : formatNumber(value),
          formatClock(since / 1000),
        ],
  )
  if (rows < 2) return []
  return [...columns(head, cells, style), ...(others.length > 0 ? [dim(`and ${othersText(others)}`)] : [])]
}

/** What each worker measures for many trials at once. */
function sharedLines({ workers }: SharedProgress, rows: number, style: Style): string[] {
  if (rows < 2) return []
  const { dim, yellow } = style
  const shown = workers.slice(0, Math.min(rows - 1, mostWorkers))
  const cells = shown.map(({ rank, node, state, family, fold, members, done = 0, total = 0, since }) =>
    state === 'working'
      ? [
          nameOf(rank, node),
          `${(family ?? 0) + 1}`,
          `${(fold ?? 0) + 1}`,
          String(members),
          total > 0 ? `${Math.floor((100 * done) / total)} %` : '',
          formatClock(since / 1000),
        ]
      : [nameOf(rank, node), { idle: dim('idle'), starting: yellow('starting'), planning: dim('finds out what trials share') }[state]],
  )
  return columns(['worker', 'family', 'fold', 'configs', 'fit', 'time'], cells, style)
}

/** '2', or '2 on 10.0.0.3'. */
function nameOf(rank: number, node: string | undefined): string {
  return node === undefined ? String(rank) : `${rank} on ${printable(node)}`
}

/** A head and rows below it, right-aligned. */
function columns(head: readonly string[], cells: readonly (readonly string[])[], { dim }: Style): string[] {
  // What a worker without a trial does is told across the columns of those that have one.
  const widths = head.map((word, c) =>
    Math.max(widthOf(word), ...cells.filter((row) => row.length > 2).map((row) => widthOf(row[c] as string))),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (row.length === 2 && c === 1 ? cell : ' '.repeat(Math.max(0, (widths[c] as number) - widthOf(cell))) + cell))
      .join('   ')
  return [dim(line(head)), ...cells.map(line)]
}

/** By rank where there is room for all; else the few that have been at a trial for the longest. */
function chosenWorkers(
  workers: readonly WorkerProgress[],
  room: number,
): { shown: readonly WorkerProgress[]; others: readonly WorkerProgress[] } {
  if (workers.length <= Math.min(room, mostWorkers)) return { shown: workers, others: [] }
  const few = Math.max(0, Math.min(fewWorkers, room - 1))
  const busiest = workers.toSorted(
    (a, b) => Number(b.state === 'working') - Number(a.state === 'working') || b.since - a.since || a.rank - b.rank,
  )
  return { shown: busiest.slice(0, few), others: busiest.slice(few) }
}

/** '24 more: 20 working, 3 idle, 1 starting'. */
function othersText(others: readonly WorkerProgress[]): string {
  const states = (['working', 'idle', 'starting', 'lost'] as const)
    .map((state) => ({ state, count: others.filter((worker) => worker.state === state).length }))
    .filter(({ count }) => count > 0)
  return `${others.length} more: ${states.map(({ state, count }) => `${count} ${state}`).join(', ')}`
}
