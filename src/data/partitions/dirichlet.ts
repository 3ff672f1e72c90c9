import { fail } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { checkOptions } from '../../core/registry.ts'
import { groupByLabel } from '../split.ts'
import { checkClients } from './check.ts'
import type { Partition } from './partition.ts'

/**
 * Label skew: the rows of each class are shared out in proportions drawn from Dirichlet(alpha, ..., alpha). A large alpha
 * is nearly iid; alpha 0.1 leaves most clients with one or two classes. Drawn again until every client has `minimum` rows.
 *
 * T.-M. H. Hsu, H. Qi, M. Brown: Measuring the Effects of Non-Identical Data Distribution for Federated Visual
 * Classification (2019); the drawing by class is that of M. Yurochkin et al. (2019).
 */
export function dirichlet(options: { clients: number; alpha: number; minimum?: number }): Partition {
  checkOptions('partition dirichlet', options, ['clients', 'alpha', 'minimum'])
  const clients = checkClients(options.clients)
  const { alpha, minimum = 1 } = options
  if (!(alpha > 0 && Number.isFinite(alpha))) throw fail('BAD_OPTION', 'partition dirichlet', 'alpha', alpha, 'above 0')
  return {
    byLabel: true,
    assign(length, labels, random) {
      if (clients * minimum > length)
        throw fail('DATA_SPLIT', 'the table', `${clients} clients with at least ${minimum} rows each need more than ${length} rows`)
      const groups = groupByLabel(labels, length)
      for (let attempt = 0; attempt < 1000; attempt++) {
        const shares = share(groups, clients, alpha, random.fork('attempt', attempt))
        if (shares.every((rows) => rows.length >= minimum)) return shares.map((rows) => Int32Array.from(rows).sort())
      }
      throw fail('DATA_SPLIT', 'the table', `in 1000 draws with alpha ${alpha} some client had fewer than ${minimum} rows; raise alpha`)
    },
  }
}

function share(groups: readonly Int32Array[], clients: number, alpha: number, random: Random): number[][] {
  const shares: number[][] = Array.from({ length: clients }, () => [])
  for (const group of groups) {
    const rows = random.shuffle(group.slice())
    const proportions = drawDirichlet(clients, alpha, random)
    let from = 0
    let cumulated = 0
    proportions.forEach((proportion, client) => {
      cumulated += proportion
      const to = client === clients - 1 ? rows.length : Math.min(rows.length, Math.round(cumulated * rows.length))
      for (const row of rows.subarray(from, to)) shares[client]?.push(row)
      from = Math.max(from, to)
    })
  }
  return shares
}

/** Normalized gammas, in logarithms so that a small alpha does not underflow to 0/0. */
function drawDirichlet(k: number, alpha: number, random: Random): number[] {
  const logs = Array.from({ length: k }, () => logGamma(alpha, random))
  const most = Math.max(...logs)
  const weights = logs.map((log) => Math.exp(log - most))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** Logarithm of a Gamma(alpha, 1) draw: Marsaglia and Tsang (2000), with their boost U^(1/alpha) below 1. */
function logGamma(alpha: number, random: Random): number {
  if (alpha < 1) return logGamma(alpha + 1, random) + Math.log(1 - random.uniform()) / alpha
  const d = alpha - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    const u = 1 - random.uniform()
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v)
  }
}
