/** What a check of a Ray cluster comes to: what is to be mended on which node, and how many workers there is room for. */
import { formatBytes } from '../../../core/bytes.ts'
import type { CheckedNode, NodeFacts, RayCheck } from './check.ts'
import { leastNode } from './options.ts'
import { describe, fitting, largest } from './shortage.ts'

export interface RayVerdict {
  /** Whether workers would run, as many as were asked for. */
  readonly ok: boolean
  /** Sentences, the worst first. */
  readonly problems: readonly Finding[]
  /** Worth knowing, and no harm. */
  readonly notes: readonly Finding[]
  /** Workers that fit: in all, and beside what runs now. */
  readonly fits: { readonly total: number; readonly free: number }
}

export interface Finding {
  readonly nodes: readonly string[]
  readonly text: string
}

/** How many workers a node has room for. */
export function placesOn(node: CheckedNode, { need }: RayCheck, of: 'total' | 'free'): number {
  return fitting([node], need, of)
}

/** @param workers how many are wanted; any number with 'auto' */
export function judge(check: RayCheck, workers: number | 'auto' = 'auto'): RayVerdict {
  const { nodes, need } = check
  const total = fitting(nodes, need, 'total')
  const free = fitting(nodes, need, 'free')
  const problems: Finding[] = []
  const notes: Finding[] = []
  const told = nodes.flatMap((node) => troublesOf(node, check).map((trouble) => ({ node, ...trouble })))
  for (const group of Map.groupBy(told, ({ key }) => key).values()) {
    const one = group[0] as (typeof group)[number]
    const names = group.map(({ node }) => node.address)
    // Where no worker would ever be, it does no harm that none could begin; the job itself runs on the head.
    const idle = total > 0 && group.every(({ node }) => placesOn(node, check, 'total') === 0 && !(node.head && one.everywhere))
    ;(idle ? notes : problems).push({ nodes: names, text: one.sentence(subject(names, nodes.length), names.length > 1) })
  }
  const alone = nodes.filter((node) => total > 0 && placesOn(node, check, 'total') === 0).map(({ address }) => address)
  if (alone.length > 0)
    notes.push({
      nodes: alone,
      text: `${subject(alone, nodes.length)} ${alone.length > 1 ? 'are' : 'is'} too small for a worker, which takes ${describe(need)}.`,
    })
  const wanted = workers === 'auto' ? 1 : workers
  if (total === 0)
    problems.push({
      nodes: [],
      text: `No node has room for a worker, which takes ${describe(need)}: the largest has ${largest(nodes, need)}. Ask for less with --cpus-per-worker, --memory-per-worker or --resources, or add nodes.`,
    })
  else if (total < wanted)
    problems.push({
      nodes: [],
      text: `${wanted} workers were asked for, and ${total} ${total === 1 ? 'has' : 'have'} room: each takes ${describe(need)}. Ask for fewer or smaller ones, or add nodes.`,
    })
  return { ok: problems.length === 0, problems, notes, fits: { total, free } }
}

interface Trouble {
  /** Nodes of the same key are told of in one sentence. */
  readonly key: string
  /** Whether it matters on the head also where no worker fits there. */
  readonly everywhere?: boolean
  sentence(who: string, many: boolean): string
}

function troublesOf({ facts, trouble }: CheckedNode, check: RayCheck): Trouble[] {
  if (!facts) {
    const why = trouble ?? 'it said nothing within 30 s'
    return [
      {
        ...{ key: `silent ${why}`, everywhere: true },
        sentence: (who) =>
          `${who} did not answer: ${why.replace(/\.$/, '')}. Look at ${who.includes(' ') ? 'their logs' : 'its log'} on the dashboard of Ray, and whether there is room for a process.`,
      },
    ]
  }
  const head = check.nodes.find((node) => node.head)?.facts
  return [
    driverOf(facts, check),
    nodeOf(facts, check),
    platformOf(facts, check),
    rayOf(facts, check),
    pythonOf(facts, head),
    diskOf(facts),
  ].filter((found) => found !== undefined)
}

function driverOf({ driver }: NodeFacts, { driver: address }: RayCheck): Trouble | undefined {
  if (!('why' in driver)) return undefined
  return {
    ...{ key: `driver ${driver.why}`, everywhere: true },
    sentence(who, many) {
      const all = /^All (\d+ nodes)$/.exec(who)
      const says = all ? `None of the ${all[1]} reaches` : `${who} ${many ? 'do' : 'does'} not reach`
      const why = driver.why.replace(/^\[Errno -?\d+\] /, '').replace(/\.$/, '')
      return `${says} this machine at ${address.replace(/^\w+:/, '')} (${why}). Name an address that every node reaches with --driver-address HOST:PORT, and open that port in the firewall.`
    },
  }
}

function nodeOf({ node }: NodeFacts, { node: name }: RayCheck): Trouble | undefined {
  const advice = `Install Node ${leastNode} or newer there, or name another with 'ray.node' in tutti.config.ts.`
  if (!('version' in node)) {
    if (node.path === undefined)
      return { key: 'no node', sentence: (who, many) => `${who} ${many ? 'have' : 'has'} no Node by the name '${name}'. ${advice}` }
    return { key: `node ${node.why}`, sentence: (who) => `${who}: ${node.path} does not tell its version (${node.why}). ${advice}` }
  }
  if (Number(node.version.split('.')[0]) >= leastNode) return undefined
  return {
    key: `node ${node.version} ${node.path}`,
    sentence: (who, many) =>
      `${who} ${many ? 'have' : 'has'} Node ${node.version} (${node.path}), and tutti needs ${leastNode} or newer. Install it there, or name another with 'ray.node' in tutti.config.ts.`,
  }
}

function platformOf({ platform: its }: NodeFacts, { platform }: RayCheck): Trouble | undefined {
  if (its === platform) return undefined
  return {
    key: `platform ${its}`,
    sentence: (who, many) =>
      `${who} ${many ? 'are' : 'is'} ${its}, and what would be uploaded is for ${platform}. If all nodes are ${its}, say so with 'ray.platform' in tutti.config.ts.`,
  }
}

function rayOf({ ray: its }: NodeFacts, { version }: RayCheck): Trouble | undefined {
  if (its === version) return undefined
  return {
    key: `ray ${its}`,
    sentence: (who, many) => `${who} ${many ? 'have' : 'has'} Ray ${its}, and the head ${version}. Install the same on all.`,
  }
}

function pythonOf({ python: its }: NodeFacts, head: NodeFacts | undefined): Trouble | undefined {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.')
  if (!head || minor(its) === minor(head.python)) return undefined
  return {
    key: `python ${its}`,
    sentence: (who, many) =>
      `${who} ${many ? 'have' : 'has'} Python ${its}, and the head ${head.python}. Ray wants the same up to the second number on all nodes.`,
  }
}

/** Packages take most of it, unpacked; Ray itself stops working on a disk that is 95 % full. */
const leastDisk = 2 ** 30

function diskOf({ disk: { folder, total, free } }: NodeFacts): Trouble | undefined {
  if (free >= leastDisk && free >= total / 20) return undefined
  return {
    key: `disk ${folder} ${Math.round(free / 2 ** 26)}`,
    sentence: (who, many) =>
      `${who} ${many ? 'have' : 'has'} only ${formatBytes(free)} of ${formatBytes(total)} free in ${folder}, where code and data are unpacked; at 95 % Ray begins to refuse work.`,
  }
}

/** '10.0.0.3 and 10.0.0.4', 'All 3 nodes', '12 nodes (10.0.0.3, 10.0.0.4, 10.0.0.5, ...)'. */
function subject(names: readonly string[], of: number): string {
  if (names.length === of && of > 1) return `All ${of} nodes`
  if (names.length > 4) return `${names.length} nodes (${names.slice(0, 3).join(', ')}, ...)`
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
