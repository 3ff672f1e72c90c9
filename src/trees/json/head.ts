/** All of an ensemble but its trees, as plain data: what JSON and ONNX files say of it beside them. */
import * as v from 'valibot'
import type { Params } from '../../estimator/index.ts'
import type { Ensemble } from '../ensemble.ts'

export const count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 24))

const param: v.GenericSchema<unknown> = v.lazy(() =>
  v.union([v.number(), v.string(), v.boolean(), v.null(), v.array(param), v.record(v.string(), param)]),
)

export const headEntries = {
  estimator: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  task: v.picklist(['classification', 'regression']),
  params: v.record(v.string(), param),
  features: v.pipe(v.array(v.object({ name: v.string(), categories: v.optional(count) })), v.minLength(1)),
  classes: v.optional(v.array(v.string())),
  width: count,
  base: v.array(v.number()),
  scale: v.pipe(v.number(), v.finite()),
  link: v.picklist(['identity', 'logistic', 'softmax', 'exp']),
  seed: v.optional(v.number()),
} as const

export type Head = v.InferOutput<v.ObjectSchema<typeof headEntries, undefined>>

export function headOf({ estimator, task, params, features, classes, width, base, scale, link, seed }: Ensemble) {
  return {
    estimator,
    task,
    params,
    features,
    ...(classes && { classes }),
    width,
    base: [...base],
    scale,
    link,
    ...(seed !== undefined && { seed }),
  }
}

/** @throws Error that says which part does not fit the others */
export function checkHead(head: Head): Omit<Ensemble, 'trees'> {
  const { estimator, task, params, features, classes, width, base, scale, link, seed } = head
  if (base.length !== width) throw new Error(`there are ${base.length} base values for ${width} sums`)
  if (!base.every(Number.isFinite)) throw new Error('a base value is not finite')
  if (link === 'logistic' && (width !== 1 || task !== 'classification')) throw new Error('two classes have one sum')
  if (task === 'regression' && width !== 1) throw new Error(`there are ${width} sums for one value`)
  if (link === 'softmax' && task === 'regression') throw new Error('values have no classes')
  const columns = link === 'logistic' ? 2 : width
  if (classes && classes.length !== columns) throw new Error(`there are ${classes.length} classes for ${columns} outputs`)
  return {
    estimator,
    task,
    params: params as Params,
    features: features.map(({ name, categories }) => (categories === undefined ? { name } : { name, categories })),
    classes,
    width,
    base: Float64Array.from(base),
    scale,
    link,
    ...(seed !== undefined && { seed }),
  }
}
