/** Ray's REST interface, called as Ray wants it, and what is not Ray told apart. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite, test } from 'node:test'
import { type RayJob, rayClient } from '../../../src/cluster/engines/ray/client.ts'
import { fakeRay, serveText } from './fake.ts'

const job: RayJob = {
  submission_id: 'tutti-1',
  entrypoint: 'exec python -m tutti_ray.manager',
  entrypoint_num_cpus: 0,
  runtime_env: { env_vars: { TUTTI_RAY: '{"address":"tcp:10.0.0.1:1","token":"t"}' } },
  metadata: {},
}

const code = (wanted: string, sentence: RegExp) => (error: Error & { code: string }) =>
  error.code === wanted && sentence.test(error.message)

suite("Ray's REST interface", () => {
  test('the version, and by which address Ray was reached', async () => {
    await using ray = await fakeRay()
    assert.deepEqual(await rayClient(ray.address).version(), { version: '2.60.0', local: '127.0.0.1' })
  })

  test('a package is uploaded once, and not made where it is there', async () => {
    await using ray = await fakeRay()
    const client = rayClient(ray.address)
    let made = 0
    const zip = async () => {
      made++
      return new Uint8Array(1000)
    }
    assert.deepEqual([await client.upload('_ray_pkg_a.zip', zip), await client.upload('_ray_pkg_a.zip', zip), made], [true, false, 1])
    assert.deepEqual(ray.calls, [
      'GET /api/packages/gcs/_ray_pkg_a.zip',
      'PUT /api/packages/gcs/_ray_pkg_a.zip',
      'GET /api/packages/gcs/_ray_pkg_a.zip',
    ])
  })

  test('a job from its submission to its end', async () => {
    await using ray = await fakeRay({ job: () => ({ status: 'FAILED', message: 'it failed', logs: 'last words' }) })
    const client = rayClient(ray.address)
    await client.submit(job)
    assert.deepEqual(await client.status('tutti-1'), { status: 'FAILED', message: 'it failed' })
    assert.equal(await client.logs('tutti-1'), 'last words')
    await client.stop('tutti-1')
    assert.equal(ray.calls.at(-1), 'POST /api/jobs/tutti-1/stop')
  })

  test('nothing is said that a browser would say, and the token where there is one', async () => {
    const seen: IncomingHttpHeaders[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers)
      request.resume()
      response.end(JSON.stringify({ ray_version: '2.60.0', submission_id: 'x' }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await rayClient(address, 'a token').submit(job)
    await rayClient(address).version()
    server.close()
    const names = seen.flatMap((headers) => Object.keys(headers)).filter((name) => name.startsWith('sec-') || name === 'origin')
    assert.deepEqual([names, seen.map(({ authorization }) => authorization)], [[], ['Bearer a token', undefined]])
  })

  test('what is wrong is said in a sentence', async () => {
    await using locked = await fakeRay({ token: 'right' })
    await assert.rejects(rayClient(locked.address).version(), code('RAY_TOKEN', /wants a token/))
    await assert.rejects(rayClient(locked.address, 'wrong').version(), code('RAY_TOKEN', /does not accept/))
    assert.equal((await rayClient(locked.address, 'right').version()).version, '2.60.0')
    for (const version of ['1.13.0', '2.9.3', 'nightly']) {
      await using old = await fakeRay({ version })
      const known = version !== 'nightly'
      await (known
        ? assert.rejects(rayClient(old.address).version(), code('RAY_VERSION', /2\.10 or newer/))
        : rayClient(old.address).version())
    }
    for (const text of ['<html>Grafana</html>', '{}', 'null', '[1]', '{"ray_version":2}', '']) {
      await using other = await serveText(text)
      await assert.rejects(rayClient(other.address).version(), code('RAY_NOT_RAY', /is not Ray's dashboard/))
      await assert.rejects(rayClient(other.address).status('x'), code('RAY_NOT_RAY', /is not Ray's dashboard/))
    }
    await using broken = await serveText('Traceback\nOSError: disk full', 500)
    await assert.rejects(rayClient(broken.address).submit(job), code('RAY_REFUSED', /500 to POST \/api\/jobs\/: OSError: disk full/))
    await assert.rejects(rayClient('http://127.0.0.1:1').version(), code('RAY_UNREACHABLE', /ECONNREFUSED/))
    for (const address of ['head:8265', 'ray://head:10001', 'http://user:word@head', '', 'http://'])
      assert.throws(() => rayClient(address), code('BAD_OPTION', /address of Ray's dashboard/))
  })
})
