import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { virtualClock } from '../../src/core/clock.ts'
import { memory } from '../../src/net/index.ts'
import { connected } from '../../src/net/testing/pair.ts'

suite('memory', () => {
  test('with no breath, all is delivered before the next macrotask', async () => {
    await using pair = await connected(memory({ breath: 0 }))
    let trips = 0
    pair.far.onMessage(({ body }) => pair.far.send(body))
    pair.near.onMessage(({ body }) => ++trips < 1000 && pair.near.send(body))
    pair.near.send('ping')
    await new Promise(setImmediate)
    assert.equal(trips, 1000)
  })

  test('two who talk without end leave the event loop its turns', async () => {
    await using pair = await connected(memory())
    let trips = 0
    pair.far.onMessage(({ body }) => pair.far.send(body))
    pair.near.onMessage(({ body }) => {
      // Else a failure would never end.
      if (++trips < 1e6) pair.near.send(body)
    })
    pair.near.send('ping')
    await new Promise((resolve) => setTimeout(resolve, 1))
    assert.ok(trips < 1e6)
  })

  test('messages between two moments of a virtual clock arrive between them', async () => {
    const clock = virtualClock()
    await using pair = await connected(memory({ breath: 0 }))
    const seen: [unknown, number][] = []
    pair.far.onMessage(({ body }) => {
      seen.push([body, clock.now()])
      void clock.sleep(10).then(() => pair.far.send(body))
    })
    pair.near.onMessage(({ body }) => seen.push([body, clock.now()]))
    pair.near.send('a')
    await clock.advance(5)
    pair.near.send('b')
    await clock.advance(100)
    assert.deepEqual(seen, [
      ['a', 0],
      ['b', 5],
      ['a', 10],
      ['b', 15],
    ])
  })

  test('refuses what is no breath', () => {
    for (const breath of [-1, 1.5, Number.NaN]) assert.throws(() => memory({ breath }), { code: 'BAD_OPTION' })
    assert.throws(() => memory({ breth: 1 } as never), { code: 'UNKNOWN_OPTION' })
  })
})
