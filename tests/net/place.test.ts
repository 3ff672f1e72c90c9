import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isOwn, readAddress, readPlace, writePlace } from '../../src/net/place.ts'
import fc from '../laws.ts'

const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain())
const port = fc.integer({ min: 1, max: 65535 })

suite('places', () => {
  test('what is written is read again, alone and within an address', () => {
    fc.assert(
      fc.property(host, port, (host, port) => {
        const text = writePlace({ host, port })
        assert.deepEqual(readPlace(text), { host, port })
        assert.deepEqual(readAddress(`tcp:${text}`, 'tcp:HOST:PORT'), { host, port, rest: '' })
        assert.deepEqual(readAddress(`tls:${text}/a:b/c`, 'tls:HOST:PORT/REST'), { host, port, rest: 'a:b/c' })
        assert.deepEqual(readPlace(host), { host, port: undefined })
      }),
    )
    assert.equal(writePlace({ host: '::1', port: 4711 }), '[::1]:4711')
    assert.deepEqual(readPlace('[::1]'), { host: '::1', port: undefined })
    assert.deepEqual(readPlace('fe80::1%eth0'), { host: 'fe80::1%eth0', port: undefined })
  })

  test('what is no place is refused, and an address says how it must look', () => {
    for (const text of [
      '',
      ':',
      ':80',
      'a:',
      'a:b',
      'a:65536',
      'a:-1',
      'a:1:2',
      '[a]:1',
      '[::1',
      '::1]:1',
      '[]:1',
      'a b:1',
      'http://a:1',
      'u@a:1',
      '1::2::3',
    ]) {
      assert.equal(readPlace(text), undefined, text)
    }
    for (const address of ['tcp:', 'tcp:a', 'tcp:a:0', 'tcp:::1:4711', 'tcp:a:1/x', 'tcp:a:1/']) {
      assert.throws(() => readAddress(address, 'tcp:HOST:PORT'), { code: 'NET_ADDRESS', message: /must be 'tcp:HOST:PORT'/ }, address)
    }
    assert.throws(() => readAddress('tls:a:1', 'tls:HOST:PORT/REST'), { code: 'NET_ADDRESS' })
  })

  test('only the loopback is a machine of its own', () => {
    for (const own of ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost']) assert.ok(isOwn(own), own)
    for (const other of ['0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1%eth0', 'example', '127.0.0.1.example']) {
      assert.ok(!isOwn(other), other)
    }
  })
})
