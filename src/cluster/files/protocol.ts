/** What a worker asks for and what the driver answers, over a connection of its own. Both sides check what they get. */
import * as v from 'valibot'
import type { Json } from '../../core/json.ts'

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const sum = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const words = v.pipe(v.string(), v.maxLength(10_000))

/** Files of a folder that is shipped: a manifest of so many is some 15 MB. */
export const mostFiles = 100_000
/** Bytes of a file in one message. */
export const chunkSize = 2 ** 20
/** Bytes that are on their way to one worker at most, until it says that it has written them. */
export const windowSize = 8 * chunkSize

const ask = v.variant('ask', [
  /** What is at a path; with sums it takes as long as reading all of it, the first time. */
  v.strictObject({ ask: v.literal('look'), id, path: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)), sums: v.boolean() }),
  /** The content of a file that a manifest named, from a byte on. */
  v.strictObject({ ask: v.literal('get'), id, sha256: sum, from: count }),
  /** So many bytes of content were written, or thrown away: as many more may come. */
  v.strictObject({ ask: v.literal('got'), bytes: count }),
  /** No more of this. */
  v.strictObject({ ask: v.literal('stop'), id }),
])
export type Ask = v.InferOutput<typeof ask>

const entry = v.strictObject({
  /** Relative to the path, with '/' between folders; of a file, its own name. */
  name: v.pipe(v.string(), v.maxLength(4096), v.check(isPlainName, 'a name that leads elsewhere')),
  size: count,
  mtimeMs: v.pipe(v.number(), v.finite()),
  /** Absent where no sums were asked for. */
  sha256: v.optional(sum),
})
export type Entry = v.InferOutput<typeof entry>

const manifest = v.strictObject({
  answer: v.literal('manifest'),
  id,
  folder: v.boolean(),
  files: v.pipe(v.array(entry), v.maxLength(mostFiles)),
  /** Those with nothing in them. */
  folders: v.pipe(v.array(v.pipe(v.string(), v.check(isPlainName, 'a name that leads elsewhere'))), v.maxLength(mostFiles)),
})
export type Manifest = v.InferOutput<typeof manifest>

const answer = v.variant('answer', [
  manifest,
  /** Still at it: sums of much take long. */
  v.strictObject({ answer: v.literal('busy'), id }),
  v.strictObject({ answer: v.literal('missing'), id }),
  /** It is there, but not to be had; `why` goes on from 'it'. */
  v.strictObject({ answer: v.literal('refused'), id, why: words }),
  v.strictObject({ answer: v.literal('chunk'), id, from: count, last: v.boolean() }),
  /** The file is not what its manifest said any more. */
  v.strictObject({ answer: v.literal('changed'), id }),
])
export type Answer = v.InferOutput<typeof answer>

/** Throws a plain Error, with the reason, for what is no request. */
export function readAsk(body: Json): Ask {
  return read(ask, body, 'request for files')
}

/** Throws a plain Error, with the reason, for what is no answer. */
export function readAnswer(body: Json): Answer {
  return read(answer, body, 'answer about files')
}

function read<T>(schema: v.GenericSchema<unknown, T>, body: Json, what: string): T {
  const result = v.safeParse(schema, body, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const where = v.getDotPath(issue)
  throw new Error(`what arrived is no ${what}: ${where === null ? '' : `'${where}': `}${issue.message}`)
}

function isPlainName(name: string): boolean {
  return !name.includes('\0') && !name.includes('\\') && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
