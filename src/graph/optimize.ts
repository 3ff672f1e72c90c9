import type { Graph } from './graph.ts'
import * as passes from './passes/index.ts'
import { verify } from './verify.ts'

passes satisfies Record<string, (graph: Graph) => Graph>

/** In this order; simplification makes work for folding, both for sharing, and fusing comes last. */
const order = [passes.simplify, passes.foldConstants, passes.simplify, passes.commonSubexpressions, passes.fuse] as const

/** Runs all passes, verifying the graph before and after each. */
export function optimize(graph: Graph): Graph {
  return order.reduce((now, pass) => verify(pass(now), pass.name, now), verify(graph, 'trace'))
}
