/** A text to learn to go on with. */
import { basename } from 'node:path'
import { fail } from '../../core/errors.ts'
import { checkOptions } from '../../core/registry.ts'
import { type Vocabulary, type VocabularyOptions, vocabulary } from '../vocabulary.ts'
import { type Windows, windows } from '../windows.ts'
import { bytesIn } from './source.ts'

export interface TextOptions extends VocabularyOptions {
  /** Tokens of a window. Default 128. */
  readonly context?: number
  /** Share of the text, its end, that is held out. Default 0.1. */
  readonly test?: number
}

export interface TextSplits {
  readonly text: string
  readonly vocabulary: Vocabulary
  readonly train: Windows
  /** The end of the text; also named `validation`. */
  readonly test: Windows
  readonly validation: Windows
  /** The vocabulary's tokens. */
  readonly classes: readonly string[]
}

/**
 * Reads a UTF-8 text as windows of characters (or words) that predict the next one. The vocabulary is that of the whole
 * text, so that the held-out end has no unknown characters.
 *
 * @throws FILE_MISSING; FILE_FORMAT when it is not UTF-8; NO_ROWS when it is too short.
 * @example `const { train, vocabulary } = await data.text('novel.txt', { context: 64 })`
 */
export async function text(path: string, options: TextOptions = {}): Promise<TextSplits> {
  checkOptions('text', options, ['context', 'test', 'level', 'size', 'minCount', 'special', 'maskDigits'])
  const { context = 128, test = 0.1, level = 'character', ...rest } = options
  if (!(test > 0 && test < 1)) throw fail('BAD_OPTION', 'text', 'test', test, 'a share between 0 and 1')
  const content = await readText(path)
  const words = vocabulary([content], { level, ...rest })
  const tokens = words.encode(content)
  const cut = tokens.length - Math.round(tokens.length * test)
  const name = basename(path)
  const part = (from: Int32Array, label: string) => windows(from, { name: `${name} ${label}`, context, classes: words.tokens })
  const held = part(tokens.subarray(cut), 'test')
  return {
    text: content,
    vocabulary: words,
    train: part(tokens.subarray(0, cut), 'train'),
    test: held,
    validation: held,
    classes: words.tokens,
  }
}

async function readText(path: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let content = ''
  try {
    for await (const bytes of bytesIn(path)) content += decoder.decode(bytes, { stream: true })
    return content + decoder.decode()
  } catch (error) {
    throw error instanceof TypeError ? fail('FILE_FORMAT', path, 'UTF-8 text', 'it has bytes that are no characters') : error
  }
}
