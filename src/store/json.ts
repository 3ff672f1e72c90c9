/** JSON that also keeps NaN, the infinities and -0, which JSON alone turns into null and 0. */
import type { Json } from './store.ts'

const mark = '$number'

export function toText(value: unknown): string {
  return JSON.stringify(value ?? null, (_, entry) =>
    typeof entry === 'number' && (!Number.isFinite(entry) || Object.is(entry, -0))
      ? { [mark]: Object.is(entry, -0) ? '-0' : `${entry}` }
      : entry,
  )
}

export function fromText<T extends Json = Json>(text: string): T {
  return JSON.parse(text, (_, entry) => (typeof entry?.[mark] === 'string' ? Number(entry[mark]) : entry))
}
