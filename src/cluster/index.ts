/** The door of clusters: where workers live, and that they stay alive. */
import type { SpecOf } from '../core/registry.ts'
import type { ClusterEngine } from './engine.ts'
import * as engines from './engines/index.ts'

engines satisfies Record<string, (options?: never) => ClusterEngine>
/** JSON form of an engine: `{ kind: 'processes' }`. */
export type EngineSpec = SpecOf<typeof engines>

export { type Cluster, type ClusterOptions, createCluster } from './cluster.ts'
export type { ClusterEngine, WorkerHandle, WorkerHost, WorkerProgram, WorkerSpec } from './engine.ts'
export { inline, processes, type RayOptions, ray, threads } from './engines/index.ts'
export { type CheckedNode, checkRay, type RayCheck } from './engines/ray/check.ts'
export { judge, placesOn, type RayVerdict } from './engines/ray/verdict.ts'
export type { Worker } from './life.ts'
export { freeMemory, type MemoryGate, type MemoryGateOptions, type MemorySource, memoryGate } from './memory.ts'
export { engines }
