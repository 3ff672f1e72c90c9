/** The door of trees as ONNX. */
export { type EnsembleOnnxOptions, ensembleToOnnx } from './export.ts'
