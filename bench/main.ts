/**
 * Benchmarks: `npm run bench -- training [--json FILE] [--write-docs] [--quick] [--only mlp-128,epoch] [--threads 1,2]
 * [--data-dir D]`. Peers are installed by `npm run bench:peers`; those that are not there are left out, and it says so.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Facts, facts } from './lib/facts.ts'
import { asMarkdown, asText, type Report } from './lib/report.ts'
import type { Suite } from './lib/suite.ts'
import * as suites from './suites/index.ts'

const known: Readonly<Record<string, Suite>> = suites
const docs = join(import.meta.dirname, '../docs/reference/benchmarks.md')

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    threads: { type: 'string' },
    'data-dir': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const [name] = positionals
if (values.help || name === undefined || !Object.hasOwn(known, name)) {
  if (name !== undefined && !values.help) process.stderr.write(`There is no suite '${name}'.\n`)
  const list = Object.entries(known).map(([key, { about }]) => `  ${key}  ${about}`)
  process.stdout.write(
    `npm run bench -- SUITE [--json FILE] [--write-docs] [--quick] [--only A,B] [--threads 1,2] [--data-dir D]\n\nSuites:\n${list.join('\n')}\n`,
  )
  process.exitCode = values.help ? 0 : 2
} else {
  const mistake = mistakeIn(name, known[name] as Suite)
  if (mistake === undefined) await measure(name, known[name] as Suite)
  else {
    process.stderr.write(`${mistake}\n`)
    process.exitCode = 2
  }
}

/** Told before anything is measured. */
function mistakeIn(name: string, { parts }: Suite): string | undefined {
  const unknown = parts && listOf(values.only).find((part) => !parts.includes(part))
  if (unknown !== undefined) return `There is no part '${unknown}' of ${name}; there are ${parts?.join(', ')}.`
  const [begin, end] = marksOf(name)
  const text = values['write-docs'] ? readFileSync(docs, 'utf8') : begin + end
  if (text.indexOf(begin) < 0 || text.indexOf(end) < text.indexOf(begin))
    return `docs/reference/benchmarks.md has no marks ${begin} and ${end}.`
  return undefined
}

async function measure(name: string, suite: Suite): Promise<void> {
  const about = facts()
  const started = performance.now()
  if (busy(about)) process.stderr.write(`${busy(about)}\n`)
  const report = await suite.run({
    quick: values.quick,
    threads: listOf(values.threads).map(Number),
    only: listOf(values.only),
    dataDir: values['data-dir'],
    progress: (text) => void process.stderr.write(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${text}\n`),
  })
  const minutes = (performance.now() - started) / 60_000
  const head = [headline(name, about, minutes), ...(busy(about) ? [busy(about)] : [])].join(' ')
  process.stdout.write(`${[head, ...report.tables.map(asText), ...report.notes].join('\n\n')}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report.rows, null, 2)}\n`)
  if (values['write-docs']) writeDocs(name, [head, ...report.tables.map(asMarkdown), notesOf(report)])
}

function headline(name: string, { date, cpu, cores, memory, os, node, commit, load }: Facts, minutes: number): string {
  const how = values.quick ? ', --quick' : ''
  return `Suite ${name}${how}, ${date} UTC, ${minutes.toFixed(1)} minutes. ${cpu}, ${cores} cores, ${memory}, ${os}; Node ${node}; commit ${commit}; load ${load.toFixed(1)} at the start.`
}

/** A warning where other work was going on. */
function busy({ load, cores }: Facts): string | undefined {
  if (load < cores / 4) return undefined
  return `The machine was busy when this began (load ${load.toFixed(1)} on ${cores} cores): figures that need all cores mean little. Measure again when it is idle.`
}

function notesOf({ notes }: Report): string {
  return notes.map((note) => `- ${note}`).join('\n')
}

/** Replaces what stands between the suite's two marks. */
function writeDocs(name: string, parts: readonly string[]): void {
  const [begin, end] = marksOf(name)
  const text = readFileSync(docs, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  writeFileSync(docs, `${text.slice(0, from + begin.length)}\n\n${parts.join('\n\n')}\n\n${text.slice(to)}`)
}

/** Around a suite's tables. A part that was measured alone has a place of its own. */
function marksOf(name: string): readonly [string, string] {
  const place = [name, ...listOf(values.only)].join(':')
  return [`<!-- bench:${place} -->`, `<!-- /bench:${place} -->`]
}

function listOf(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(',').map((item) => item.trim())
}
