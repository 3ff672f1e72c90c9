/** The loop behind `fit`: batches, epochs, checkpoints, early stopping, and going on after an interruption. */
import { fail } from '../core/errors.ts'
import type { Batch, Dataset } from '../data/index.ts'
import { cloneParameters, type Parameters, zeros } from '../tensor/index.ts'
import { type Position, restoreInto, type Snapshot } from './checkpoint.ts'
import type { Environment, Progress } from './environment.ts'
import type { Epoch, FitHost, FitOptions, Step } from './fitOptions.ts'
import { type EarlyStopping, type Followed, followedValue, isBetter } from './stopping.ts'
import { createTrainer, type Trainer } from './trainer.ts'
import { checkExamples, type Variables } from './variables.ts'

/** What the loop gives, in the order it happens. */
type Item = { readonly kind: 'epoch'; readonly value: Epoch } | { readonly kind: 'step'; readonly value: Step }

export async function* trainLoop(host: FitHost, data: Dataset, options: FitOptions): AsyncGenerator<Item> {
  const { environment, ordinal, variables } = host
  const { observer, clock } = environment
  const {
    optimizer,
    epochs = 1,
    batchSize = 32,
    shuffle = true,
    accumulate = 1,
    maxUpdates = Number.POSITIVE_INFINITY,
    earlyStopping,
    callbacks,
  } = options
  const saved = await environment.checkpoints.latest()
  if (saved && (saved.position.fit > ordinal || (saved.position.fit === ordinal && saved.position.finished))) {
    restoreVariables(saved, host)
    return
  }
  const batches = data.length === undefined ? undefined : Math.ceil(data.length / batchSize)
  const progress: Progress = {
    phase: 'compile',
    fit: ordinal,
    epoch: 0,
    epochs,
    batch: 0,
    batches,
    updates: 0,
    loss: Number.NaN,
    learningRate: Number.NaN,
    examples: 0,
    elapsed: 0,
    metrics: {},
  }
  observer.progress(progress)
  const random = host.random.fork('fit', ordinal)
  const field = data.fields[data.target as string]
  if (!field) throw fail('NO_TARGET', data.name)
  const { runtime, threads } = environment
  const trainer = await createTrainer({
    variables,
    targetName: data.target as string,
    target: field,
    loss: options.loss,
    optimizer,
    accumulate,
    runtime,
    threads,
    random,
    clock,
  })
  try {
    await checkExamples(data, field.dtype === 'float32' ? undefined : trainer.outputs)
    const conditions = { optimizer: optimizer.kind, batchSize, accumulate, seed: environment.seed, examples: data.length ?? -1 }
    let at: Position =
      saved && saved.position.fit === ordinal ? resume(saved, host, trainer, conditions) : firstPosition(ordinal, conditions)
    const following = followedBy(host.followed, earlyStopping)
    const total = batches === undefined ? undefined : Math.min(maxUpdates, Math.floor((batches * epochs) / accumulate))
    const thin = Math.max(1, Math.ceil((batches ?? 1000) / 100))
    let bestNumbers = earlyStopping && saved?.position.fit === ordinal ? bestOf(saved, variables) : undefined
    let savedAt = clock.elapsed()
    const save = async (best: boolean) => {
      trainer.settle()
      // A step can overflow after its loss was still a number: such numbers must not become a checkpoint.
      if (!variables.params.flat.every(Number.isFinite))
        throw fail('WEIGHTS_NOT_FINITE', at.batches, progress.learningRate, lastGood(environment))
      await environment.checkpoints.save({ position: at, parts: partsOf(host, trainer, bestNumbers) }, best)
      savedAt = clock.elapsed()
    }
    progress.phase = 'train'
    const started = clock.elapsed()

    while (at.epoch < epochs && at.updates < maxUpdates) {
      const order = shuffle ? { shuffle: random.fork('shuffle', at.epoch) } : {}
      for await (const batch of data.batches({ batchSize, skip: at.batch, ...order })) {
        if (environment.signal.aborted) {
          await save(false)
          throw environment.signal.reason
        }
        const learningRate = optimizer.learningRate.at(at.updates, total)
        const loss = await trainer.step(batch, { index: at.batches, updates: at.updates, learningRate })
        if (!Number.isFinite(loss)) throw fail('LOSS_NOT_FINITE', loss, at.batches, learningRate, lastGood(environment))
        at = advance(at, batch, loss, accumulate)
        Object.assign(progress, { epoch: at.epoch, batch: at.batch, updates: at.updates, loss: at.lossSum / at.examples, learningRate })
        progress.examples += batch.size
        progress.elapsed = clock.elapsed() - started
        observer.progress(progress)
        if (at.batches % thin === 0) observer.curve(at.batches, { loss })
        const step: Step = { index: at.batches, epoch: at.epoch, loss, learningRate }
        await callbacks?.onStep?.(step)
        yield { kind: 'step', value: step }
        if (at.updates >= maxUpdates) break
        if (clock.elapsed() - savedAt > (options.checkpoint?.everySeconds ?? 60) * 1000) await save(false)
      }
      if (at.batch === 0) throw fail('DATA_EMPTY', data.name)
      const epoch: Epoch = { index: at.epoch, loss: at.lossSum / at.examples, updates: at.updates, examples: at.examples }
      trainer.settle()
      observer.curve(at.batches, { epochLoss: epoch.loss })
      await callbacks?.onEpoch?.(epoch)
      yield { kind: 'epoch', value: epoch }
      // The caller's loop body has run: what it reported belongs to this epoch.
      const metrics = { loss: epoch.loss, ...host.reported() }
      progress.metrics = host.reported()
      const value = followedValue(following, metrics)
      const better = value !== undefined && isBetter(value, at.best, following, earlyStopping?.minDelta)
      if (better && earlyStopping) bestNumbers = { params: cloneParameters(variables.params), states: cloneParameters(variables.states) }
      at = {
        ...at,
        epoch: at.epoch + 1,
        batch: 0,
        lossSum: 0,
        examples: 0,
        best: better ? (value as number) : at.best,
        stale: better ? 0 : at.stale + 1,
      }
      const stop = earlyStopping !== undefined && at.stale >= earlyStopping.patience
      const over = stop || at.epoch >= epochs || at.updates >= maxUpdates
      if (over) {
        if (earlyStopping && earlyStopping.restoreBest !== false && bestNumbers && !better) goBack(trainer, bestNumbers)
        at = { ...at, finished: true }
      }
      if (over || better || at.epoch % (options.checkpoint?.everyEpochs ?? 1) === 0) await save(better)
      if (stop) observer.log('info', `Stopped early: '${following.metric}' has not become better for ${at.stale} epochs.`)
      if (over) break
    }
    trainer.settle()
    progress.phase = 'done'
    observer.progress(progress)
  } finally {
    await trainer.close()
  }
}

function firstPosition(fit: number, conditions: Position['conditions']): Position {
  return { fit, finished: false, epoch: 0, batch: 0, batches: 0, updates: 0, lossSum: 0, examples: 0, best: null, stale: 0, conditions }
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

function goBack(trainer: Trainer, best: Numbers): void {
  trainer.memory.params.flat.set(best.params.flat)
  trainer.memory.states.flat.set(best.states.flat)
}

function lastGood({ checkpoints }: Environment): string {
  return checkpoints.last === undefined ? 'There is no checkpoint yet.' : `The last good checkpoint is ${checkpoints.last}.`
}
