/** What the manager and the hosts on Ray's nodes say, checked before it is believed. */
import * as v from 'valibot'
import type { Json } from '../../../core/json.ts'

const whole = v.pipe(v.number(), v.integer(), v.minValue(0))
const text = v.pipe(v.string(), v.maxLength(2 ** 20))
const amounts = v.record(v.string(), v.number())
const bytes = v.nullable(v.number())

const helloSchema = v.variant('part', [
  v.object({ role: v.literal('ray'), part: v.literal('manager') }),
  v.object({ role: v.literal('ray'), part: v.literal('host'), host: whole, node: text, pid: whole, platform: text }),
])
export type RayHello = v.InferOutput<typeof helloSchema>
export type HostHello = Extract<RayHello, { part: 'host' }>

const fromManagerSchema = v.variant('kind', [
  v.object({ kind: v.literal('gone'), host: whole, reason: text, failed: v.boolean() }),
  v.object({
    kind: v.literal('nodes'),
    nodes: v.array(v.object({ address: text, total: amounts, free: amounts })),
    scales: v.optional(v.boolean(), false),
  }),
])
export type FromManager = v.InferOutput<typeof fromManagerSchema>
export type RayNode = Extract<FromManager, { kind: 'nodes' }>['nodes'][number]

const fromHostSchema = v.variant('kind', [
  v.object({ kind: v.literal('begun'), pid: whole }),
  v.object({ kind: v.literal('alive'), memory: bytes, free: bytes }),
  v.object({ kind: v.literal('output'), text }),
  v.object({ kind: v.literal('ended'), reason: text }),
])
export type FromHost = v.InferOutput<typeof fromHostSchema>

export const readHello = (said: Json): RayHello | undefined => read(helloSchema, said)
export const readFromManager = (said: Json): FromManager | undefined => read(fromManagerSchema, said)
export const readFromHost = (said: Json): FromHost | undefined => read(fromHostSchema, said)

function read<S extends v.GenericSchema>(schema: S, said: Json): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, said)
  return result.success ? result.output : undefined
}
