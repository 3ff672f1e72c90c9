/** Linear models as JSON and back, to the bit: numbers as their shortest decimal, which names each double exactly. */
import * as v from 'valibot'
import { fail, messageOf } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Params } from '../estimator/index.ts'
import type { LinearModel } from './model.ts'

const FORMAT = 'tutti.linear.1'

const number = v.pipe(v.number(), v.finite())
const param = v.union([v.number(), v.string(), v.boolean(), v.null()])
const schema = v.object({
  format: v.literal(FORMAT),
  estimator: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  task: v.picklist(['classification', 'regression']),
  params: v.record(v.string(), param),
  features: v.pipe(v.array(v.string()), v.minLength(1)),
  classes: v.optional(v.array(v.string())),
  width: v.pipe(v.number(), v.integer(), v.minValue(1)),
  link: v.picklist(['identity', 'scores', 'probabilities']),
  coef: v.pipe(v.array(v.array(number)), v.minLength(1)),
  intercept: v.array(number),
})

export function modelToJson({ estimator, task, params, features, classes, width, link, coef, intercept }: LinearModel): Json {
  const size = features.length
  return {
    format: FORMAT,
    estimator,
    task,
    params,
    features: features.map(({ name }) => name),
    ...(classes && { classes }),
    width,
    link,
    coef: Array.from(intercept, (_, k) => [...coef.subarray(k * size, (k + 1) * size)]),
    intercept: [...intercept],
  }
}

/** @throws FILE_CORRUPT where anything is missing or does not fit the rest */
export function modelFromJson(json: unknown, from: string): LinearModel {
  try {
    const { format: _, params, features, classes, coef, intercept, ...head } = v.parse(schema, json)
    const decisions = head.task === 'regression' || head.width === 2 ? 1 : head.width
    if ((head.task === 'regression') !== (head.link === 'identity')) throw new Error(`its link is '${head.link}'`)
    if (head.task === 'regression' ? head.width !== 1 : head.width < 2) throw new Error(`its width is ${head.width}`)
    if (classes && classes.length !== head.width) throw new Error(`there are ${classes.length} classes for ${head.width} outputs`)
    if (coef.length !== decisions || intercept.length !== decisions) throw new Error(`there must be ${decisions} rows of coefficients`)
    if (coef.some(({ length }) => length !== features.length)) throw new Error(`a row of coefficients is not ${features.length} long`)
    return {
      ...head,
      params: params as Params,
      features: features.map((name) => ({ name })),
      classes,
      coef: Float64Array.from(coef.flat()),
      intercept: Float64Array.from(intercept),
    }
  } catch (error) {
    throw fail('FILE_CORRUPT', from, messageOf(error))
  }
}
