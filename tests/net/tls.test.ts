import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import { createServer as createSecureServer, connect as secure } from 'node:tls'
import { fingerprintOf, selfSigned } from '../../src/net/certificate.ts'
import { dial, tcp, tls } from '../../src/net/index.ts'
import { magic } from '../../src/net/testing/byHand.ts'
import { collect, connected, token } from '../../src/net/testing/pair.ts'

const nobody = { token, accept: () => undefined }
const portOf = (address: string) => Number(/:(\d+)(\/|$)/.exec(address)?.[1])
const pinOf = (address: string) => address.split('/')[1] as string

/** A server of TCP that treats each caller in that way, and the code and sentence of who dials it with TLS. */
async function treated(treat: (socket: Socket) => unknown, patience: number): Promise<{ code: string; message: string }> {
  const server = createServer((socket) => void treat(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `tls:127.0.0.1:${(server.address() as AddressInfo).port}/${'0'.repeat(64)}`
  try {
    return await dial(address, { token, hello: null, patience }).then(() => assert.fail('connected'))
  } catch (error) {
    return error as { code: string; message: string }
  } finally {
    server.close()
  }
}

suite('tls', () => {
  test('the address names the certificate, which each listener makes for itself, or is given', async () => {
    await using first = await tls().listen(nobody)
    await using second = await tls().listen(nobody)
    assert.match(first.address, /^tls:127\.0\.0\.1:\d+\/[0-9a-f]{64}$/)
    assert.notEqual(pinOf(first.address), pinOf(second.address))
    const certificate = selfSigned(Date.now())
    await using pair = await connected(tls({ certificate }))
    assert.equal(pinOf(pair.listener.address), fingerprintOf(certificate.cert))
    await using told = await tls({ advertise: 'far.example:4711' }).listen(nobody)
    assert.match(told.address, /^tls:far\.example:4711\/[0-9a-f]{64}$/)
  })

  test('only the pinned certificate counts: neither who signed it nor whether its time has passed', async () => {
    const certificate = selfSigned(Date.UTC(2000, 0, 1))
    await using pair = await connected(tls({ certificate }))
    const received = collect(pair.far)
    pair.near.send('hello')
    await received.until(1)
    const upper = pair.listener.address.replace(/[0-9a-f]{64}$/, (pin) => pin.toUpperCase())
    const again = await dial(upper, { token, hello: null })
    again.close()
  })

  test('another certificate at the same port is refused at once, and gets not a byte', async () => {
    await using real = await tls().listen(nobody)
    const heard: Buffer[] = []
    // What the false listener can read is what comes after the TLS handshake.
    const { cert, key } = selfSigned(Date.now())
    const impostor = createSecureServer({ cert, key }, (socket) =>
      socket.on('error', () => undefined).on('data', (data) => heard.push(data)),
    )
    impostor.on('tlsClientError', () => undefined)
    impostor.listen(0, '127.0.0.1')
    await once(impostor, 'listening')
    const address = `tls:127.0.0.1:${(impostor.address() as AddressInfo).port}/${pinOf(real.address)}`
    const began = dial(address, { token, hello: null })
    await assert.rejects(began, {
      code: 'NET_REFUSED',
      message: new RegExp(`it shows another certificate, of SHA-256 ${fingerprintOf(cert)}, than the one that the address names`),
    })
    const all = Promise.withResolvers<void>()
    impostor.close(() => all.resolve())
    await all.promise
    assert.deepEqual(heard, [])
  })

  test('plain text, silence and older TLS end without harm', async () => {
    await using pair = await connected(tls(), { patience: 1000 })
    const port = portOf(pair.listener.address)
    const calls = ['GET / HTTP/1.1\r\n\r\n', magic, Buffer.alloc(100_000, 7), Buffer.of(0x16, 3, 1, 2, 0, 1, 0), ''].flatMap((text) => {
      const open = connect(port, '127.0.0.1')
      const half = connect(port, '127.0.0.1')
      if (text.length > 0) open.write(text)
      half.end(text)
      return [open, half]
    })
    const ended = (socket: Socket) =>
      new Promise((resolve) =>
        socket
          .on('error', () => undefined)
          .on('close', resolve)
          .resume(),
      )
    const old = secure({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
    await Promise.all([...calls, old].map(ended))
    assert.equal(old.getProtocol(), null)
    assert.equal(pair.accepted.length, 1)
    const received = collect(pair.far)
    pair.near.send('still here')
    await received.until(1)
  })

  test('who calls in the wrong way, plain or with TLS, learns it in a sentence', async () => {
    await using listener = await tls().listen(nobody)
    const plain = dial(`tcp:127.0.0.1:${portOf(listener.address)}`, { token, hello: null, patience: 100 })
    await assert.rejects(plain, { code: 'NET_UNREACHABLE', message: /where it listens with TLS, the address begins with 'tls:'/ })
    const speaks = await treated((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 5000)
    assert.equal(speaks.code, 'NET_REFUSED')
    assert.match(speaks.message, /no TLS 1\.3 answers there/)
    assert.equal((await treated((socket) => socket.end(), 100)).code, 'NET_UNREACHABLE')
    assert.equal((await treated(() => undefined, 100)).code, 'NET_UNREACHABLE')
    await using other = await tcp().listen(nobody)
    const crossed = dial(`tls:127.0.0.1:${portOf(other.address)}/${'0'.repeat(64)}`, { token, hello: null, patience: 1000 })
    await assert.rejects(crossed, { code: 'NET_UNREACHABLE', message: /before secure TLS connection/ })
  })

  test('nothing that is said can be read on the way', async () => {
    const secret = Buffer.alloc(2000, 'a secret that is sent')
    let seen = 0
    const wire: Buffer[] = []
    await using pair = await connected(tls())
    const between = createServer((near) => {
      const far = connect(portOf(pair.listener.address), '127.0.0.1')
      for (const [from, to] of [[near, far] as const, [far, near] as const]) {
        from
          .on('error', () => to.destroy())
          .on('data', (data) => {
            wire.push(data)
            seen += data.length
            to.write(data)
          })
        from.on('end', () => to.end())
      }
    })
    between.listen(0, '127.0.0.1')
    await once(between, 'listening')
    const address = `tls:127.0.0.1:${(between.address() as AddressInfo).port}/${pinOf(pair.listener.address)}`
    const near = await dial(address, { token, hello: 'a secret that is sent' })
    near.send(secret.toString(), secret)
    while (pair.accepted.length < 2) await new Promise(setImmediate)
    const received = collect(pair.accepted[1] as typeof pair.far)
    await received.until(1)
    near.close('that was it')
    await near.closed
    between.close()
    assert.ok(seen > 2 * secret.length)
    const all = Buffer.concat(wire)
    for (const word of ['a secret', magic, 'tutF', token]) assert.ok(!all.includes(word), String(word))
  })

  test('refuses certificates and addresses that are none', async () => {
    const [one, other] = [selfSigned(Date.now()), selfSigned(Date.now())]
    for (const certificate of [
      { cert: one.cert, key: other.key },
      { cert: 'x', key: one.key },
      { cert: one.cert, key: 'x' },
    ]) {
      await assert.rejects(tls({ certificate }).listen(nobody), (error: Error & { code: string }) => {
        return error.code === 'NET_CERTIFICATE' && !error.message.includes(certificate.key)
      })
    }
    assert.throws(() => tls({ cert: 'x' } as never), { code: 'UNKNOWN_OPTION' })
    for (const bad of ['tls:127.0.0.1:1', 'tls:127.0.0.1:1/', `tls:127.0.0.1:1/${'0'.repeat(63)}`, `tls:127.0.0.1/${'0'.repeat(64)}`]) {
      await assert.rejects(dial(bad, { token, hello: null }), { code: 'NET_ADDRESS', message: /'tls:HOST:PORT\/FINGERPRINT'/ })
    }
  })
})
