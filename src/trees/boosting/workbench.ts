/** A fit's work bench: binned rows, the plan of the memory, the threads. */
import { fail } from '../../core/errors.ts'
import type { Feature } from '../../estimator/index.ts'
import { type Binned, binAll } from './bins.ts'
import { type Bundle, bundlesOf, type Member, writeBundle } from './bundles.ts'
import { borrowMemory } from './kernel/memory.ts'
import { fixed, type Plan, planOf, recordWords } from './kernel/places.ts'
import { dismiss, hire, type Team, teamOf } from './kernel/team.ts'

/** A feature as the grower meets it, in the order of records. */
export interface Column extends Member {
  readonly bundle: number
  readonly bins: Binned
  readonly categorical: boolean
}

export interface Bench {
  readonly plan: Plan
  readonly team: Team
  readonly columns: readonly Column[]
  readonly bundles: readonly Bundle[]
  readonly features: readonly Feature[]
}

export interface BenchOptions {
  /** Of the data set. */
  readonly name: string
  readonly x: Float32Array
  readonly features: readonly Feature[]
  /** Rows of x, those learned from first. */
  readonly rows: Int32Array
  readonly learned: number
  readonly y: Float64Array
  readonly weights: Float64Array
  readonly width: number
  readonly loss: string
  readonly quantile: number
  readonly threads: number
  readonly maxBins: number
  readonly maxLeaves: number
  readonly minRows: number
  readonly l2: number
  /** All features are looked at by the thread that leads, not by kernels. */
  readonly led: boolean
}

export function benchOf(options: BenchOptions): Bench {
  const hired = hire(options.threads)
  try {
    return furnish(options, hired)
  } catch (error) {
    dismiss(hired)
    throw error
  }
}

function furnish(options: BenchOptions, hired: ReturnType<typeof hire>): Bench {
  const { x, features, rows, learned, maxBins, maxLeaves, minRows, threads } = options
  const binned = binAll(x, features, rows, learned, maxBins)
  const bundles = bundlesOf(binned)
  const most = Math.min(maxLeaves, Math.max(1, Math.floor(learned / minRows)))
  const plan = planOf({
    rows: learned,
    watched: rows.length - learned,
    width: options.width,
    loss: options.loss,
    quantile: options.quantile,
    threads,
    bundleBins: bundles.map(({ bins }) => bins),
    bundleFeatures: bundles.map(({ members }) => members.length),
    // Without a limit of leaves, the smaller part is split to the end first, so that few are open.
    slots: maxLeaves === Number.POSITIVE_INFINITY ? Math.ceil(Math.log2(learned + 1)) + 3 : most + 1,
    nodes: 2 * most + 1,
  })
  const pages = Math.ceil(plan.bytes / 65_536)
  // Places are 32-bit whole numbers with a sign.
  if (pages > 32_768) throw fail('FIT_TOO_LARGE', options.name, plan.bytes)
  const memory = borrowMemory(plan.bytes)
  const bytes = new Uint8Array(memory.buffer)
  for (const [k, bundle] of bundles.entries()) writeBundle(bundle, binned, bytes, plan.bins + (k & ~3) * plan.stride + (k & 3))
  const columns = bundles.flatMap(({ members }, bundle) =>
    members.map((member): Column => {
      const bins = binned[member.feature] as Binned
      return { ...member, bundle, bins: { ...bins, codes: bytes.subarray(0, 0) }, categorical: bins.categories !== undefined }
    }),
  )
  fill(memory.buffer, plan, columns, options)
  const team = teamOf(memory, plan, hired)
  return { plan, team, columns, bundles, features }
}

function fill(buffer: SharedArrayBuffer, plan: Plan, columns: readonly Column[], options: BenchOptions): void {
  const i32 = new Int32Array(buffer)
  const f64 = new Float64Array(buffer)
  for (const [k, { bundle, bins, shared, first, feature, categorical }] of columns.entries()) {
    const led = options.led || categorical
    i32.set(
      [(plan.offsets[bundle] as number) + first * 16, bins.count, shared, bins.missing >= 0 ? 1 : 0, feature, led ? 1 : 0],
      (plan.records >> 2) + k * recordWords,
    )
  }
  new Uint8Array(buffer, plan.active, plan.features * 2).fill(1)
  for (let row = 0; row < plan.stride; row++) {
    i32[(plan.order >> 2) + row] = row
    i32[(plan.ascending >> 2) + row] = row
  }
  f64.set(options.y, plan.y >> 3)
  f64.set(options.weights, plan.w >> 3)
  f64[fixed.l2 >> 3] = options.l2
  f64[fixed.minHessian >> 3] = 1e-3
  i32[fixed.minRows >> 2] = options.minRows
  // Of 63 bits, as many as the number of rows needs are for counting them.
  i32[fixed.shift >> 2] = 63 - Math.ceil(Math.log2(plan.rows + 1))
}
