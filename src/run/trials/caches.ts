/** What a worker keeps from trial to trial: data that would be made again as it is, and compiled graphs. */
import { sha256 } from '../../core/bytes.ts'
import { type Executable, type Runtime, toOnnx } from '../../graph/index.ts'
import { type Config, component, type DataSplits, runWithout, type Training } from '../../train/index.ts'

/** Enough for the graphs of a few configs (each has two or three), and little memory: they hold no parameters. */
const mostGraphs = 24

/**
 * A runtime that keeps what it compiled: a graph that comes again (the same architecture with another learning rate) is not
 * compiled again. The least recently used go first, when nobody runs them.
 */
export function cachingRuntime(runtime: Runtime): Runtime & AsyncDisposable {
  const kept = new Map<string, { executable: Promise<Executable>; users: number }>()
  const evict = async () => {
    for (const [key, entry] of kept) {
      if (kept.size <= mostGraphs) return
      if (entry.users > 0) continue
      kept.delete(key)
      await (await entry.executable).release()
    }
  }
  return {
    name: runtime.name,
    version: () => runtime.version(),
    async compile(graph, options = {}) {
      if (options.profile !== undefined) return runtime.compile(graph, options)
      const key = `${options.threads ?? 1}/${sha256(toOnnx(graph))}`
      const found = kept.get(key)
      const entry = found ?? { executable: runtime.compile(graph, options), users: 0 }
      kept.delete(key)
      kept.set(key, entry)
      entry.users++
      try {
        const executable = await entry.executable
        await evict()
        let released = false
        return {
          compileTime: found ? 0 : executable.compileTime,
          run: (feeds, into) => executable.run(feeds, into),
          async release() {
            if (!released) entry.users--
            released = true
          },
        }
      } catch (error) {
        kept.delete(key)
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { executable } of kept.values()) await (await executable).release()
      kept.clear()
    },
  }
}

/**
 * The same training, whose data is made anew only when a key of the config that `data` looked at has another value, or a
 * component that it asked for is there or gone now. So a study of the learning rate loads its data once. Data is not to be
 * changed in place.
 */
export function cachingData(training: Training): Training {
  let kept: { seen: ReadonlyMap<string, unknown>; gone: ReadonlyMap<string, boolean>; splits: DataSplits | Promise<DataSplits> } | undefined
  return {
    ...training,
    data(config: Config) {
      const same =
        kept &&
        [...kept.seen].every(([key, value]) => Object.is(config[key], value)) &&
        // Asked of all, so that they are known to have been met.
        [...kept.gone].map(([name, was]) => component(name, (gone) => gone === was)).every(Boolean)
      if (kept && same) return kept.splits
      kept = undefined
      const met = new Set<string>()
      const gone = new Map<string, boolean>()
      const seen = new Map<string, unknown>()
      const splits = runWithout(new Set(), () => training.data(watched(config, seen)), met)
      const entry = { seen, gone, splits }
      const note = () => {
        for (const name of met)
          gone.set(
            name,
            component(name, (without) => without),
          )
      }
      if (!(splits instanceof Promise)) {
        note()
        kept = entry
        return splits
      }
      return splits.then((made) => {
        note()
        kept = entry
        return made
      })
    },
  }
}

/** A config that remembers which of its keys were read, and what they were. */
function watched(config: Config, seen: Map<string, unknown>): Config {
  return new Proxy(config, {
    get(target, key) {
      const value = Reflect.get(target, key)
      if (typeof key === 'string') seen.set(key, value)
      return value
    },
    ownKeys(target) {
      for (const [key, value] of Object.entries(target)) seen.set(key, value)
      return Reflect.ownKeys(target)
    },
    has(target, key) {
      if (typeof key === 'string') seen.set(key, target[key])
      return Reflect.has(target, key)
    },
  })
}
