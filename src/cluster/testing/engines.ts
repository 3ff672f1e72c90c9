/** What every engine must do, seen through a cluster of its workers. `engineConformance` is called once for each entry of the registry. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { realClock } from '../../core/clock.ts'
import type { ClusterEngine } from '../engine.ts'
import { company } from './company.ts'

export interface EngineConformance {
  /** Whether each worker is a process of this machine, with a process id that signals can be sent to. */
  readonly processes?: boolean
  /** How many of the tests run at a time; default 4. */
  readonly concurrency?: number
  /** Milliseconds that news of workers may take, beside those that the cluster takes; default 0. */
  readonly slack?: number
}

export function engineConformance(name: string, make: () => ClusterEngine, options: EngineConformance = {}): void {
  const { processes = false, concurrency = 4, slack = 0 } = options
  const own = make().parallel ? false : `'${name}' runs workers in the driver's own thread`
  const process = processes ? false : `'${name}' has no process for each worker`
  // Most of them wait most of the time; those that wait longest come first.
  suite(`engine '${name}'`, { concurrency }, () => {
    test('a worker that computes for longer than the patience is not taken for frozen', { skip: own }, async () => {
      await using group = await company(make(), { patience: 2000 })
      const worker = await group.worker(0)
      assert.equal((await group.tell(worker, { do: 'compute', for: 4500 })).generation, 0)
      assert.equal((await group.tell(worker, { do: 'answer' })).generation, 0)
    })

    test('a process that is frozen is noticed, ended and replaced', { skip: process }, async () => {
      await using group = await company(make())
      const worker = await group.worker(0)
      const began = realClock.elapsed()
      group.order(worker, { do: 'freeze' })
      assert.match(await worker.lost, /^frozen: no sign of life for 4 s$/)
      const took = realClock.elapsed() - began
      assert.ok(took > 3000 && took < 5000 + slack, `noticed after ${took} ms`)
      assert.ok(!alive(pidOf(worker.title)))
      await group.tell(await group.worker(0, 1), { do: 'answer' })
    })

    test('disposing leaves no process, be it busy or frozen', { skip: process }, async () => {
      const group = await company(make(), { workers: 3, patience: 60_000 })
      const workers = await Promise.all([0, 1, 2].map((rank) => group.worker(rank)))
      group.order(workers[0] as (typeof workers)[0], { do: 'compute', for: 60_000 })
      group.order(workers[1] as (typeof workers)[0], { do: 'freeze' })
      const began = realClock.elapsed()
      await group[Symbol.asyncDispose]()
      const took = realClock.elapsed() - began
      assert.ok(took < 6000 + slack, `it took ${took} ms`)
      for (const { title } of workers) assert.ok(!alive(pidOf(title)), title)
    })

    test('says what it is', () => {
      assert.equal(make().name, name)
      assert.match(make().summary, /\w/)
    })

    test('as many workers come as were asked for, each with its rank and the options, and answer', async () => {
      await using group = await company(make(), { workers: 3, options: { failing: [Number.NaN, -1] } })
      for (const rank of [0, 1, 2]) {
        const worker = await group.worker(rank)
        assert.deepStrictEqual(await group.tell(worker, { do: 'answer' }), { rank, generation: 0, options: { failing: [Number.NaN, -1] } })
        assert.equal(worker.rank, rank)
        assert.ok(worker.title.startsWith(`worker ${rank} (`), worker.title)
      }
      assert.equal(group.cluster.starting, 0)
    })

    test('a worker that is killed is lost with that reason, says nothing more, and is replaced', async () => {
      await using group = await company(make(), { workers: 2 })
      const [worker, other] = [await group.worker(0), await group.worker(1)]
      const said = group.tell(worker, { do: 'answer' })
      worker.kill('too much memory')
      worker.kill('a second reason')
      await assert.rejects(said, /lost: too much memory/)
      assert.equal(await worker.lost, 'too much memory')
      assert.equal(worker.memory, undefined)
      const next = await group.worker(0, 1)
      assert.deepStrictEqual(await group.tell(next, { do: 'answer' }), { rank: 0, generation: 1, options: {} })
      assert.equal((await group.tell(other, { do: 'answer' })).generation, 0)
    })

    test('a program that fails, or ends, loses its worker with the reason; it is replaced', async () => {
      await using group = await company(make())
      const first = await group.worker(0)
      group.order(first, { do: 'throw' })
      assert.match(await first.lost, /it was told to throw$/)
      const second = await group.worker(0, 1)
      group.order(second, { do: 'return' })
      assert.match(await second.lost, /has ended/)
      await group.worker(0, 2)
    })

    test('what is thrown where nobody can catch it ends only its worker', { skip: own }, async () => {
      await using group = await company(make())
      const first = await group.worker(0)
      group.order(first, { do: 'throw later' })
      assert.match(await first.lost, /it was told to throw later$/)
      await group.worker(0, 1)
    })

    test('a program that always fails before it says a word is given up; the others go on', async () => {
      await using group = await company(make(), { workers: 2, attempts: 2, options: { failing: [1] } })
      const [[rank, reason] = []] = await group.givenUp(1)
      assert.equal(rank, 1)
      assert.match(reason as string, /rank 1 was made to fail/)
      // The other may take longer to come than this one to fail twice.
      const other = await group.worker(0)
      assert.equal(group.cluster.starting, 0)
      await group.tell(other, { do: 'answer' })
    })

    test('a module that is missing, throws, or is no program is given up with that reason', async () => {
      const modules: [string, RegExp][] = [
        ['file:///nowhere/program.ts', /nowhere.program\.ts is no worker program.*Cannot find module/],
        ['data:text/javascript,throw new TypeError("no luck")', /no luck/],
        ['data:text/javascript,export const program = 1', /no worker program.*default export/],
      ]
      await Promise.all(
        modules.map(async ([url, reason]) => {
          await using group = await company(make(), { attempts: 1, program: new URL(url) })
          const [[, said] = []] = await group.givenUp(1)
          assert.match(said as string, reason)
        }),
      )
    })

    test('a worker that is asked to go has time to save what it does', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tutti-engine-'))
      try {
        const file = join(folder, 'saved')
        const group = await company(make(), { options: { save: file } })
        const worker = await group.worker(0)
        await group[Symbol.asyncDispose]()
        assert.equal(await readFile(file, 'utf8'), '0')
        assert.match(await worker.lost, /driver/)
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    test('a worker that throws because it was asked to go has not failed', async () => {
      const group = await company(make(), { options: { abort: true } })
      await group.worker(0)
      await group[Symbol.asyncDispose]()
      assert.deepEqual(group.output, [])
    })

    test('a cluster can be disposed of at once, and twice', async () => {
      const group = await company(make(), { workers: 2 })
      await Promise.all([group[Symbol.asyncDispose](), group[Symbol.asyncDispose]()])
      await group[Symbol.asyncDispose]()
    })

    test('what a worker writes is told in whole lines, with its rank', { skip: own }, async () => {
      await using group = await company(make(), { workers: 2 })
      for (const rank of [0, 1]) await group.tell(await group.worker(rank), { do: 'print', text: `I am ${rank}\nand my ` })
      for (const rank of [0, 1]) await group.tell(await group.worker(rank), { do: 'print', text: 'last line is é' })
      await group[Symbol.asyncDispose]()
      for (const rank of [0, 1]) {
        const lines = group.output.filter(([from]) => from === rank).map(([, text]) => text)
        assert.ok(lines.every((text) => text.endsWith('\n')))
        assert.equal(lines.join(''), `I am ${rank}\nand my last line is é\n`)
      }
    })

    test('a process that is killed is noticed and replaced; its memory is known while it lives', { skip: process }, async () => {
      await using group = await company(make())
      const worker = await group.worker(0)
      assert.ok((worker.memory as number) > 10e6 && (worker.memory as number) < 1e9, `${worker.memory} bytes`)
      globalThis.process.kill(pidOf(worker.title), 'SIGKILL')
      assert.equal(await worker.lost, 'SIGKILL')
      await group.tell(await group.worker(0, 1), { do: 'answer' })
    })

    test("a process that exits by itself says with which code; Ctrl-C is the driver's affair", { skip: process }, async () => {
      await using group = await company(make())
      const worker = await group.worker(0)
      globalThis.process.kill(pidOf(worker.title), 'SIGINT')
      await group.tell(worker, { do: 'print', text: 'Warning: nothing\nRangeError: the last words\n' })
      group.order(worker, { do: 'exit', code: 7 })
      assert.equal(await worker.lost, 'exit code 7: RangeError: the last words')
      await group.worker(0, 1)
    })
  })
}

function pidOf(title: string): number {
  return Number(/\(process (\d+)( on [^)]+)?\)/.exec(title)?.[1])
}

function alive(pid: number): boolean {
  try {
    globalThis.process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
