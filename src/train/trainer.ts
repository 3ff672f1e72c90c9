/**
 * The engine of `fit`: two sets of flat memory (parameters, buffers, optimizer state). Each step reads one and writes the
 * other, so a step allocates nothing and copies nothing, and a step that fails leaves the last good state whole.
 */
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Batch, Field } from '../data/index.ts'
import { bindShape, type Executable, inputName, optimize, type Runtime } from '../graph/index.ts'
import type { Loss } from '../nn/index.ts'
import type { Optimizer } from '../optim/index.ts'
import { layoutOf, type Parameters, type Tensor, tensor, viewsOf, zeros } from '../tensor/index.ts'
import { fillNoise } from './noise.ts'
import { applyStep, gradientStep, names, type StepGraph, trainStep } from './step.ts'
import { BATCH, classesOf, traceOnData, type Variables } from './variables.ts'

export interface TrainerOptions {
  readonly variables: Variables
  readonly targetName: string
  readonly target: Field
  readonly loss: Loss
  readonly optimizer: Optimizer
  /** Batches whose gradients make one step. */
  readonly accumulate: number
  readonly runtime: Runtime
  readonly threads: number
  readonly random: Random
  readonly clock: Clock
}

export interface Trainer {
  /** Trains on one batch; returns its loss. `index` counts batches from 0, `updates` optimizer steps done before. */
  step(batch: Batch, at: { index: number; updates: number; learningRate: number }): Promise<number>
  /** Parameters, buffers and optimizer state as they are now: views that the next step may overwrite. */
  readonly memory: Readonly<Record<'params' | 'states' | 'slots' | 'gradients', Parameters>>
  readonly compileTime: number
  /** Milliseconds inside the runtime so far; the rest of a step is the platform's own. */
  readonly computeTime: number
  /** Classes that labels choose among; undefined where the target is no label. */
  readonly classes: number | undefined
  /** Puts the trained numbers back where the model's variables are. */
  settle(): void
  close(): Promise<void>
}

type Feeds = Record<string, Tensor>
type Bank = Readonly<Record<'params' | 'states' | 'slots' | 'gradients', Parameters>>

export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { variables, target, targetName, loss, optimizer, accumulate, runtime, threads, random, clock } = options
  const traced = traceOnData(variables.model, variables.fields, true)
  const spec = { traced, target, loss, optimizer }
  const fused = accumulate === 1
  const main = fused ? trainStep(spec) : gradientStep(spec, accumulate)
  const update = fused ? undefined : applyStep(spec)
  const mainRun = await runtime.compile(optimize(main.graph), { threads })
  const updateRun = update && (await runtime.compile(optimize(update.graph), { threads }))

  const banks: [Bank, Bank] = [firstBank(variables, main, optimizer, fused), firstBank(variables, main, optimizer, fused)]
  const scalars = { learningRate: tensor('float32', []), step: tensor('float32', []), loss: tensor('float32', []) }
  const wiring = [wire(banks[0], banks[1]), wire(banks[1], banks[0])] as const
  const noise = random.fork('noise')
  const noises = new Map<string, Tensor<'float32'>>()
  let now: 0 | 1 = 0
  let computeTime = 0

  function wire(from: Bank, to: Bank) {
    const reads: Feeds = { ...viewsOf(from.params), ...viewsOf(from.states), ...viewsOf(from.slots), ...viewsOf(from.gradients) }
    const writes: Feeds = { ...viewsOf(to.params), ...viewsOf(to.states), ...viewsOf(to.slots), ...viewsOf(to.gradients) }
    const into: Feeds = Object.fromEntries(Object.entries(writes).map(([name, view]) => [names.next(name), view]))
    const feeds: Feeds = { ...reads, [names.learningRate]: scalars.learningRate, [names.step]: scalars.step }
    return {
      feeds,
      main: pickOutputs(main, { ...into, [names.loss]: scalars.loss }),
      afterMain: carrier(main, from, to),
      update: update && pickOutputs(update, into),
      afterUpdate: update && carrier(update, from, to),
    }
  }

  /** What a graph does not write stays as it is: frozen parameters, and the optimizer's memory while gradients add up. */
  function carrier({ graph }: StepGraph, from: Bank, to: Bank): () => void {
    const pairs = (['params', 'states', 'slots', 'gradients'] as const).flatMap((part) => {
      const sink = viewsOf(to[part])
      return Object.entries(viewsOf(from[part])).flatMap(([name, view]) =>
        graph.outputs[names.next(name)] ? [] : [[view.data, sink[name]!.data] as const],
      )
    })
    return () => {
      for (const [source, sink] of pairs) sink.set(source)
    }
  }

  async function timed(executable: Executable, feeds: Feeds, into: Feeds): Promise<void> {
    const started = clock.elapsed()
    await executable.run(feeds, into)
    computeTime += clock.elapsed() - started
  }

  function drawNoise(size: number, index: number, feeds: Feeds): void {
    for (const { name, distribution, value } of main.noises) {
      const shape = bindShape(value.shape, { [BATCH]: size })
      let buffer = noises.get(`${name}/${size}`)
      if (!buffer) noises.set(`${name}/${size}`, (buffer = tensor('float32', shape)))
      fillNoise(buffer.data, distribution, noise.fork(name, index))
      feeds[inputName(value) as string] = buffer
    }
  }

  return {
    async step(batch, { index, updates, learningRate }) {
      const { feeds, main: into, afterMain } = wiring[now]
      for (const name of Object.keys(variables.fields)) feeds[name] = batch.columns[name] as Tensor
      feeds[names.target] = batch.columns[targetName] as Tensor
      scalars.learningRate.data[0] = learningRate
      scalars.step.data[0] = updates + 1
      drawNoise(batch.size, index, feeds)
      await timed(mainRun, feeds, into)
      afterMain()
      now = other(now)
      if (update && updateRun && (index + 1) % accumulate === 0) {
        const side = wiring[now]
        await timed(updateRun, side.feeds, side.update as Feeds)
        side.afterUpdate?.()
        now = other(now)
        banks[now].gradients.flat.fill(0)
      }
      return scalars.loss.data[0] as number
    },
    get memory() {
      return banks[now]
    },
    get computeTime() {
      return computeTime
    },
    compileTime: mainRun.compileTime + (updateRun?.compileTime ?? 0),
    classes: classesOf(target, traced.output),
    settle() {
      variables.params.flat.set(banks[now].params.flat)
      variables.states.flat.set(banks[now].states.flat)
    },
    async close() {
      await mainRun.release()
      await updateRun?.release()
    },
  }
}

function firstBank(variables: Variables, { trainable }: StepGraph, optimizer: Optimizer, fused: boolean): Bank {
  const first = optimizer.init()
  const slots = zeros(
    layoutOf(Object.keys(first).flatMap((slot) => trainable.map(({ name, shape }) => [names.slot(slot, name), shape] as const))),
  )
  const views = viewsOf(slots)
  for (const [slot, value] of Object.entries(first)) for (const { name } of trainable) views[names.slot(slot, name)]!.data.fill(value)
  return {
    params: { layout: variables.params.layout, flat: variables.params.flat.slice() },
    states: { layout: variables.states.layout, flat: variables.states.flat.slice() },
    slots,
    gradients: zeros(layoutOf(fused ? [] : trainable.map(({ name, shape }) => [names.gradient(name), shape] as const))),
  }
}

function other(side: 0 | 1): 0 | 1 {
  return side === 0 ? 1 : 0
}

function pickOutputs({ graph }: StepGraph, from: Feeds): Feeds {
  return Object.fromEntries(Object.keys(graph.outputs).map((name) => [name, from[name] as Tensor]))
}
