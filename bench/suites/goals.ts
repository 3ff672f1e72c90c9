/** What the training suite is to reach: how many times faster than each kind of peer. */
import { figure, type Row, type Table } from '../lib/report.ts'

interface Goal {
  readonly workload: string
  readonly pytorch: number
  /** Against the fastest of the JavaScript peers. */
  readonly javascript: number
}

const goals: readonly Goal[] = [
  { workload: 'mlp-128', pytorch: 1.3, javascript: 4 },
  { workload: 'mlp-512', pytorch: 1, javascript: 4 },
  { workload: 'cnn', pytorch: 1, javascript: 4 },
  { workload: 'gru', pytorch: 1, javascript: 2 },
  { workload: 'transformer', pytorch: 1, javascript: 2 },
  { workload: 'epoch', pytorch: 2, javascript: 4 },
]

/** Largest share of a step that may be spent outside ONNX Runtime, in percent. */
export const overheadGoal = 5
export const overheadWorkload = 'mlp-128'

export function goalTable(rows: readonly Row[]): Table {
  const lines: string[][] = []
  for (const goal of goals) {
    const mine = rows.filter(({ workload }) => workload === goal.workload)
    for (const threads of new Set(mine.map((row) => row.threads))) {
      const here = mine.filter((row) => row.threads === threads && row.ratio !== null)
      const torch = here.find(({ peer }) => peer === 'pytorch')
      const best = fastest(here.filter(({ peer }) => peer !== 'pytorch'))
      if (torch) lines.push(line(torch, goal.pytorch))
      if (best) lines.push(line(best, goal.javascript))
    }
  }
  for (const { workload, threads, ours } of rows.filter((row) => row.workload === `${overheadWorkload} overhead`)) {
    lines.push([workload, String(threads), '', `< ${overheadGoal} %`, `${figure(ours)} %`, ours < overheadGoal ? 'yes' : '**no**'])
  }
  return {
    title: 'Goals',
    about: 'How many times faster than the peer, as wanted and as measured; of the JavaScript peers, the fastest one counts.',
    columns: ['workload', 'threads', 'peer', 'wanted', 'measured', 'met'],
    rows: lines,
  }
}

function line({ workload, threads, peer, ratio }: Row, wanted: number): string[] {
  const reached = ratio as number
  return [workload, String(threads), peer, `>= ${figure(wanted)}`, figure(reached), reached >= wanted ? 'yes' : '**no**']
}

function fastest(rows: readonly Row[]): Row | undefined {
  return rows.reduce<Row | undefined>(
    (best, row) => (best === undefined || (row.ratio as number) < (best.ratio as number) ? row : best),
    undefined,
  )
}
