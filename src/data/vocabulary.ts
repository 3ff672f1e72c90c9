/** Text to numbers and back: characters or words. */
import { fail } from '../core/errors.ts'
import { checkOptions } from '../core/registry.ts'
import type { VocabularySpec } from './encoding.ts'

/** The token of shorter texts' ends, always number 0 of a word vocabulary. */
export const padding = '<pad>'
/** The token of whatever the vocabulary lacks. */
export const unknown = '<unk>'

export interface VocabularyOptions {
  /** 'character': code points as they are. 'word': lower case words, numbers and single marks. Default 'word'. */
  readonly level?: 'character' | 'word'
  /** Most tokens, the special ones included; the rarest are left out. Default: no limit. */
  readonly size?: number
  /** Tokens seen fewer times are left out. Default 1. */
  readonly minCount?: number
  /** Whether there are tokens for padding and for what is unknown. Default: true for words, false for characters. */
  readonly special?: boolean
  /** Reads every digit as '0', so that all numbers of one length are one word. Default false. */
  readonly maskDigits?: boolean
}

export interface Vocabulary {
  readonly size: number
  readonly tokens: readonly string[]
  /** The plain data it can be made from again with `vocabularyOf`. */
  readonly spec: VocabularySpec
  /** The numbers of a text's tokens; with `length`, cut or padded at the end to that many. @throws TOKEN_UNKNOWN */
  encode(text: string, length?: number): Int32Array
  /** The text of numbers; words are joined by spaces, padding is left out. @throws TOKEN_UNKNOWN */
  decode(codes: Iterable<number>): string
}

/**
 * The tokens of some texts. Words: most frequent first (ties by code point), after the special ones; characters: sorted.
 *
 * Law: with level 'character', `decode(encode(text)) === text` for every text of known characters.
 *
 * @example `vocabulary([text], { level: 'character' }).encode('to be')`
 */
export function vocabulary(texts: Iterable<string>, options: VocabularyOptions = {}): Vocabulary {
  checkOptions('vocabulary', options, ['level', 'size', 'minCount', 'special', 'maskDigits'])
  const { level = 'word', size = Number.POSITIVE_INFINITY, minCount = 1, maskDigits = false } = options
  const special = (options.special ?? level === 'word') ? [padding, unknown] : []
  const counts = new Map<string, number>()
  for (const text of texts) for (const token of tokenize(text, level, maskDigits)) counts.set(token, (counts.get(token) ?? 0) + 1)
  const frequent = [...counts]
    .filter(([, count]) => count >= minCount)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, Math.max(0, size - special.length))
    .map(([token]) => token)
  const tokens = [...special, ...(level === 'character' ? frequent.sort() : frequent)]
  return vocabularyOf({ level, tokens, ...(maskDigits ? { maskDigits } : {}) })
}

/** A vocabulary from its plain data. */
export function vocabularyOf(spec: VocabularySpec): Vocabulary {
  const { level, tokens, maskDigits = false } = spec
  const codes = new Map(tokens.map((token, code) => [token, code]))
  const other = codes.get(unknown)
  const pad = codes.get(padding) ?? 0
  const codeOf = (token: string): number => {
    const code = codes.get(token) ?? other
    if (code === undefined) throw fail('TOKEN_UNKNOWN', JSON.stringify(token), tokens.length)
    return code
  }
  return {
    size: tokens.length,
    tokens,
    spec,
    encode(text, length) {
      const found: number[] = []
      for (const token of tokenize(text, level, maskDigits)) {
        if (found.length === length) break
        found.push(codeOf(token))
      }
      if (length === undefined) return Int32Array.from(found)
      const fixed = new Int32Array(length).fill(pad)
      fixed.set(found)
      return fixed
    },
    decode(numbers) {
      const words: string[] = []
      for (const code of numbers) {
        const token = tokens[code]
        if (token === undefined) throw fail('TOKEN_UNKNOWN', `number ${code}`, tokens.length)
        if (token !== padding) words.push(token)
      }
      return words.join(level === 'character' ? '' : ' ')
    },
  }
}

/** Letters, digits and apostrophes hold together; every other visible character is a word of its own. */
const word = /[\p{L}\p{N}\p{M}'’]+|[^\s\p{L}\p{N}]/gu

function tokenize(text: string, level: 'character' | 'word', maskDigits: boolean): Iterable<string> {
  const masked = maskDigits ? text.replace(/\p{Nd}/gu, '0') : text
  return level === 'character' ? masked : (masked.toLowerCase().match(word) ?? [])
}
