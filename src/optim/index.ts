/** The door of optimization: optimizers, schedules of the learning rate, clipping. */
import type { Optimizer } from './optimizer.ts'
import * as optimizers from './optimizers/index.ts'
import type { Schedule } from './schedule.ts'
import * as schedules from './schedules/index.ts'

optimizers satisfies Record<string, (options?: never) => Optimizer>
schedules satisfies Record<string, (options: never) => Schedule>

export type { Clip, Optimizer, Update } from './optimizer.ts'
export * from './optimizers/index.ts'
export type { Schedule } from './schedule.ts'
export { optimizers, schedules }
