/** Ensembles as ONNX models: a tree operator for the sums, and standard ones for what is made of them. */
import { version } from '../../core/version.ts'
import { encodeModel, type OnnxAttr, type OnnxNode } from '../../graph/index.ts'
import { type DType, type Tensor, tensor } from '../../tensor/index.ts'
import type { Ensemble } from '../ensemble.ts'
import type { Tree } from '../tree.ts'
import { treeAttributes } from './attributes.ts'
import { describeEnsemble, ensembleKey } from './described.ts'

export interface EnsembleOnnxOptions {
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * An ONNX model that predicts what the ensemble does: input `x` float32 [batch, features], output `output` float32 [batch, width] (of
 * the link 'logistic', two columns), and of classifiers a second output `label` int64 [batch], the likeliest class.
 *
 * Thresholds, leaves and sums are double precision there as here, so a row reaches the same leaves, and labels are decided before
 * anything is rounded; outputs are rounded to float32 twice at most, which is within 1.2e-7 of their size. Needs ai.onnx.ml 3.
 *
 * @example `await writeAtomic('forest.onnx', ensembleToOnnx(ensemble))`
 */
export function ensembleToOnnx(ensemble: Ensemble, options: EnsembleOnnxOptions = {}): Uint8Array {
  const { features, link, task } = ensemble
  const model = new Nodes()
  const x = model.add('Cast', ['x'], { to: 11 })
  const classifies = task === 'classification'
  const labelled = classifies && link !== 'logistic'
  const { sums, scale } = labelled ? classSums(model, ensemble, x) : targetSums(model, ensemble, x)
  const outputs = linked(model, ensemble, scaled(model, sums, scale))
  if (classifies && !labelled) model.add('ArgMax', [outputs], { axis: 1, keepdims: 0 }, ['label'])
  model.add('Cast', [outputs], { to: 1 }, ['output'])
  return encodeModel({
    graphName: ensemble.estimator,
    producerVersion: version,
    opsets: { '': 20, 'ai.onnx.ml': 3 },
    nodes: model.nodes,
    initializers: model.initializers,
    inputs: { x: { dtype: 'float32', shape: ['batch', features.length] } },
    outputs: {
      output: { dtype: 'float32', shape: ['batch', link === 'logistic' ? 2 : ensemble.width] },
      ...(classifies && { label: { dtype: 'int64' as DType, shape: ['batch'] } }),
    },
    metadata: { [ensembleKey]: describeEnsemble(ensemble), ...options.metadata },
  })
}

/** Sums as float32, and what they are still to be multiplied by. */
interface Sums {
  readonly sums: string
  readonly scale: number
}

/**
 * Shares of classes are added up as they are and scaled afterwards, as here: sums that are equal stay equal. Of two classes the
 * operator has rules of its own, so it is given a third that no leaf speaks for.
 */
function classSums(model: Nodes, ensemble: Ensemble, x: string): Sums {
  const { width } = ensemble
  const columns = Math.max(3, width)
  const { attrs, scale } = sumAttributes(ensemble, 'class', columns)
  const scores = model.name('scores')
  model.add('TreeEnsembleClassifier', [x], { ...attrs, classlabels_int64s: Int32Array.from({ length: columns }, (_, k) => k) }, [
    'label',
    scores,
  ])
  return { sums: columns === width ? scores : model.add('Slice', [scores, model.ints([0]), model.ints([width]), model.ints([1])]), scale }
}

function targetSums(model: Nodes, ensemble: Ensemble, x: string): Sums {
  const { attrs, scale } = sumAttributes(ensemble, 'target', ensemble.width)
  return { sums: model.add('TreeEnsembleRegressor', [x], { ...attrs, n_targets: ensemble.width }), scale }
}

function sumAttributes(
  ensemble: Ensemble,
  prefix: 'class' | 'target',
  columns: number,
): { attrs: Record<string, OnnxAttr>; scale: number } {
  const { base, width, trees } = ensemble
  const based = base.some((value) => value !== 0)
  const inside = based ? ensemble.scale : 1
  const written = { width, trees: trees.length > 0 ? trees : [nothing] }
  return {
    attrs: {
      ...treeAttributes(written, inside, prefix),
      ...(based && { base_values_as_tensor: { tensor: tensor('float64', [columns], Float64Array.from({ length: columns }, baseOf)) } }),
    },
    scale: based ? 1 : ensemble.scale,
  }
  function baseOf(_: unknown, k: number): number {
    // Of the classes that are not there, one that never is the likeliest.
    return k < width ? (base[k] as number) : Number.NEGATIVE_INFINITY
  }
}

/** In double precision; by dividing where that is what the scale means. */
function scaled(model: Nodes, sums: string, scale: number): string {
  const wide = model.add('Cast', [sums], { to: 11 })
  if (scale === 1) return wide
  const count = Math.round(1 / scale)
  return scale === 1 / count ? model.add('Div', [wide, model.double(count)]) : model.add('Mul', [wide, model.double(scale)])
}

function linked(model: Nodes, { link }: Ensemble, sums: string): string {
  switch (link) {
    case 'identity':
      return sums
    case 'exp':
      return model.add('Exp', [sums])
    case 'softmax':
      return model.add('Softmax', [sums], { axis: 1 })
    case 'logistic': {
      const p = model.add('Sigmoid', [sums])
      return model.add('Concat', [model.add('Sub', [model.double(1), p]), p], { axis: 1 })
    }
    default:
      return link satisfies never
  }
}

/** A tree that says nothing, where there is no other. */
const nothing: Tree = {
  nodes: 1,
  width: 1,
  feature: Int32Array.of(-1),
  threshold: Float32Array.of(0),
  right: Int32Array.of(-1),
  missingLeft: Uint8Array.of(0),
  setAt: undefined,
  sets: undefined,
  value: Float64Array.of(0),
  impurity: Float64Array.of(0),
  samples: Int32Array.of(0),
  weight: Float64Array.of(0),
}

/** The nodes of a model, named as they come. */
class Nodes {
  readonly nodes: OnnxNode[] = []
  readonly initializers: Record<string, Tensor> = {}

  add(type: string, inputs: readonly string[], attrs: Readonly<Record<string, OnnxAttr>> = {}, outputs = [this.name(type)]): string {
    const domain = type.startsWith('Tree') ? 'ai.onnx.ml' : ''
    this.nodes.push({ type, domain, name: `${type}_${this.nodes.length}`, inputs, outputs, attrs })
    return outputs[0] as string
  }

  name(type: string): string {
    return `${type}_${this.nodes.length}_out`
  }

  double(value: number): string {
    return this.#constant(tensor('float64', [], [value]))
  }

  ints(values: readonly number[]): string {
    return this.#constant(tensor('int64', [values.length], values))
  }

  #constant(value: Tensor): string {
    const name = `constant_${Object.keys(this.initializers).length}`
    this.initializers[name] = value
    return name
  }
}
