/** The door of trees as ONNX. */
export { type EnsembleOnnxOptions, ensembleToOnnx } from './export.ts'
export { type ImportOnnxOptions, importOnnx, knowsOnlyLeaves } from './import.ts'
