/** The door of optimization: optimizers, schedules of the learning rate, clipping. */
import type { SpecOf } from '../core/registry.ts'
import type { Optimizer } from './optimizer.ts'
import * as optimizers from './optimizers/index.ts'
import type { Schedule } from './schedule.ts'
import * as schedules from './schedules/index.ts'

optimizers satisfies Record<string, (options?: never) => Optimizer>
schedules satisfies Record<string, (options: never) => Schedule>

export { clipGradients, globalNorm } from './clip.ts'
export type { Clip, Optimizer, Update } from './optimizer.ts'
export * from './optimizers/index.ts'
export type { Schedule } from './schedule.ts'
/** An optimizer as plain data: `{ kind: 'adam', learningRate: 1e-3 }`. */
export type OptimizerSpec = SpecOf<typeof optimizers>
export { optimizers, schedules }
