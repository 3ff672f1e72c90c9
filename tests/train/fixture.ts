/** Small generated data and an environment in memory, for tests of training. */
import { realClock } from '../../src/core/clock.ts'
import { random } from '../../src/core/random.ts'
import { table } from '../../src/data/index.ts'
import { runtimes } from '../../src/graph/index.ts'
import { type Checkpoints, decodeSnapshot, type Environment, encodeSnapshot, type Metrics, type Progress } from '../../src/train/index.ts'

/** Points in `classes` Gaussian clouds on a circle of the plane. */
export function clouds(rows: number, { seed = 1, classes = 3, spread = 0.4 } = {}) {
  const draw = random(seed).fork('clouds')
  const x = new Float32Array(rows * 2)
  const y = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const label = draw.int(classes)
    const angle = (2 * Math.PI * label) / classes
    y[i] = label
    x[2 * i] = Math.cos(angle) + spread * draw.normal()
    x[2 * i + 1] = Math.sin(angle) + spread * draw.normal()
  }
  return table(
    {
      x: { dtype: 'float32', shape: [2], data: x },
      y: { dtype: 'int32', shape: [], data: y, classes: Array.from({ length: classes }, (_, c) => `c${c}`) },
    },
    { name: 'clouds' },
  )
}

export interface MemoryEnvironment extends Environment {
  readonly reports: { step: number; metrics: Metrics }[]
  readonly saved: Uint8Array[]
  readonly seen: Progress[]
  readonly abort: AbortController
}

/** Keeps every checkpoint as bytes; `resumeFrom` is what `latest` gives at first. */
export function memoryEnvironment(
  options: { seed?: number; resumeFrom?: Uint8Array; runtime?: Environment['runtime'] } = {},
): MemoryEnvironment {
  const saved: Uint8Array[] = []
  const reports: { step: number; metrics: Metrics }[] = []
  const seen: Progress[] = []
  const abort = new AbortController()
  const checkpoints: Checkpoints = {
    latest: async () => {
      const bytes = saved.at(-1) ?? options.resumeFrom
      return bytes && decodeSnapshot(bytes)
    },
    save: async (snapshot) => void saved.push(encodeSnapshot(snapshot)),
    get last() {
      return saved.length === 0 ? undefined : `checkpoint ${saved.length}`
    },
  }
  return {
    runtime: options.runtime ?? runtimes.onnxruntime(),
    threads: 1,
    clock: realClock,
    seed: options.seed ?? 1,
    signal: abort.signal,
    abort,
    checkpoints,
    saved,
    reports,
    seen,
    observer: {
      report: (step, metrics) => void reports.push({ step, metrics }),
      curve: () => undefined,
      log: () => undefined,
      progress: (progress) => void seen.push({ ...progress }),
    },
  }
}
