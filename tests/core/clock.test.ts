import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { realClock, virtualClock } from '../../src/core/clock.ts'
import fc from '../laws.ts'

suite('virtual clock', () => {
  test('wakes what is due, in order of its time, and nothing else', async () => {
    const clock = virtualClock(100)
    const woken: [string, number][] = []
    const wake = (name: string) => () => void woken.push([name, clock.now()])
    clock.sleep(30).then(wake('c'))
    clock.sleep(10).then(wake('a'))
    clock.sleep(10).then(wake('b'))
    clock.sleep(31).then(wake('d'))
    await clock.advance(30)
    assert.deepEqual(woken, [
      ['a', 110],
      ['b', 110],
      ['c', 130],
    ])
    assert.equal(clock.now(), 130)
    await clock.advance(1)
    assert.equal(woken.length, 4)
  })

  test('what was woken may sleep again within the same advance', async () => {
    const clock = virtualClock()
    let laps = 0
    const run = async () => {
      for (; laps < 5; laps++) await clock.sleep(10)
    }
    const done = run()
    await clock.advance(49)
    assert.equal(laps, 4)
    await clock.advance(1)
    await done
  })

  test('every calls back until it is stopped', async () => {
    const clock = virtualClock()
    let calls = 0
    const timer = clock.every(10, () => calls++)
    await clock.advance(35)
    assert.equal(calls, 3)
    timer.stop()
    await clock.advance(100)
    assert.equal(calls, 3)
  })

  test('every may be stopped by its own callback', async () => {
    const clock = virtualClock()
    let calls = 0
    const timer = clock.every(10, () => {
      if (++calls === 2) timer.stop()
    })
    await clock.advance(100)
    assert.equal(calls, 2)
    await assert.rejects(clock.until(new Promise(() => undefined)), /nothing is due/, 'nothing of it is left')
    assert.equal(clock.now(), 100)
  })

  test('what takes turns of the event loop, however many, is done before the time moves on', async () => {
    const clock = virtualClock()
    const seen: number[] = []
    const chatter = async (turns: number) => {
      await clock.sleep(10)
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      seen.push(clock.now())
    }
    for (const turns of [0, 1, 2, 3, 50]) chatter(turns)
    clock.every(1, () => undefined)
    await clock.advance(20)
    assert.deepEqual(seen, [10, 10, 10, 10, 10])
  })

  test('until moves on to what it waits for, and no further', async () => {
    const clock = virtualClock(5)
    const late = clock.sleep(100)
    const value = await clock.until(clock.sleep(30).then(() => 'woken'))
    assert.equal(value, 'woken')
    assert.equal(clock.now(), 35)
    await clock.until(late)
    assert.equal(clock.now(), 105)
    await assert.rejects(clock.until(Promise.reject(new Error('mine'))), /mine/)
    await assert.rejects(clock.until(new Promise(() => undefined)), /nothing is due any more/)
  })

  test('what the program computes is charged to the time, where that is asked for', async () => {
    let computed = 0
    const clock = virtualClock(0, { charge: () => computed })
    const woken: number[] = []
    const work = async () => {
      for (let lap = 0; lap < 3; lap++) {
        await clock.sleep(10)
        woken.push(clock.elapsed())
        computed += 4
      }
    }
    await clock.until(work())
    assert.deepEqual(woken, [10, 24, 38])
  })

  test('many sleeps with one signal cost no more than few, and leave nothing with it', async () => {
    const clock = virtualClock()
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...about: unknown[]) => {
      listeners++
      return addEventListener.apply(signal, about as never)
    }
    signal.removeEventListener = (...about: unknown[]) => {
      listeners--
      return removeEventListener.apply(signal, about as never)
    }
    for (let lap = 0; lap < 20; lap++) await clock.until(clock.sleep(1, signal))
    assert.equal(listeners, 0)
  })

  test('a thousand sleepers of any lengths wake in order, those that were aborted do not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ length: fc.nat(50), abort: fc.boolean() }), { maxLength: 200 }), async (sleepers) => {
        const clock = virtualClock()
        const woken: [number, number][] = []
        const enough = new AbortController()
        sleepers.forEach(({ length, abort }, i) => {
          clock.sleep(length, abort ? enough.signal : undefined).then(
            () => woken.push([clock.now(), i]),
            () => undefined,
          )
        })
        enough.abort()
        await clock.advance(50)
        const expected = sleepers
          .map(({ length, abort }, i) => ({ length, abort, i }))
          .filter(({ abort }) => !abort)
          .sort((a, b) => a.length - b.length || a.i - b.i)
        assert.deepEqual(
          woken,
          expected.map(({ length, i }) => [length, i]),
        )
      }),
      { numRuns: 50 },
    )
  })
})

for (const [name, clock] of Object.entries({ real: realClock, virtual: virtualClock() })) {
  test(`${name} clock: a sleep that is aborted rejects with the signal's reason`, async () => {
    const controller = new AbortController()
    const sleep = clock.sleep(60_000, controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(sleep, /enough/)
    await assert.rejects(clock.sleep(60_000, controller.signal), /enough/)
  })
}

test('real clock: elapsed never goes back', () => {
  let before = realClock.elapsed()
  for (let i = 0; i < 1000; i++) {
    const now = realClock.elapsed()
    assert.ok(now >= before)
    before = now
  }
})
