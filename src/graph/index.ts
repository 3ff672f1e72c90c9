/** The door of the graph: operators, tracing, differentiation, passes, ONNX, runtimes. */
import type { Runtime } from './runtime.ts'
import * as runtimes from './runtimes/index.ts'

runtimes satisfies Record<string, (options?: never) => Runtime>

export { bindShape, type Dim, factorOf, isStatic, matchShape } from './dim.ts'
export * as ops from './functions.ts'
export { grad } from './grad.ts'
export { type Graph, graphOf, nodesOf, trace } from './graph.ts'
export { type OnnxOptions, toOnnx } from './onnx/compile.ts'
export type { Emitter, OnnxAttr, Target } from './onnx/emitter.ts'
export { encodeModel, type OnnxModel, type OnnxNode } from './onnx/proto.ts'
export {
  applyOp,
  type Dense,
  expect,
  type Node,
  type Op,
  type Operand,
  type Operator,
  operator,
  type Sample,
  scoped,
  type TensorType,
  typeName,
  type Value,
} from './op.ts'
export { constantOf } from './ops/constant.ts'
export { input, inputName, type Role } from './ops/input.ts'
export { optimize } from './optimize.ts'
export { createSession, load as loadOnnxruntime } from './ort/session.ts'
export { fromOrt } from './ort/tensors.ts'
export { print } from './print.ts'
export type { CompileOptions, Executable, Feeds, Runtime } from './runtime.ts'
export { verify } from './verify.ts'
export { runtimes }
