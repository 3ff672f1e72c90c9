/** A cluster of obedient workers, for tests: waits for them, and speaks to them. */
import { realClock } from '../../core/clock.ts'
import type { Message } from '../../net/index.ts'
import { type Cluster, type ClusterOptions, createCluster } from '../cluster.ts'
import type { ClusterEngine } from '../engine.ts'
import type { Worker } from '../life.ts'
import type { Answer, ObedientOptions, Order } from './obedient.ts'

export interface Company extends AsyncDisposable {
  readonly cluster: Cluster
  /** Waits until that generation of a rank has dialled in. @throws where it never will: the rank is given up, or a later one is there */
  worker(rank: number, generation?: number): Promise<Worker>
  /** Gives an order, and waits for the answer. */
  tell(worker: Worker, order: Order): Promise<Answer>
  /** Gives an order that has no answer. */
  order(worker: Worker, order: Order): void
  /** Waits until so many ranks are given up; rank and reason of each. */
  givenUp(count: number): Promise<readonly (readonly [number, string])[]>
  /** What each rank wrote. */
  readonly output: readonly (readonly [number, string])[]
}

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const obedient = new URL(`./obedient.${ending}`, import.meta.url)

export type CompanyOptions = Partial<Omit<ClusterOptions, 'engine' | 'options' | 'onWorker' | 'onGiveUp' | 'onOutput'>> & {
  readonly options?: ObedientOptions
}

export async function company(engine: ClusterEngine, options: CompanyOptions = {}): Promise<Company> {
  const came = new Map<string, Worker>()
  const heard = new Map<Worker, { messages: Message[]; taken: number }>()
  const output: [number, string][] = []
  const lostRanks: [number, string][] = []
  let wake = Promise.withResolvers<void>()
  const changed = () => {
    wake.resolve()
    wake = Promise.withResolvers<void>()
  }
  let failure: Error | undefined
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      if (failure) throw failure
      const found = find()
      if (found !== undefined) return found
      await wake.promise
    }
  }
  const cluster = await createCluster({
    workers: 1,
    program: obedient,
    clock: realClock,
    ...options,
    engine,
    options: (options.options ?? {}) as never,
    onWorker(worker) {
      const inbox = { messages: [] as Message[], taken: 0 }
      heard.set(worker, inbox)
      worker.connection.onMessage((message) => {
        inbox.messages.push(message)
        came.set(`${worker.rank}.${worker.generation}`, worker)
        changed()
      })
    },
    onGiveUp(rank, reason) {
      lostRanks.push([rank, reason])
      changed()
    },
    onOutput: (rank, text) => output.push([rank, text]),
    onFailure(error) {
      failure = error
      changed()
      options.onFailure?.(error)
    },
  })
  const neverComes = (rank: number, generation: number): undefined => {
    const [, reason] = lostRanks.find(([lost]) => lost === rank) ?? []
    if (reason !== undefined) throw new Error(`rank ${rank} was given up: ${reason}`)
    const later = [...came.values()].find((worker) => worker.rank === rank && worker.generation > generation)
    if (later) throw new Error(`rank ${rank} was lost before generation ${generation} came: generation ${later.generation} is there`)
  }
  const answer = async (worker: Worker): Promise<Answer> => {
    const inbox = heard.get(worker) as { messages: Message[]; taken: number }
    const next = inbox.taken++
    const message = await Promise.race([until(() => inbox.messages[next]), worker.lost])
    if (typeof message === 'string') throw new Error(`${worker.title} was lost: ${message}`)
    return message.body as unknown as Answer
  }
  return {
    cluster,
    output,
    async worker(rank, generation = 0) {
      const worker = await until(() => came.get(`${rank}.${generation}`) ?? neverComes(rank, generation))
      // What it says when it comes.
      const inbox = heard.get(worker) as { taken: number }
      inbox.taken = Math.max(inbox.taken, 1)
      return worker
    },
    tell(worker, order) {
      worker.connection.send({ ...order })
      return answer(worker)
    },
    order: (worker, order) => worker.connection.send({ ...order }),
    givenUp: (count) => until(() => (lostRanks.length >= count ? lostRanks : undefined)),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}
