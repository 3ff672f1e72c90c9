/** The door of the data room; the package exports it as `data`: `data.mnist()`, `data.csv(path)`, `data.table({...})`. */
export type { Column, Values } from './column.ts'
export type { Batch, BatchOptions, Dataset, Field, Row, Splits } from './dataset.ts'
export type { Places } from './locate.ts'
export { idx } from './readers/idx.ts'
export * from './sets/index.ts'
export { type DownloadProgress, setDataDir, setProgress } from './settings.ts'
export type { Chance, FoldOptions, SplitOptions } from './split.ts'
export { type PartitionSpec, type Table, type TableOptions, table } from './table.ts'
