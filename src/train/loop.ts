/** The loop behind `fit`: batches, epochs, checkpoints, early stopping, and going on after an interruption. */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Batch, Dataset, Field } from '../data/index.ts'
import { cloneParameters, type Parameters, zeros } from '../tensor/index.ts'
import { type Position, restoreInto, type Snapshot } from './checkpoint.ts'
import type { Environment, Progress } from './environment.ts'
import type { Epoch, FitHost, FitOptions, Step } from './fitOptions.ts'
import { type EarlyStopping, type Followed, followedValue, isBetter } from './stopping.ts'
import { createTrainer, type Trainer } from './trainer.ts'
import { allFinite, checkExamples, type Variables } from './variables.ts'

/** What the loop gives, in the order it happens. */
type Item = { readonly kind: 'epoch'; readonly value: Epoch } | { readonly kind: 'step'; readonly value: Step }

/** Trains to the end, from the run's latest checkpoint if it has one. A fit that the checkpoint lies behind is not done again. */
export async function* trainLoop(host: FitHost, data: Dataset, options: FitOptions): AsyncGenerator<Item> {
  const saved = await host.environment.checkpoints.latest()
  if (saved && (saved.position.fit > host.ordinal || (saved.position.fit === host.ordinal && saved.position.finished))) {
    restoreVariables(saved, host)
    return
  }
  const loop = new Loop(host, data, options)
  host.began()
  try {
    await loop.begin(saved?.position.fit === host.ordinal ? saved : undefined)
    while (!loop.over) {
      yield* loop.batches()
      yield { kind: 'epoch', value: await loop.epoch() }
      // The caller's loop body has run: what it reported belongs to this epoch.
      await loop.endEpoch()
    }
    loop.end()
  } finally {
    host.ended()
    await loop.close()
  }
}

class Loop {
  readonly #host: FitHost
  readonly #data: Dataset
  readonly #options: FitOptions
  readonly #target: Field
  readonly #random: Random
  readonly #following: Followed
  readonly #epochs: number
  readonly #batchSize: number
  readonly #accumulate: number
  readonly #maxUpdates: number
  readonly #progress: Progress
  #trainer: Trainer | undefined
  #at: Position
  #best: Numbers | undefined
  #started = 0
  #savedAt = 0
  #savedPosition: Position | undefined

  constructor(host: FitHost, data: Dataset, options: FitOptions) {
    const { epochs = 1, batchSize = 32, accumulate = 1, maxUpdates = Number.POSITIVE_INFINITY } = options
    const target = data.fields[data.target ?? '']
    if (!target) throw fail('NO_TARGET', data.name)
    this.#host = host
    this.#data = data
    this.#options = options
    this.#target = target
    this.#random = host.random.fork('fit', host.ordinal)
    this.#following = followedBy(host.followed, options.earlyStopping)
    this.#epochs = epochs
    this.#batchSize = batchSize
    this.#accumulate = accumulate
    this.#maxUpdates = maxUpdates
    const conditions = {
      optimizer: options.optimizer.kind,
      batchSize,
      accumulate,
      seed: host.environment.seed,
      examples: data.length ?? -1,
    }
    this.#at = firstPosition(host.ordinal, conditions)
    const batches = data.length === undefined ? undefined : Math.ceil(data.length / batchSize)
    this.#progress = firstProgress(host.ordinal, epochs, batches)
  }

  /** Compiles, checks the examples, and goes to where the snapshot was taken. */
  async begin(saved: Snapshot | undefined): Promise<void> {
    const { environment, variables } = this.#host
    const { loss, optimizer } = this.#options
    environment.observer.progress(this.#progress)
    const { runtime, threads, clock } = environment
    this.#trainer = await createTrainer({
      variables,
      targetName: this.#data.target as string,
      target: this.#target,
      loss,
      optimizer,
      accumulate: this.#accumulate,
      runtime,
      threads,
      random: this.#random,
      clock,
    })
    await checkExamples(this.#data, this.#trainer.classes)
    if (saved) {
      this.#at = resume(saved, this.#host, this.#trainer, this.#at.conditions)
      if (this.#options.earlyStopping) this.#best = bestOf(saved, variables)
    }
    this.#progress.phase = 'train'
    this.#started = this.#savedAt = clock.elapsed()
  }

  get over(): boolean {
    return this.#at.finished || this.#at.epoch >= this.#epochs || this.#at.updates >= this.#maxUpdates
  }

  /** The batches of an epoch that are not done yet. */
  async *batches(): AsyncGenerator<Item> {
    const { environment } = this.#host
    const { optimizer, callbacks, shuffle = true, checkpoint } = this.#options
    const { observer, clock, signal } = environment
    const { batches } = this.#progress
    const total = batches === undefined ? undefined : Math.min(this.#maxUpdates, Math.floor((batches * this.#epochs) / this.#accumulate))
    const thin = Math.max(1, Math.ceil((batches ?? 1000) / 100))
    const patience = (checkpoint?.everySeconds ?? 60) * 1000
    const order = shuffle ? { shuffle: this.#random.fork('shuffle', this.#at.epoch) } : {}
    for await (const batch of this.#data.batches({ batchSize: this.#batchSize, skip: this.#at.batch, ...order })) {
      if (signal.aborted) {
        if (this.#savedPosition !== this.#at) await this.#save(false)
        throw signal.reason
      }
      const learningRate = optimizer.learningRate.at(this.#at.updates, total)
      const loss = await this.#now.step(batch, { index: this.#at.batches, updates: this.#at.updates, learningRate })
      if (!Number.isFinite(loss)) throw fail('LOSS_NOT_FINITE', loss, this.#at.batches, learningRate, lastGood(environment))
      this.#at = advance(this.#at, batch, loss, this.#accumulate)
      this.#tell(batch.size, learningRate)
      const step: Step = { index: this.#at.batches, epoch: this.#at.epoch, loss, learningRate }
      if (step.index % thin === 0) observer.curve(step.index, { loss })
      await callbacks?.onStep?.(step)
      yield { kind: 'step', value: step }
      if (this.#at.updates >= this.#maxUpdates) break
      if (clock.elapsed() - this.#savedAt > patience) await this.#save(false)
    }
    if (this.#at.batch === 0) throw fail('DATA_EMPTY', this.#data.name)
  }

  /** The epoch that is now trained; the variables are as it leaves them. */
  async epoch(): Promise<Epoch> {
    const { epoch: index, updates, examples, lossSum, batches } = this.#at
    const epoch: Epoch = { index, loss: lossSum / examples, updates, examples }
    this.#now.settle()
    this.#host.environment.observer.curve(batches, { epochLoss: epoch.loss })
    await this.#options.callbacks?.onEpoch?.(epoch)
    return epoch
  }

  /** Judges the epoch by what was reported of it, and keeps a checkpoint. */
  async endEpoch(): Promise<void> {
    const { earlyStopping, checkpoint } = this.#options
    const { variables, reported, environment } = this.#host
    const { best, stale, lossSum, examples, epoch } = this.#at
    this.#progress.metrics = reported()
    const value = followedValue(this.#following, { loss: lossSum / examples, ...reported() })
    const better = value !== undefined && isBetter(value, best, this.#following, earlyStopping?.minDelta)
    if (better && earlyStopping) this.#best = { params: cloneParameters(variables.params), states: cloneParameters(variables.states) }
    const judged = better ? { best: value, stale: 0 } : { best, stale: stale + 1 }
    this.#at = { ...this.#at, ...judged, epoch: epoch + 1, batch: 0, lossSum: 0, examples: 0 }
    const stop = earlyStopping !== undefined && judged.stale >= earlyStopping.patience
    if (stop || this.over) {
      if (earlyStopping?.restoreBest !== false && this.#best && !better) goBack(this.#now, this.#best)
      this.#at = { ...this.#at, finished: true }
    }
    if (this.over || better || this.#at.epoch % (checkpoint?.everyEpochs ?? 1) === 0) await this.#save(better)
    if (stop) {
      const { metric } = this.#following
      environment.observer.log('info', `Stopped early: '${metric}' has not become better for ${judged.stale} epochs.`)
    }
  }

  end(): void {
    this.#now.settle()
    this.#progress.phase = 'done'
    this.#host.environment.observer.progress(this.#progress)
  }

  async close(): Promise<void> {
    await this.#trainer?.close()
  }

  get #now(): Trainer {
    if (!this.#trainer) throw fail('INTERNAL', 'the loop was used before it began')
    return this.#trainer
  }

  async #save(best: boolean): Promise<void> {
    const { environment, variables } = this.#host
    this.#now.settle()
    // A step can overflow after its loss was still a number: such numbers must not become a checkpoint.
    if (!allFinite(variables.params.flat)) {
      throw fail('WEIGHTS_NOT_FINITE', this.#at.batches, this.#progress.learningRate, lastGood(environment))
    }
    await environment.checkpoints.save({ position: this.#at, parts: partsOf(this.#host, this.#now, this.#best) }, best)
    this.#savedAt = environment.clock.elapsed()
    this.#savedPosition = this.#at
  }

  #tell(examples: number, learningRate: number): void {
    const { observer, clock } = this.#host.environment
    const progress = this.#progress
    progress.epoch = this.#at.epoch
    progress.batch = this.#at.batch
    progress.updates = this.#at.updates
    progress.loss = this.#at.lossSum / this.#at.examples
    progress.learningRate = learningRate
    progress.examples += examples
    progress.elapsed = clock.elapsed() - this.#started
    observer.progress(progress)
  }
}

function firstPosition(fit: number, conditions: Position['conditions']): Position {
  return { fit, finished: false, epoch: 0, batch: 0, batches: 0, updates: 0, lossSum: 0, examples: 0, best: null, stale: 0, conditions }
}

function firstProgress(fit: number, epochs: number, batches: number | undefined): Progress {
  const none = { epoch: 0, batch: 0, updates: 0, loss: Number.NaN, learningRate: Number.NaN, examples: 0, elapsed: 0, metrics: {} }
  return { phase: 'compile', fit, epochs, batches, ...none }
}

function advance(at: Position, batch: Batch, loss: number, accumulate: number): Position {
  const batches = at.batches + 1
  return {
    ...at,
    batch: at.batch + 1,
    batches,
    updates: at.updates + (batches % accumulate === 0 ? 1 : 0),
    lossSum: at.lossSum + loss * batch.size,
    examples: at.examples + batch.size,
  }
}

function followedBy(objective: Followed | undefined, stopping: EarlyStopping | undefined): Followed {
  const metric = stopping?.metric ?? objective?.metric ?? 'loss'
  const direction = stopping?.direction ?? (metric === objective?.metric ? objective.direction : 'minimize')
  return { metric, direction }
}

/** The numbers of the best epoch, for early stopping to go back to. */
interface Numbers {
  readonly params: Parameters
  readonly states: Parameters
}

function bestOf(saved: Snapshot, variables: Variables): Numbers | undefined {
  if (!saved.parts['best.params']) return undefined
  const numbers = { params: zeros(variables.params.layout), states: zeros(variables.states.layout) }
  restoreInto('best model', saved.parts['best.params'], numbers.params)
  restoreInto("best model's buffers", saved.parts['best.states'], numbers.states)
  return numbers
}

function goBack(trainer: Trainer, best: Numbers): void {
  trainer.memory.params.flat.set(best.params.flat)
  trainer.memory.states.flat.set(best.states.flat)
}

function partsOf(host: FitHost, trainer: Trainer, best: Numbers | undefined): Snapshot['parts'] {
  const parts: Record<string, Parameters> = { slots: trainer.memory.slots, gradients: trainer.memory.gradients }
  if (best) Object.assign(parts, { 'best.params': best.params, 'best.states': best.states })
  for (const [key, { params, states }] of Object.entries(host.siblings())) {
    parts[`${key}.params`] = params
    parts[`${key}.states`] = states
  }
  return parts
}

function restoreVariables(saved: Snapshot, host: FitHost): void {
  for (const [key, { params, states }] of Object.entries(host.siblings())) {
    restoreInto('model', saved.parts[`${key}.params`], params)
    restoreInto("model's buffers", saved.parts[`${key}.states`], states)
  }
}

function resume(saved: Snapshot, host: FitHost, trainer: Trainer, conditions: Position['conditions']): Position {
  const differences = Object.entries(conditions).flatMap(([key, now]) => {
    const before = saved.position.conditions[key]
    return before === now ? [] : [`${key} was ${before} and is now ${now}`]
  })
  if (differences.length > 0) throw fail('RESUME_CHANGED', 'training', differences)
  restoreVariables(saved, host)
  const { params, states, slots, gradients } = trainer.memory
  params.flat.set(host.variables.params.flat)
  states.flat.set(host.variables.states.flat)
  restoreInto("optimizer's state", saved.parts.slots, slots)
  restoreInto('accumulated gradients', saved.parts.gradients, gradients)
  return saved.position
}

function lastGood({ checkpoints }: Environment): string {
  return checkpoints.last === undefined ? 'There is no checkpoint yet.' : `The last good checkpoint is ${checkpoints.last}.`
}
