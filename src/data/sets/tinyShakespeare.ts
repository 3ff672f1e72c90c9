import { checkOptions } from '../../core/registry.ts'
import { locate, type Places, type PublicFile, placeOptions } from '../locate.ts'
import { type TextSplits, text } from '../readers/text.ts'

export interface TinyShakespeareOptions extends Places {
  /** Characters of a window. Default 128. */
  readonly context?: number
  /** Share of the text, its end, that is held out. Default 0.1. */
  readonly test?: number
}

/**
 * Tiny Shakespeare: 1,115,394 characters of plays, 65 different ones. x and y: int32 [context], y one character later. The
 * last tenth is held out (`validation`, also named `test`): side by side windows, where training windows begin anywhere.
 *
 * A. Karpathy: The Unreasonable Effectiveness of Recurrent Neural Networks (2015).
 *
 * @throws DOWNLOAD_FAILED
 */
export async function tinyShakespeare(options: TinyShakespeareOptions = {}): Promise<TextSplits> {
  checkOptions('data.tinyShakespeare', options, [...placeOptions, 'context', 'test'])
  const { context = 128, test = 0.1 } = options
  return text(await locate(file, options), { level: 'character', context, test })
}

const file: PublicFile = {
  path: 'shakespeare/input.txt',
  urls: ['https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt'],
  sum: { algorithm: 'sha256', of: 'file', hex: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed' },
}
