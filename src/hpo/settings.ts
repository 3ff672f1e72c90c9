/** What a study was asked for, as plain data: kept in its log each time a driver opens it. */
import type { Spec } from '../core/registry.ts'
import type { Dimensions, Value } from '../space/index.ts'
import type { Objective } from './record.ts'

export interface StudySettings {
  readonly objectives: readonly Objective[]
  readonly space: Dimensions
  /** The config that assignments replace keys of. */
  readonly defaults: Readonly<Record<string, Value>>
  /** Keys of it that were set by hand, as text: `--set`. */
  readonly fixed?: Readonly<Record<string, string>>
  /** For a custom one `{ kind: 'custom', name, module? }`. */
  readonly sampler: Spec
  readonly pruner: Spec
  readonly seed: number
  readonly wanted: { readonly trials?: number | undefined; readonly timeout?: number | undefined }
  /** 0: as many as there was room for. */
  readonly workers: number
  readonly engine: string
  /** How often a trial whose worker died is tried again; default 3. */
  readonly retries?: number
  /** How often a trial that failed by itself is; default 0. */
  readonly retryFailed?: number
  /** How each trial is cross-validated: a number of folds, or a splitter's JSON form. */
  readonly cv?: number | Spec
  /** Of the training file's bytes: tells an edited file from another one. */
  readonly fileHash?: string
}
