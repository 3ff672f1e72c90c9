/** A check of a cluster as people read it: a table of nodes, what is to be mended, and the verdict in one line. */

import { type CheckedNode, placesOn, type RayCheck, type RayVerdict } from '../../cluster/index.ts'
import { formatBytes } from '../../core/bytes.ts'
import { styleOf } from './style.ts'
import { table } from './table.ts'

export interface ClusterLook {
  readonly color: boolean
  readonly columns: number
}

/** Another engine than ray: what this machine has. */
export interface Machine {
  readonly engine: string
  readonly cores: number
  readonly memory: number
  readonly free: number | undefined
  readonly node: string
}

export function rayCheckText(check: RayCheck, verdict: RayVerdict, look: ClusterLook): string {
  const { bold, dim, red, yellow, green } = styleOf(look.color)
  const { nodes } = check
  const facts = factsOf(check, verdict, red)
  // What is the same everywhere, and right, is said once.
  const [same, different] = [facts.filter((fact) => isSame(fact, nodes)), facts.filter((fact) => !isSame(fact, nodes))]
  const shared = same.map(({ title, of }) => `${title === 'platform' ? '' : `${title} `}${of(nodes[0] as CheckedNode)}`)
  const columns = [...different, ...amountsOf(check, red)]
  const head = ['node', ...columns.map(({ title }) => title)].map(dim)
  const rows = [...nodes]
    .sort((a, b) => Number(b.head) - Number(a.head) || compare(a.address, b.address))
    .map((node) => [`${node.address}${node.head ? dim(' head') : ''}`, ...columns.map(({ of }) => of(node) ?? dim('-'))])
  const right = columns.flatMap(({ title }, i) => (words.includes(title) ? [] : [i + 1]))
  const told = [
    ...verdict.problems.map(({ text }) => folded(text, red('✗'), look.columns)),
    ...verdict.notes.map(({ text }) => folded(text, yellow('·'), look.columns)),
  ]
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`
  const parts = [
    [
      `${bold(`Ray ${check.version}`)} at ${check.address}, ${count}`,
      dim(nodes.length > 1 && shared.length > 0 ? `all with ${shared.join(', ')}` : shared.join(', ')),
    ]
      .filter((line) => line !== '')
      .map((line) => `${line}\n`)
      .join(''),
    table([head, ...rows], right),
    told.join(''),
    `${verdict.ok ? green('✓') : red('✗')} ${bold(verdictLine(check, verdict))}\n`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

export function machineText({ engine, cores, memory, free, node }: Machine, { color }: ClusterLook): string {
  const { dim, green, bold } = styleOf(color)
  const rows = [
    ['processors', String(cores)],
    ['memory', `${formatBytes(memory)}${free === undefined ? '' : `, ${formatBytes(free)} free`}`],
    ['Node', node],
  ]
  return `${table(rows.map(([name, text]) => [dim(name as string), text as string]))}\n${green('✓')} ${bold(
    `The engine ${engine} runs on this machine: there is nothing to check.`,
  )}\n`
}

/** 'Ready: 3 workers of 1 CPU have room, all of them now.' */
function verdictLine({ need }: RayCheck, { ok, problems, fits: { total, free } }: RayVerdict): string {
  if (!ok) return problems.length === 1 ? 'Not ready: one thing is to be mended.' : `Not ready: ${problems.length} things are to be mended.`
  if (Object.values(need).every((amount) => amount === 0)) return 'Ready. Workers take nothing of their nodes, so any number has room.'
  const now = free >= total ? (total === 1 ? 'now' : 'all of them now') : `${free} of them now`
  return `Ready: ${total} ${total === 1 ? 'worker has' : 'workers have'} room, ${now}.`
}

interface Fact {
  readonly title: string
  /** Undefined where it is not known. */
  of(node: CheckedNode): string | undefined
  /** Whether it is as it should be. */
  fine(node: CheckedNode): boolean
}

/** Columns of words, which stand left. */
const words = ['Ray', 'Python', 'Node', 'platform']

function factsOf(check: RayCheck, { problems, notes }: RayVerdict, red: (text: string) => string): Fact[] {
  const said = [...problems, ...notes]
  const wrong = (node: CheckedNode, word: RegExp) => said.some(({ nodes, text }) => nodes.includes(node.address) && word.test(text))
  const fact = (title: string, of: (facts: NonNullable<CheckedNode['facts']>) => string, bad: RegExp): Fact => ({
    title,
    fine: (node) => node.facts !== undefined && !wrong(node, bad),
    of: (node) => node.facts && (wrong(node, bad) ? red(of(node.facts)) : of(node.facts)),
  })
  return [
    fact('Ray', ({ ray }) => ray, / Ray \d/),
    fact('Python', ({ python }) => python, / Python \d/),
    fact('Node', ({ node }) => ('version' in node ? node.version : 'none'), / no Node |does not tell its version| Node \d\S* \(/),
    fact('platform', ({ platform }) => platform, /would be uploaded/),
  ].filter(({ title }) => title !== 'Ray' || check.nodes.some(({ facts }) => facts && facts.ray !== check.version))
}

function isSame({ of, fine }: Fact, nodes: readonly CheckedNode[]): boolean {
  return nodes.length > 0 && nodes.every(fine) && new Set(nodes.map(of)).size === 1
}

interface Column {
  readonly title: string
  of(node: CheckedNode): string | undefined
}

function amountsOf(check: RayCheck, red: (text: string) => string): Column[] {
  const part = (node: CheckedNode, name: string) => {
    const free = node.free[name] ?? 0
    const total = node.total[name] ?? 0
    if (total === 0) return 'none'
    return name === 'memory' ? bytesOf(free, total) : `${plain(free)} of ${plain(total)}`
  }
  const rays = Object.keys(check.need).map((name) => ({
    title: name === 'memory' ? "Ray's memory free" : name === 'CPU' ? 'CPUs free' : `${name} free`,
    of: (node: CheckedNode) => ((node.total[name] ?? 0) < (check.need[name] ?? 0) ? red(part(node, name)) : part(node, name)),
  }))
  return [
    ...rays,
    {
      title: 'memory free',
      of: ({ facts }) => (facts?.memory.free && facts.memory.total ? bytesOf(facts.memory.free, facts.memory.total) : undefined),
    },
    { title: 'disk free', of: ({ facts }) => facts && formatBytes(facts.disk.free) },
    {
      title: 'round trip',
      of: ({ facts }) =>
        facts && ('ms' in facts.driver ? `${facts.driver.ms.toFixed(facts.driver.ms < 10 ? 1 : 0)} ms` : red('not reached')),
    },
    {
      title: 'workers',
      of(node) {
        const places = placesOn(node, check, 'total')
        return places === 0 ? red('0') : places >= 1000 ? 'any' : String(places)
      },
    },
  ]
}

/** '17.0 of 23.5 GiB'. */
function bytesOf(free: number, total: number): string {
  const [some = '', all = ''] = [formatBytes(free), formatBytes(total)]
  return some.split(' ')[1] === all.split(' ')[1] ? `${some.split(' ')[0]} of ${all}` : `${some} of ${all}`
}

function plain(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** A sentence behind its mark, in lines no longer than the screen. */
function folded(text: string, mark: string, columns: number): string {
  const width = Math.max(40, Math.min(columns, 120)) - 2
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line, i) => `${i === 0 ? mark : ' '} ${line}\n`).join('')
}

/** Numbers in addresses by their value. */
function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
