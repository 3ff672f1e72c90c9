/**
 * The contract of the graph: values, nodes, and the operator, which holds all facts of one operation in one file: how it
 * is called, what shape it gives, its gradient, its ONNX form, its reference in plain TypeScript and samples to test it.
 *
 * A graph is traced by calling operators on values: they are pure, so a graph is nothing but the nodes reachable from
 * its outputs. Your own operator is made with `operator({...})` in your own file; nothing has to be registered.
 */
import { fail } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { DType, Tensor } from '../tensor/index.ts'
import type { Bindings, Dim } from './dim.ts'
import type { Emitter } from './onnx/emitter.ts'

export interface TensorType {
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

/** One output of a node. */
export interface Value extends TensorType {
  readonly node: Node
  readonly index: number
}

/** What operators accept: a value, or a number, which becomes a constant of the other operand's dtype. */
export type Operand = Value | number

/** Attributes are plain data fixed at trace time. */
export type Attr = string | number | boolean | undefined | Tensor | readonly number[] | readonly string[] | readonly Dim[]
export type Attrs = Readonly<Record<string, Attr>>

export interface Node {
  readonly op: Op
  readonly inputs: readonly Value[]
  readonly attrs: Attrs
  readonly outputs: readonly Value[]
  /** Where in the model it was traced: 'encoder.attention', for errors, printing and profiles. */
  readonly scope: string
}

/** A concrete array of the reference runtime: floats are computed in float64, whatever their dtype. */
export interface Dense {
  readonly shape: readonly number[]
  readonly data: Float64Array | Int32Array | Uint8Array
}

/** A small instance of an operator for tests: inputs to draw, and the call. */
export interface Sample {
  readonly inputs: readonly Tensor[]
  /** The call; default: the operator on the inputs, without attributes. */
  readonly build?: (...inputs: Value[]) => Value | readonly Value[]
  /** Inputs (by index) whose gradient is compared with finite differences; default: all floats. */
  readonly differentiate?: readonly number[]
}

/** An operator as the passes, compilers and runtimes see it. */
export interface Op {
  readonly name: string
  readonly infer: (inputs: readonly TensorType[], attrs: Attrs) => readonly TensorType[]
  /** Gradient of each input, given that of each output (undefined: none). Absent: not differentiable. */
  readonly grad?: ((node: Node, grads: readonly (Value | undefined)[]) => readonly (Value | undefined)[]) | undefined
  /** Emits ONNX nodes and returns the names of the outputs. */
  readonly onnx: (emit: Emitter, inputs: readonly string[], node: Node) => readonly string[]
  readonly reference: (inputs: readonly Dense[], node: Node, bindings: Bindings) => readonly Dense[]
  readonly samples: (random: Random) => readonly Sample[]
  /** True when a constant result may be computed ahead of time (not for inputs and large results). */
  readonly foldable: boolean
}

/** A callable operator; `op` is what its nodes refer to. */
export type Operator<P extends readonly unknown[], R extends Value | readonly Value[] = Value> = ((...args: P) => R) & { readonly op: Op }

interface Definition<P extends readonly unknown[], A extends Attrs> {
  readonly name: string
  /** From the arguments a person writes to inputs and attributes. */
  readonly call: (...args: P) => { readonly inputs: readonly Operand[]; readonly attrs: A }
  /** Type of the output, or of the outputs; calls `expect` where something does not fit. */
  readonly infer: (inputs: readonly TensorType[], attrs: A) => TensorType | readonly TensorType[]
  readonly grad?: (node: NodeOf<A>, grads: readonly (Value | undefined)[]) => readonly (Value | undefined)[]
  readonly onnx: (emit: Emitter, inputs: readonly string[], node: NodeOf<A>) => string | readonly string[]
  readonly reference: (inputs: readonly Dense[], node: NodeOf<A>, bindings: Bindings) => Dense | readonly Dense[]
  readonly samples: (random: Random) => readonly Sample[]
  readonly foldable?: boolean
}

export interface NodeOf<A extends Attrs> extends Node {
  readonly attrs: A
}

/** Makes a callable operator out of its facts. */
export function operator<P extends readonly unknown[], A extends Attrs, R extends Value | readonly Value[] = Value>(
  definition: Definition<P, A>,
): Operator<P, R> {
  const list = <T>(item: T | readonly T[]): readonly T[] => (Array.isArray(item) ? item : [item as T])
  const infer = (inputs: readonly TensorType[], attrs: Attrs) => definition.infer(inputs, attrs as A)
  const op: Op = {
    name: definition.name,
    infer: (inputs, attrs) => list(infer(inputs, attrs)),
    grad: definition.grad as Op['grad'],
    onnx: (emit, inputs, node) => list(definition.onnx(emit, inputs, node as NodeOf<A>)),
    reference: (inputs, node, bindings) => list(definition.reference(inputs, node as NodeOf<A>, bindings) as Dense),
    samples: definition.samples,
    foldable: definition.foldable ?? true,
  }
  const call = (...args: P) => {
    const { inputs, attrs } = definition.call(...args)
    const values = applyOp(op, toValues(inputs), attrs)
    return Array.isArray(infer(toValues(inputs), attrs)) ? values : (values[0] as Value)
  }
  return Object.assign(call, { op }) as unknown as Operator<P, R>
}

/** A new node of an operator. The inputs' types are checked by the operator's `infer`. */
export function applyOp(op: Op, inputs: readonly Value[], attrs: Attrs, scope = currentScope()): readonly Value[] {
  const types = op.infer(inputs, attrs)
  const outputs: Value[] = []
  const node: Node = { op, inputs, attrs, outputs, scope }
  types.forEach(({ dtype, shape }, index) => void outputs.push({ node, index, dtype, shape }))
  return outputs
}

/** Set by the constant operator's file, so that numbers can be operands without an import cycle. */
let numberToConstant: ((value: number, dtype: DType) => Value) | undefined
export function registerConstant(make: (value: number, dtype: DType) => Value): void {
  numberToConstant = make
}

function toValues(operands: readonly Operand[]): Value[] {
  const first = operands.find((operand) => typeof operand !== 'number') as Value | undefined
  return operands.map((operand) => {
    if (typeof operand !== 'number') return operand
    if (!numberToConstant) throw fail('INTERNAL', 'the constant operator is not loaded')
    const dtype = first === undefined || first.dtype === 'bool' ? 'float32' : first.dtype
    return numberToConstant(operand, dtype)
  })
}

let scopes: string[] = []

/** Runs a synchronous trace under a name; nodes made inside carry the path of names. */
export function scoped<T>(name: string, trace: () => T): T {
  scopes.push(name)
  try {
    return trace()
  } finally {
    scopes.pop()
  }
}

/** Runs a trace as if it stood at a path: for passes, whose new nodes belong where the old ones did. */
export function inScope<T>(path: string, trace: () => T): T {
  const outer = scopes
  scopes = path === '' ? [] : [path]
  try {
    return trace()
  } finally {
    scopes = outer
  }
}

export function currentScope(): string {
  return scopes.join('.')
}

/** Who complains: "layer 'encoder.query' (matmul)". */
export function place(name: string): string {
  return scopes.length === 0 ? name : `layer '${currentScope()}' (${name})`
}

/** 'float32[batch, 784]'. */
export function typeName({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(', ')}]`
}

/** Refuses inputs that do not fit, naming the layer, what came and what is needed. */
export function expect(condition: boolean, name: string, inputs: readonly TensorType[], need: string): asserts condition {
  if (!condition) throw fail('SHAPE_MISMATCH', place(name), inputs.map(typeName).join(' and '), need)
}
