/** What an ONNX file written here says of its ensemble, beside the trees: as JSON in the model's metadata. */
import * as v from 'valibot'
import { fail, messageOf } from '../../core/errors.ts'
import { fromText, toText } from '../../core/json.ts'
import type { Ensemble } from '../ensemble.ts'
import { checkHead, count, headEntries, headOf } from '../json/head.ts'

export const ensembleKey = 'tutti.ensemble'

const schema = v.object({ ...headEntries, treeWidth: count })

/** An ensemble without its trees, and how wide they are. */
export type Described = Omit<Ensemble, 'trees'> & { readonly treeWidth: number }

export function describeEnsemble(ensemble: Ensemble): string {
  return toText({ ...headOf(ensemble), treeWidth: ensemble.trees[0]?.width ?? ensemble.width })
}

/** @throws FILE_CORRUPT */
export function readDescribed(text: string, file: string): Described {
  try {
    const { treeWidth, ...head } = v.parse(schema, fromText(text))
    if (treeWidth !== 1 && treeWidth !== head.width) throw new Error(`its trees are ${treeWidth} wide, and their sum ${head.width}`)
    return { ...checkHead(head), treeWidth }
  } catch (error) {
    throw fail('FILE_CORRUPT', file, `what it says of its ensemble is not valid (${messageOf(error)})`)
  }
}
