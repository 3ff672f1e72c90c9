/** The door of clusters: where workers live, and that they stay alive. */
export type { Cluster, ClusterOptions, Worker } from './cluster.ts'
export type { ClusterEngine, WorkerHandle, WorkerHost, WorkerProgram, WorkerSpec } from './engine.ts'
