/**
 * The contract of everything that learns in one call: forests, boosting, linear models. An estimator holds parameters and
 * nothing else; fitting it gives a predictor, which never changes.
 */
import type { Json } from '../core/json.ts'
import type { Table } from '../data/index.ts'
import type { Examples, Feature, Task } from './examples.ts'

export type ParamValue = number | string | boolean | null | readonly ParamValue[] | { readonly [key: string]: ParamValue }
export type Params = Readonly<Record<string, ParamValue>>

export interface Estimator<P extends object = Params, R extends Predictor = Predictor> {
  /** 'randomForestClassifier'. */
  readonly name: string
  readonly task: Task
  /** All parameters, defaults included, in scikit-learn's words. */
  getParams(): P
  /** The same kind of estimator with some parameters changed. @throws UNKNOWN_OPTION, BAD_OPTION */
  withParams(changed: Partial<P>): Estimator<P, R>
  /**
   * Learns. The same data, parameters and seed give the same predictor, whatever the number of threads.
   *
   * @throws FIT_EMPTY, FIT_ONE_CLASS, FIT_TARGET
   */
  fit(data: Table | Examples, options?: FitOptions): Promise<R>
  /** How one fit answers many configurations; absent where none does. */
  readonly family?: FamilyRule<P>
}

/** Any of them, whatever its parameters are. */
// biome-ignore lint/suspicious/noExplicitAny: parameters go in and come out, so no narrower type takes them all.
export type AnyEstimator = Estimator<any>

export interface FitOptions {
  /** Of all chance, where the parameter `randomState` is null. Default 0. */
  readonly seed?: number
  /** Threads to use. Default: what the work is worth, at most one a processor. */
  readonly threads?: number
  /** A weight for each row; 0 leaves it out. Default: all 1. */
  readonly sampleWeight?: ArrayLike<number>
  /** An earlier result to go on from (warm start): its trees or rounds are kept, and counted. */
  readonly from?: Predictor
  readonly signal?: AbortSignal
  /** Trees, rounds or steps done, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

/** What was learned. Immutable; all methods are synchronous and need nothing but it. */
export interface Predictor {
  /** The estimator's name. */
  readonly estimator: string
  readonly task: Task
  readonly params: Params
  readonly features: readonly Feature[]
  /** Names of the labels 0..k-1; undefined in regression, and where the target had none. */
  readonly classes: readonly string[] | undefined
  /** Columns of `outputs`: the classes, or 1. */
  readonly width: number
  /** Labels 0..k-1, or values. @throws PREDICT_FEATURES */
  predict(data: Table | Examples): Float64Array
  /**
   * Row-major [rows, width]: the classes' probabilities, or the values. What metrics are made of.
   *
   * @throws PREDICT_FEATURES
   */
  outputs(data: Table | Examples): Float64Array
  /** Accuracy, or R squared. @throws PREDICT_FEATURES, PREDICT_CLASSES */
  score(data: Table | Examples): number
  /** What each feature was worth while learning, adding up to 1 (or all 0). */
  readonly featureImportances?: Float64Array
  /** The whole of it, as ONNX: inputs `x` float32 [batch, features]; output `output` float32 [batch, width] as `outputs` gives it. */
  toOnnx(options?: { readonly metadata?: Readonly<Record<string, string>> }): Uint8Array
  toJson(): Json
}

/** A predictor of labels whose outputs are probabilities. */
export interface Probabilistic {
  /** Row-major [rows, classes]: what `outputs` gives. @throws PREDICT_FEATURES */
  predictProba(data: Table | Examples): Float64Array
}

/**
 * A family: configurations that one fit answers all at once. Its law: a member is identical, number by number, to what
 * fitting with that configuration alone gives.
 */
export interface FamilyRule<P extends object = Params> {
  /** Parameters in which members of one family may differ: ['nEstimators', 'maxDepth', 'ccpAlpha']. All others are equal. */
  readonly axes: readonly (keyof P & string)[]
  /** Fits once for all of these; they differ in `axes` only. */
  fit(data: Table | Examples, members: readonly P[], options?: FitOptions): Promise<Family>
}

export interface Family {
  readonly size: number
  /** The predictor of one member. */
  member(index: number): Predictor
  /** `outputs` of each member, in their order, made together where that is cheaper; each is valid until the next is asked for. */
  outputs(data: Table | Examples): Iterable<Float64Array>
}
