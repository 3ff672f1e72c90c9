/** Is a training step as fast as PyTorch's, and how much faster than what else there is in JavaScript? */
import { availableParallelism } from 'node:os'
import { alternate, type Measured, type Pace } from '../lib/alternate.ts'
import type { ProgramSpec } from '../lib/program.ts'
import { installed, jaxJs, pytorch, tfjsCpu, tfjsWasm, tutti, tuttiIdle } from '../lib/programs.ts'
import type { Report, Row } from '../lib/report.ts'
import { median, quantile, spread } from '../lib/statistics.ts'
import type { Suite, SuiteOptions } from '../lib/suite.ts'
import type { Workload } from '../lib/workload.ts'
import { type EpochMeasured, epochs, mnistFolder } from './epoch.ts'
import { overheadWorkload } from './goals.ts'
import { tablesOf } from './trainingTables.ts'
import { cnn, gru, mlp128, mlp512, transformer, withAdam } from './workloads.ts'

const suite = 'training'
const javascript = [jaxJs, tfjsWasm, tfjsCpu]

/** Each with the JavaScript peers it is measured against, the fastest first. */
const workloads: readonly (readonly [Workload, readonly ProgramSpec[]])[] = [
  [mlp128, javascript],
  [mlp512, javascript],
  [cnn, [tfjsWasm, jaxJs, tfjsCpu]],
  [gru, javascript],
  [transformer, javascript],
  [withAdam(mlp128), []],
  [withAdam(transformer), []],
]

const paces: Record<'full' | 'quick', Pace> = {
  full: { rounds: 10, turn: 250, limit: 6000 },
  quick: { rounds: 4, turn: 120, limit: 2000 },
}

/** Losses may differ by rounding only: sums are added in another order. */
const lossTolerance = 1e-4

export const training: Suite = {
  about: 'a training step, and an epoch, against PyTorch, TensorFlow.js and jax-js',
  async run(options) {
    const pace = paces[options.quick ? 'quick' : 'full']
    const notes: string[] = []
    const rows: Row[] = []
    const spreads: number[] = []
    const missing = new Set([pytorch, ...javascript].filter((peer) => installed([peer]).length === 0).map(({ name }) => name))
    if (missing.size > 0) notes.push(`Not installed, so not measured: ${[...missing].join(', ')} (npm run bench:peers).`)

    for (const [workload, peers] of workloads) {
      if (!wanted(options, workload.name)) continue
      for (const threads of threadCounts(options)) {
        options.progress(`${workload.title}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`)
        // JavaScript peers run on one thread in Node, so that is where they are compared.
        const others = threads === 1 ? peers.slice(0, options.quick ? 1 : peers.length) : []
        const idle = workload.name === overheadWorkload ? [tuttiIdle] : []
        const { measured, refused } = await alternate(installed([tutti, pytorch, ...others, ...idle]), workload, threads, pace)
        for (const { name, reason } of refused) notes.push(`${name} cannot do ${workload.name}: ${reason}`)
        const ours = measured.find(({ name }) => name === tutti.name)
        if (ours === undefined) continue
        spreads.push(spread(ours.turns))
        rows.push(...rowsOf(workload, threads, ours, measured))
        notes.push(...lossNotes(workload, threads, ours, measured))
      }
    }
    if (wanted(options, 'epoch')) {
      await wholeJob(options, rows, notes).catch((error: Error) => notes.push(`The epoch could not be measured: ${error.message}`))
    }
    if (spreads.length > 0)
      notes.push(
        `Noise: tutti's own turns lie ${(100 * median(spreads)).toFixed(1)} % from their middle (median over workloads of half the distance between quartiles), at worst ${(100 * Math.max(...spreads)).toFixed(1)} %; a ratio that differs from its goal by less is undecided.`,
      )
    return { rows, tables: tablesOf(rows, [...workloads.map(([workload]) => workload)]), notes } satisfies Report
  },
}

function wanted({ only }: SuiteOptions, name: string): boolean {
  return only.length === 0 || only.includes(name)
}

function threadCounts({ threads, quick }: SuiteOptions): readonly number[] {
  if (threads.length > 0) return threads
  return quick || availableParallelism() < 2 ? [1] : [1, 2]
}

function rowsOf({ name }: Workload, threads: number, ours: Measured, all: readonly Measured[]): Row[] {
  const row = (workload: string, peer: string, mine: number, theirs: number | null, unit: string): Row => ({
    suite,
    workload,
    peer,
    threads,
    ours: mine,
    theirs,
    unit,
    ratio: theirs === null ? null : theirs / mine,
  })
  const step = median(ours.turns)
  const session = ours.inside.session ?? []
  const outside = ours.turns.map((time, i) => time - (session[i] as number))
  const idle = all.find((one) => one.name === tuttiIdle.name)
  const own: Row[] = [
    row(`${name} compile`, 'none', ours.prepared.compile ?? Number.NaN, null, 'ms'),
    row(`${name} session`, 'none', median(session), null, 'ms'),
    row(`${name} native`, 'none', median(ours.inside.native ?? []), null, 'ms'),
    row(`${name} overhead`, 'none', (100 * median(outside)) / step, null, '%'),
  ]
  if (idle) own.push(row(`${name} without computing`, 'none', median(idle.turns), null, 'ms'))
  const peers = all.filter((one) => one !== ours && one !== idle)
  const compared = peers.flatMap((peer) => [
    { ...row(name, peer.name, step, median(peer.turns), 'ms'), ...quartilesOf(ours.turns, peer.turns) },
    row(`${name} first step`, peer.name, ours.prepared.firstStep, peer.prepared.firstStep, 'ms'),
    row(`${name} memory`, peer.name, ours.peak, peer.peak, 'MB'),
  ])
  return peers.length === 0 ? [row(name, 'none', step, null, 'ms'), ...own] : [...compared, ...own]
}

function quartilesOf(ours: readonly number[], theirs: readonly number[]): Pick<Row, 'quartiles'> {
  const ratios = theirs.flatMap((turn, round) => (ours[round] === undefined ? [] : [turn / ours[round]]))
  return ratios.length < 3 ? {} : { quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)] }
}

/** Whether all train the same thing: equal losses from equal weights. */
function lossNotes({ name }: Workload, threads: number, ours: Measured, all: readonly Measured[]): string[] {
  return all.flatMap((peer) => {
    if (peer === ours || peer.name === tuttiIdle.name || peer.losses === undefined || ours.losses === undefined) return []
    const differences = peer.losses.map((loss, i) => Math.abs(loss / (ours.losses?.[i] as number) - 1))
    const worst = Math.max(...differences)
    if (worst < lossTolerance) return []
    return [`LOSSES DIFFER in ${name} at ${threads} threads: tutti ${ours.losses.join(', ')}; ${peer.name} ${peer.losses.join(', ')}.`]
  })
}

async function wholeJob(options: SuiteOptions, rows: Row[], notes: string[]): Promise<void> {
  const folder = await mnistFolder(options.dataDir)
  try {
    for (const threads of threadCounts(options)) {
      options.progress(`one epoch of MNIST, ${threads} ${threads === 1 ? 'thread' : 'threads'}`)
      const others = threads > 1 ? [] : options.quick ? [jaxJs] : [jaxJs, tfjsWasm]
      const measured = await epochs(mlp128, threads, installed([pytorch, ...others]), { dir: folder.dir, rounds: options.quick ? 2 : 5 })
      const [ours, ...peers] = measured as [EpochMeasured, ...EpochMeasured[]]
      const seconds = ({ runs }: EpochMeasured) => median(runs.map(({ milliseconds }) => milliseconds)) / 1000
      const loading = ({ runs }: EpochMeasured) => median(runs.map((run) => run.loading)) / 1000
      const torch = peers.filter(({ name }) => name.startsWith(pytorch.name)).sort((a, b) => seconds(a) - seconds(b))
      for (const peer of [...torch.slice(0, 1), ...peers.filter((one) => !torch.includes(one))]) {
        const name = torch.includes(peer) ? pytorch.name : peer.name
        const common = { suite, peer: name, threads }
        const turns = (one: EpochMeasured) => one.runs.map(({ milliseconds }) => milliseconds)
        const compare = (workload: string, mine: number, theirs: number, unit: string): Row => ({
          ...common,
          workload,
          ours: mine,
          theirs,
          unit,
          ratio: theirs / mine,
        })
        rows.push({ ...compare('epoch', seconds(ours), seconds(peer), 's'), ...quartilesOf(turns(ours), turns(peer)) })
        rows.push(compare('epoch memory', ours.peak, peer.peak, 'MB'))
      }
      if (peers.length === 0)
        rows.push({ suite, workload: 'epoch', peer: 'none', threads, ours: seconds(ours), theirs: null, unit: 's', ratio: null })
      const told = measured.map(
        (one) => `${one.name} ${seconds(one).toFixed(2)} s (reading ${loading(one).toFixed(2)} s, loss ${lastLoss(one)})`,
      )
      notes.push(
        `Epoch at ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${folder.what}; the faster of PyTorch's two ways counts: ${told.join('; ')}.`,
      )
    }
  } finally {
    folder.remove()
  }
}

function lastLoss({ runs }: EpochMeasured): string {
  return (runs.at(-1)?.loss ?? Number.NaN).toFixed(3)
}
