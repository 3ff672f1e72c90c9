/** Plain data, as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * JSON text that also keeps NaN, the infinities and -0, which JSON alone turns into null and 0: as `{"$number":"NaN"}`.
 * An object that has a key `$number` of its own gets another `$` before it, so that nobody's data is mistaken for a number.
 *
 * @throws TypeError for what no JSON can hold: a bigint, or an object that contains itself
 */
export function toText(value: unknown): string {
  if (value === undefined) return 'null'
  return (isPlain(value, 0) ? JSON.stringify(value) : JSON.stringify(value, marked)) ?? 'null'
}

/** What `toText` was given. @throws SyntaxError where the text is no JSON */
export function fromText<T extends Json = Json>(text: string): T {
  return text.includes(mark) ? JSON.parse(text, unmarked) : JSON.parse(text)
}

const mark = '$number'
/** Deeper than people nest; JSON itself finds out whether the object contains itself. */
const deep = 64

/** Whether JSON alone keeps it. Looking first is several times faster than a replacer for all. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || value === null) return true
  if (depth > deep || typeof (value as { toJSON?: unknown }).toJSON === 'function') return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false
    return true
  }
  for (const key in value) {
    if (isMarkLike(key) || !isPlain((value as Record<string, unknown>)[key], depth + 1)) return false
  }
  return true
}

function isMarkLike(key: string): boolean {
  return key.startsWith('$') && key.endsWith(mark) && /^\$+number$/.test(key)
}

function marked(_: string, entry: unknown): unknown {
  if (typeof entry === 'number') {
    if (Number.isFinite(entry) && !Object.is(entry, -0)) return entry
    return new Marked(Object.is(entry, -0) ? '-0' : `${entry}`)
  }
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry
  return Object.keys(entry).some(isMarkLike) ? new Escaped(entry) : entry
}

/** A number as JSON can hold it. */
class Marked {
  readonly $number: string
  constructor(text: string) {
    this.$number = text
  }
}

/** The same object with one `$` more before the keys that look like the mark. */
class Escaped {
  constructor(original: object) {
    for (const [key, value] of Object.entries(original)) {
      Object.defineProperty(this, isMarkLike(key) ? `$${key}` : key, { value, enumerable: true })
    }
  }
}

function unmarked(_: string, entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry
  const keys = Object.keys(entry)
  if (!keys.some(isMarkLike)) return entry
  const value = (entry as Record<string, unknown>)[mark]
  if (keys.length === 1 && typeof value === 'string') return Number(value)
  const original = {}
  for (const key of keys) {
    const own = isMarkLike(key) && key !== mark ? key.slice(1) : key
    Object.defineProperty(original, own, {
      value: (entry as Record<string, unknown>)[key],
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return original
}
