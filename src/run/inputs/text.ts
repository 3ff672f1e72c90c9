import { readFile } from 'node:fs/promises'
import { fail } from '../../core/errors.ts'
import { frame } from '../../data/index.ts'
import { frameInputs } from '../frames.ts'
import { type InputFormat, unsuitable } from '../input.ts'

/** One text a line, for models of text. */
export function text(): InputFormat {
  return {
    endings: ['.txt'],
    async read(path, signature) {
      const content = await readFile(path, 'utf8')
      const [feature, ...others] = signature.encoding?.features ?? []
      if (feature?.kind !== 'text' || others.length > 0) throw unsuitable(path, 'it is text', signature.inputs)
      const lines = content.split(/\r?\n/).filter((line) => line !== '')
      if (lines.length === 0) throw fail('NO_ROWS', path, 'it is empty')
      return frameInputs(path, frame({ [feature.column]: { kind: 'text', data: lines } }, path), signature)
    },
  }
}
