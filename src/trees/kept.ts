/** Predictors out of files: what `toJson` and `toOnnx` wrote, and forests that scikit-learn grew. */
import { ensembleFromJson } from './json.ts'
import { type ImportOnnxOptions, importOnnx } from './onnx/index.ts'
import { predictorOf, type TreePredictor } from './predict/index.ts'

/**
 * The predictor that `toJson` wrote, number by number. Nothing in the JSON is trusted: types, sizes and the laws of trees are checked.
 *
 * @param from what the JSON is called in an error: a file's name.
 * @throws FILE_CORRUPT
 * @example
 * ```ts
 * const tree = await trees.decisionTreeClassifier().fit(table)
 * const again = trees.fromJson(JSON.parse(JSON.stringify(tree.toJson())))
 * ```
 */
export function fromJson(json: unknown, from?: string): TreePredictor {
  return predictorOf(ensembleFromJson(json, from))
}

/**
 * The predictor in an ONNX file of trees: one of ours, or one that skl2onnx made of scikit-learn's trees, forests, extra trees or
 * boosting. Such files know the values of leaves only, so that those trees can predict, but not be pruned or weighed.
 *
 * @throws FILE_CORRUPT, FILE_UNSUPPORTED
 * @example
 * ```ts
 * const forest = trees.fromOnnx(await readFile('forest.onnx'), { file: 'forest.onnx' })
 * ```
 */
export function fromOnnx(bytes: Uint8Array, options?: ImportOnnxOptions): TreePredictor {
  return predictorOf(importOnnx(bytes, options))
}
