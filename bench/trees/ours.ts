/** Tutti as a measured program: takes the orders of `orders.ts` from stdin, one JSON line each. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { version } from '../../src/core/version.ts'
import { type Table, table } from '../../src/data/index.ts'
import { type Estimator, examplesOf, type Predictor } from '../../src/estimator/index.ts'
import { npy } from '../../src/tensor/index.ts'
import type { Files } from './data.ts'
import type { ModelSpec, Orders } from './orders.ts'

const loaded = new Map<string, { x: Float32Array; y: Int32Array | Float64Array; columns: number; files: Files }>()
let model: Predictor | undefined

const handlers: { [K in keyof Orders]: (order: Orders[K][0]) => Orders[K][1] | Promise<Orders[K][1]> } = {
  load({ as, x, y, rows }) {
    const read = (file: string) => npy.decode(readFileSync(file), file)
    const [features, target] = [read(x), read(y)]
    const [all, columns] = features.shape as [number, number]
    const count = Math.min(rows ?? all, all)
    loaded.set(as, {
      x: (features.data as Float32Array).subarray(0, count * columns),
      y: (target.data as Int32Array | Float64Array).subarray(0, count),
      columns,
      files: { x, y },
    })
    return { rows: count, columns }
  },
  async fit({ data, model: spec, threads, seed }) {
    const estimator = await estimatorOf(spec)
    const rows = fresh(data)
    const began = performance.now()
    model = await estimator.fit(rows, { threads, seed })
    const seconds = (performance.now() - began) / 1000
    return { seconds, nodes: nodesOf(model) }
  },
  predict({ data, times }) {
    return {
      seconds: Array.from({ length: times }, () => {
        const rows = fresh(data)
        const began = performance.now()
        fitted().predict(rows)
        return (performance.now() - began) / 1000
      }),
    }
  },
  single({ data, rows }) {
    const { features } = fitted()
    const { x } = examplesOf(fresh(data))
    return {
      microseconds: Array.from({ length: rows }, (_, row) => {
        const began = performance.now()
        const one = { name: 'row', rows: 1, features, x: x.subarray(row * features.length, (row + 1) * features.length) }
        fitted().predict({ ...one, y: undefined, classes: undefined, task: undefined })
        return (performance.now() - began) * 1000
      }),
    }
  },
  score: ({ data }) => ({ score: fitted().score(fresh(data)) }),
  async grid(order) {
    const { files, y } = known(order.data)
    // Only here: the memory of a fit is not to hold all of a study's code.
    const { search } = await import('./grid.ts')
    return search(order, files, y.length)
  },
  memory() {
    const peak = process.platform === 'linux' ? /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] : undefined
    return { peak: Number(peak ?? process.resourceUsage().maxRSS) / 1024 }
  },
}

/** Imported where it is needed: the memory of a forest is not to hold the code of boosting. */
async function estimatorOf(spec: ModelSpec): Promise<Estimator> {
  const classify = spec.task === 'classification'
  if (spec.kind === 'forest') {
    const { randomForestClassifier, randomForestRegressor } = await import('../../src/trees/index.ts')
    const params = { nEstimators: spec.trees }
    return classify ? any(randomForestClassifier(params)) : any(randomForestRegressor(params))
  }
  const { histGradientBoostingClassifier, histGradientBoostingRegressor } = await import('../../src/trees/boosting/index.ts')
  const params = {
    ...{ maxIter: spec.rounds, maxLeafNodes: spec.leaves, maxBins: spec.bins, learningRate: spec.rate },
    ...{ minSamplesLeaf: spec.least, earlyStopping: false },
  }
  return classify ? any(histGradientBoostingClassifier(params)) : any(histGradientBoostingRegressor(params))
}

/** Of what parameters it is does not matter here. */
function any<P extends object>(estimator: Estimator<P>): Estimator {
  return estimator as unknown as Estimator
}

/** A table that nothing is known about yet: what an estimator remembers of one it has seen would be a gift. */
function fresh(name: string): Table {
  const found = known(name)
  const y =
    found.y instanceof Int32Array
      ? ({ dtype: 'int32', shape: [], data: found.y } as const)
      : ({ dtype: 'float64', shape: [], data: found.y } as const)
  return table({ x: { dtype: 'float32', shape: [found.columns], data: found.x }, y }, { name })
}

function known(name: string) {
  const found = loaded.get(name)
  if (found === undefined) throw new Error(`nothing was loaded as '${name}'`)
  return found
}

function fitted(): Predictor {
  if (model === undefined) throw new Error('nothing was fitted')
  return model
}

function nodesOf(of: Predictor): number | null {
  const { trees } = (of as { ensemble?: { trees: readonly { nodes: number }[] } }).ensemble ?? {}
  return trees === undefined ? null : trees.reduce((sum, { nodes }) => sum + nodes, 0)
}

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)
say({ versions: { tutti: version } })
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as { do: keyof Orders }
  await Promise.resolve()
    .then(() => handlers[order.do](order as never))
    .then(say, (error: unknown) => say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
}
process.exit(0)
