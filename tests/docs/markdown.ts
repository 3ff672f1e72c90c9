/** Reading this project's pages: which there are, their code blocks, and the programs those are part of. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')

export interface Block {
  /** The file, from the root. */
  readonly file: string
  /** The line of the fence, from 1. */
  readonly line: number
  /** What the fence says: 'ts', 'console', ... */
  readonly language: string
  /** What else the fence says: the file that the block is. */
  readonly name?: string
  readonly code: string
}

/** Every page that is part of the project, from the root. */
export function pages(): string[] {
  const within = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file).replaceAll('\\', '/'))
  return [...readdirSync(root), ...within('docs'), ...within('examples')].filter((file) => file.endsWith('.md')).sort()
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The fenced blocks of a text, which may be the comment of a source file. */
export function blocksOf(file: string, text = textOf(file)): Block[] {
  const fences = /^([ \t]*(?:\* )?)```(\w*)[ \t]*(\S*)[^\n]*\n([\s\S]*?)^\1?[ \t]*(?:\* )?```/gm
  return [...text.matchAll(fences)].map(({ index, 2: language = '', 3: name, 4: code = '' }) => ({
    file,
    line: text.slice(0, index).split('\n').length,
    language,
    ...(name && { name }),
    code: file.endsWith('.ts') ? code.replace(/^[ \t]*\* ?/gm, '') : code,
  }))
}
