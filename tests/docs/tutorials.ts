/** Does what a tutorial says, in an empty folder, and compares what is printed with what the page shows. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { blocksOf, root } from './markdown.ts'

/** @throws where a command fails that should not, or prints something else */
export function followTutorial(page: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-tutorial-'))
  const ids = new Map<string, string>()
  let followed = 0
  try {
    cpSync(join(root, 'docs/images'), join(folder, 'docs/images'), { recursive: true })
    for (const { language, name, code, line } of blocksOf(page)) {
      const path = name ?? (/^\/\/ (\S+)$/m.exec(code.split('\n')[0] as string) ?? [])[1]
      if (path !== undefined && language !== 'console') {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), code)
      }
      if (language !== 'console') continue
      for (const step of code.split(/^\$ /m).slice(1)) {
        const [command = '', ...shown] = step.split('\n')
        const { printed, status } = runIn(folder, command, ids)
        const where = `${page}:${line}, $ ${command}`
        assert.equal(status !== 0, /^error /m.test(step), `${where} ended with ${status}:\n${printed}`)
        learnIds(shown.join('\n'), printed, ids)
        compare(shown, printed.split('\n'), `${where} printed:\n${printed}`)
        followed++
      }
    }
    assert.ok(followed > 0, `${page} shows no commands`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runIn(folder: string, command: string, ids: ReadonlyMap<string, string>): { printed: string; status: number | null } {
  const known = command.replace(runId, (id) => ids.get(id) ?? id)
  const [program, ...args] = known.split(' ')
  if (program === 'node') return { printed: execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }), status: 0 }
  assert.equal(known.split(' ', 2).join(' '), 'npx tutti', `the tutorial runs '${command}'`)
  // One pipe for both streams keeps their order.
  const { stdout, status } = spawnSync('sh', ['-c', '"$0" "$@" 2>&1', process.execPath, join(root, 'bin/tutti.js'), ...args.slice(1)], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TUTTI_STORE: '.tutti', NODE_TEST_CONTEXT: undefined },
  })
  return { printed: stdout, status }
}

const runId = /\b[a-z]\w*-[0-9a-f]{6}\b/g

/** The page's run ids are not this run's; they are matched in order of first appearance. */
function learnIds(shown: string, printed: string, ids: Map<string, string>): void {
  const [there, here] = [shown, printed].map((text) => [...new Set(text.match(runId))])
  there?.forEach((id, i) => {
    if (!ids.has(id) && here?.[i]) ids.set(id, here[i])
  })
}

/**
 * A line '...' stands for any lines. Numbers differ from machine to machine, and with them the widths of columns and what is drawn;
 * so does the order of lines that follow from them, and of trials, some of which were quicker.
 */
function compare(shown: readonly string[], printed: readonly string[], message: string): void {
  const parts: string[][] = [[]]
  for (const line of shown) line === '...' ? parts.push([]) : parts.at(-1)?.push(plain(line))
  const lines = printed.map(plain)
  let at = 0
  for (const [i, part] of parts.entries()) {
    const wanted = i === parts.length - 1 ? trimmed(part) : part
    if (wanted.length === 0) continue
    const sought = [...wanted].sort().join('\n')
    const found = lines.findIndex((_, start) => {
      const there = lines.slice(start, start + wanted.length)
      return start >= at && there.sort().join('\n') === sought
    })
    assert.ok(found >= 0 && (i > 0 || found === 0), `${message}\nwithout these lines:\n${wanted.join('\n')}`)
    at = found + wanted.length
  }
  if (parts.length === 1) assert.equal(trimmed(lines).length, trimmed(parts[0] as string[]).length, message)
}

function trimmed(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
}

function plain(line: string): string {
  return line
    .replace(runId, 'RUN')
    .replace(/[-+]?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, '0')
    .replace(/\b0 (?:ms|s|min)\b/g, '0 s')
    .replace(/[▁▂▃▄▅▆▇█━╸─│├●┤]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
