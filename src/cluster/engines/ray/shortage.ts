/** What a Ray cluster lacks for workers that have no place yet. */
import { formatBytes } from '../../../core/bytes.ts'
import type { RayNode } from './messages.ts'

/** What one worker takes of a node, by Ray's names: CPU, memory (bytes), GPU, ... */
export type Need = Readonly<Record<string, number>>

/** How many workers fit into what nodes have: 'total' of all, or 'free' now. */
export function fitting(nodes: readonly RayNode[], need: Need, of: 'total' | 'free'): number {
  return nodes.reduce((sum, node) => sum + places(node[of], need), 0)
}

/**
 * What is missing for so many workers beside those that fit into what is free: '2 CPUs short'. Undefined where all of them fit: they
 * are being started.
 */
export function shortage(nodes: readonly RayNode[], need: Need, waiting: number): string | undefined {
  const missing = waiting - fitting(nodes, need, 'free')
  if (missing <= 0) return undefined
  const parts = Object.entries(need).flatMap(([name, each]) => {
    if (each === 0) return []
    const free = nodes.reduce((sum, node) => sum + (node.free[name] ?? 0), 0)
    const short = waiting * each - free
    return short > 0 ? [amount(name, short)] : []
  })
  if (parts.length > 0) return `${list(parts)} short`
  // There is enough in all, in too small pieces.
  return `no node has ${describe(need)} free`
}

/** '4 CPUs and 2 GiB of memory'. */
export function describe(need: Need): string {
  const parts = Object.entries(need).flatMap(([name, each]) => (each > 0 ? [amount(name, each)] : []))
  return parts.length === 0 ? 'nothing' : list(parts)
}

/** The most that one node has of what is needed, for people: '1 CPU'. */
export function largest(nodes: readonly RayNode[], need: Need): string {
  const most = Object.keys(need).map((name): [string, number] => [name, Math.max(0, ...nodes.map(({ total }) => total[name] ?? 0))])
  return list(most.map(([name, value]) => amount(name, value)))
}

function places(has: Readonly<Record<string, number>>, need: Need): number {
  const each = Object.entries(need).map(([name, wanted]) => (wanted > 0 ? ((has[name] ?? 0) + 1e-4) / wanted : Number.POSITIVE_INFINITY))
  const least = Math.min(...each)
  // Who needs nothing fits a thousand times.
  return Number.isFinite(least) ? Math.floor(least) : 1000
}

function amount(name: string, value: number): string {
  if (name === 'memory') return `${formatBytes(value)} of memory`
  const shown = String(Math.round(value * 1e4) / 1e4)
  return `${shown} ${name}${value === 1 || !/^[CG]PU$/.test(name) ? '' : 's'}`
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
