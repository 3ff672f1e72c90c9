/** What `fit` is told, what it tells, and what it needs from its context. */
import type { Random } from '../core/random.ts'
import type { Loss } from '../nn/index.ts'
import type { Optimizer } from '../optim/index.ts'
import type { Environment, Metrics } from './environment.ts'
import type { EarlyStopping, Followed } from './stopping.ts'
import type { Variables } from './variables.ts'

export interface FitOptions {
  readonly loss: Loss
  readonly optimizer: Optimizer
  /** Passes over the data; default 1. */
  readonly epochs?: number
  /** Ends after so many optimizer updates, whatever the epochs. */
  readonly maxUpdates?: number
  /** Examples a batch; default 32. */
  readonly batchSize?: number
  /** A new order each epoch, drawn from the seed; default true. */
  readonly shuffle?: boolean
  /** Batches whose gradients are added to one update; default 1. */
  readonly accumulate?: number
  readonly earlyStopping?: EarlyStopping
  readonly callbacks?: Callbacks
  readonly checkpoint?: CheckpointOptions
}

export interface CheckpointOptions {
  /** At the end of every so many epochs; default 1. */
  readonly everyEpochs?: number
  /** And inside an epoch, when the last is so many seconds old; default 60. */
  readonly everySeconds?: number
}

/** For what a loop over epochs cannot see. */
export interface Callbacks {
  onStep?(step: Step): void | Promise<void>
  onEpoch?(epoch: Epoch): void | Promise<void>
}

export interface Step {
  /** Batches done in this fit, this one included. */
  readonly index: number
  readonly epoch: number
  readonly loss: number
  readonly learningRate: number
}

export interface Epoch {
  /** 0 is the first. */
  readonly index: number
  /** Mean loss over the epoch's examples. */
  readonly loss: number
  readonly updates: number
  readonly examples: number
}

/** What a fit needs from the context it runs in. */
export interface FitHost {
  readonly environment: Environment
  readonly random: Random
  readonly ordinal: number
  readonly variables: Variables
  /** Other models of the run, so that a checkpoint holds all that was learnt. */
  readonly siblings: () => Readonly<Record<string, Variables>>
  readonly followed: Followed | undefined
  /** Latest metrics that the training function reported. */
  readonly reported: () => Metrics
  /** While a fit is at work, an interruption waits for its next batch, where it keeps a checkpoint. */
  readonly began: () => void
  readonly ended: () => void
}
