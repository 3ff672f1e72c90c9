import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { realClock, virtualClock } from '../../src/core/clock.ts'

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
