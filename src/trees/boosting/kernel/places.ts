/** Where everything lies in the one memory that threads and kernels share: fixed places first, then what a fit needs. */

/** Fixed places, in bytes. Those of numbers that kernels read stand in kernel.wat too, which has its own from 512 to 1023. */
export const fixed = {
  /** Which step is on and which of its parts are taken; how many are done; whether one failed. Each in a line of the cache of its own. */
  turn: 0,
  done: 64,
  failed: 192,
  /** How many threads sleep until there is a step, or until one is done: who sleeps not need not be woken, which takes long. */
  idle: 196,
  waiting: 200,
  gradientUnit: 128,
  hessianUnit: 136,
  l2: 144,
  minHessian: 152,
  minRows: 160,
  shift: 168,
  /** What to do: 32 whole numbers. */
  command: 256,
  /** And 8 numbers with it. */
  numbers: 384,
  /** A thread's answers: the best split of the left and of the right part, 64 bytes each. */
  answers: 1024,
  answerBytes: 128,
  end: 16_384,
} as const

/** Threads there is room for in `answers`. */
export const mostThreads = 64

/** What a fit is, told to every thread; all plain data. Places are bytes from the memory's beginning. */
export interface Plan {
  readonly bytes: number
  /** Rows learned from, and then those only watched (early stopping); together, made even. */
  readonly rows: number
  readonly watched: number
  readonly stride: number
  /** Columns of scores: 1, or the classes. */
  readonly width: number
  readonly loss: string
  readonly quantile: number
  readonly threads: number
  /** Words of four bundles' bins, a row each: [groups][stride]. */
  readonly bins: number
  readonly bundles: number
  /** Where each bundle's bins begin in a histogram, in bytes; one more for the end. */
  readonly offsets: readonly number[]
  readonly slotBytes: number
  readonly slots: number
  /** Histograms that only one thread writes. */
  readonly own: number
  /** 16 bytes a class, or the bins of one feature: one for each thread. */
  readonly scratch: number
  readonly scratchBytes: number
  /** Features, 32 bytes each, those of a bundle side by side. */
  readonly records: number
  /** Which records each of `threads` threads looks at; and which bundles. */
  readonly recordCuts: readonly number[]
  readonly bundleCuts: readonly number[]
  readonly features: number
  /** Two masks of features: those that the left and the right part may split by. */
  readonly active: number
  /** Sums of nodes, 16 bytes each. */
  readonly nodes: number
  readonly table: number
  /** Leaves of a finished tree: begin, count (i32), value (f64). */
  readonly leaves: number
  readonly order: number
  readonly ascending: number
  readonly left: number
  readonly right: number
  readonly gh: number
  readonly scores: number
  readonly y: number
  readonly w: number
}

/** What is known of a feature, as kernels read it; in units of i32. */
export const recordWords = 8

export interface Sizes {
  readonly rows: number
  readonly watched: number
  readonly width: number
  readonly loss: string
  readonly quantile: number
  readonly threads: number
  /** Bins of each bundle. */
  readonly bundleBins: readonly number[]
  /** How many features each bundle has. */
  readonly bundleFeatures: readonly number[]
  readonly slots: number
  readonly nodes: number
}

export function planOf(sizes: Sizes): Plan {
  const { rows, watched, width, threads, bundleBins, bundleFeatures } = sizes
  const stride = (rows + watched + 3) & ~3
  const bundles = bundleBins.length
  const features = bundleFeatures.reduce((a, b) => a + b, 0)
  const offsets = [0]
  for (const bins of bundleBins) offsets.push((offsets.at(-1) as number) + bins * 16)
  // One bin that nobody reads, for a lane of the last group that no bundle uses.
  const slotBytes = (offsets.at(-1) as number) + 16
  let end: number = fixed.end
  const take = (bytes: number) => {
    const begin = end
    end = Math.ceil((end + bytes) / 64) * 64
    return begin
  }
  const scratchBytes = Math.max(257 * 16, width * 16)
  const bundleCuts = cutsOf(bundleBins, threads)
  return {
    rows,
    watched,
    stride,
    width,
    loss: sizes.loss,
    quantile: sizes.quantile,
    threads,
    bundles,
    offsets,
    slotBytes,
    features,
    scratchBytes,
    bundleCuts,
    recordCuts: bundleCuts.map((cut) => bundleFeatures.slice(0, cut).reduce((a, b) => a + b, 0)),
    records: take(features * recordWords * 4),
    active: take(features * 2),
    table: take(256),
    scratch: take(scratchBytes * threads),
    own: take(slotBytes * threads),
    slots: take(slotBytes * sizes.slots),
    nodes: take(sizes.nodes * 16),
    leaves: take(sizes.nodes * 16),
    order: take(stride * 4),
    ascending: take(stride * 4),
    left: take(stride * 4),
    right: take(stride * 4),
    y: take(stride * 8),
    w: take(stride * 8),
    gh: take(stride * 8 * width),
    scores: take(stride * 8 * width),
    bins: take(Math.ceil(bundles / 4) * stride * 4),
    bytes: end,
  }
}

/** Cuts a list into contiguous parts of about equal sums; one more cut than parts. */
function cutsOf(sizes: readonly number[], parts: number): number[] {
  const all = sizes.reduce((a, b) => a + b, 0)
  const cuts = [0]
  let sum = 0
  for (const [k, size] of sizes.entries()) {
    while (cuts.length < parts && sum + size / 2 >= (all * cuts.length) / parts) cuts.push(k)
    sum += size
  }
  while (cuts.length <= parts) cuts.push(sizes.length)
  return cuts
}
