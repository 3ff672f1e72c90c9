/** Tutti as a measured program: steps as `fit` takes them, on a table in memory, gathered, shuffled and fed like any other. */
import { realClock } from '../../src/core/clock.ts'
import { version } from '../../src/core/version.ts'
import { data, graph, nn } from '../../src/index.ts'
import { hostContext } from '../../src/train/context.ts'
import type { Environment } from '../../src/train/index.ts'
import { serve, timeSteps } from '../lib/serve.ts'
import { integers, reals, sizeOf } from '../lib/values.ts'
import type { Workload } from '../lib/workload.ts'
import { modelOf, optimizerOf, weightsOf } from './models.ts'
import { watch } from './watch.ts'

/** Size of the data set that training believes in: an epoch's end shall be as rare as it is in earnest. */
const setSize = { rows: 15_000, bytes: 50 * 2 ** 20 }
let current: { workload: Workload; threads: number; steps: AsyncIterator<unknown> } | undefined
const watched = watch(process.argv.includes('--null') ? graph.runtimes.null() : graph.runtimes.onnxruntime())

serve({
  async prepare({ workload, threads }) {
    const set = repeated(tableOf(workload), workload)
    const started = performance.now()
    const steps = fitSteps(workload, threads, set, { shuffle: true })
    await steps.next()
    const firstStep = performance.now() - started
    current = { workload, threads, steps }
    return { version: `tutti ${version} on ${await watched.runtime.version()}`, firstStep, compiles: true, compile: watched.compileTime }
  },

  async steps({ count, warm }) {
    const { steps } = currentOne()
    for (let i = 0; i < warm; i++) await steps.next()
    watched.reset()
    const times = await timeSteps(count, 0, async () => {
      await steps.next()
      watched.mark()
    })
    return { times, inside: watched.taken() }
  },

  async losses({ count }) {
    const { workload, threads } = currentOne()
    const steps = fitSteps(workload, threads, tableOf(workload), { shuffle: false, given: true })
    const losses: number[] = []
    for (let i = 0; i < count; i++) losses.push(((await steps.next()).value as { loss: number }).loss)
    await steps.return?.()
    return { losses }
  },

  async epoch({ workload, threads, dir }) {
    const started = performance.now()
    const { train } = await data.mnist({ dir })
    const loading = performance.now() - started
    const model = nn.sequential([nn.flatten(), modelOf(workload)])
    const hosted = hostContext({
      name: 'epoch',
      config: {},
      data: { train },
      model,
      environment: environmentOf(threads),
      followed: undefined,
    })
    const fit = { loss: nn.crossEntropy(), optimizer: optimizerOf(workload), batchSize: workload.batch, epochs: 1 }
    const epoch = await hosted.context.fit(model, train, fit).run()
    const milliseconds = performance.now() - started
    await hosted.close()
    return { milliseconds, loading, loss: epoch?.loss ?? Number.NaN }
  },
})

function currentOne() {
  if (current === undefined) throw new Error('nothing is prepared')
  return current
}

/** Endless training on a table; `given` begins with the workload's weights, which the peers begin with too. */
function fitSteps(workload: Workload, threads: number, train: data.Table, options: { shuffle: boolean; given?: boolean }) {
  const model = modelOf(workload)
  const hosted = hostContext({
    name: workload.name,
    config: {},
    data: { train },
    model,
    environment: environmentOf(threads),
    followed: undefined,
  })
  const { context } = hosted
  async function* steps() {
    if (options.given) {
      await context.evaluate(model, train, ['logLoss'], { batchSize: workload.batch })
      put(weightsOf(workload), hosted.trained()?.variables.params)
    }
    yield* context
      .fit(model, train, {
        loss: nn.crossEntropy(),
        optimizer: optimizerOf(workload),
        batchSize: workload.batch,
        epochs: 1e9,
        shuffle: options.shuffle,
      })
      .steps()
  }
  return steps()[Symbol.asyncIterator]()
}

function put(
  weights: ReadonlyMap<string, Float32Array>,
  into: { layout: { entries: readonly { name: string; offset: number; size: number }[] }; flat: Float32Array } | undefined,
): void {
  if (into === undefined) throw new Error('the model has no variables')
  for (const { name, offset, size } of into.layout.entries) {
    const values = weights.get(name)
    if (values?.length !== size) throw new Error(`the workload has no ${size} numbers for '${name}'`)
    into.flat.set(values, offset)
  }
  if (into.layout.entries.length !== weights.size)
    throw new Error(`the workload has ${weights.size} weights, the model ${into.layout.entries.length}`)
}

/** The workload's batch. */
function tableOf({ batch, x, y }: Workload): data.Table {
  const count = batch * sizeOf(x.shape)
  const values = x.kind === 'reals' ? reals(0, count, 0.5, 0.5) : integers(0, count, x.below)
  return data.table({
    x: { dtype: x.kind === 'reals' ? 'float32' : 'int32', shape: x.shape, data: values },
    y: { dtype: 'int32', shape: y.shape, data: integers(1, batch * sizeOf(y.shape), y.classes) },
  })
}

/** The batch's rows again and again: a large set, but in the processor's cache like the one batch that the peers train on. */
function repeated(table: data.Table, { batch, x }: Workload): data.Table {
  const rows = Math.min(setSize.rows, Math.floor(setSize.bytes / 4 / sizeOf(x.shape)))
  return table.take(Int32Array.from({ length: rows - (rows % batch) }, (_, i) => i % batch))
}

function environmentOf(threads: number): Environment {
  return {
    runtime: watched.runtime,
    threads,
    clock: realClock,
    seed: 7,
    signal: new AbortController().signal,
    checkpoints: { latest: async () => undefined, save: async () => undefined, last: undefined },
    observer: { report: () => undefined, curve: () => undefined, log: () => undefined, progress: () => undefined },
  }
}
