import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { freeMemory, memoryGate } from '../../src/cluster/index.ts'
import fc from '../laws.ts'

const MiB = 2 ** 20
/** A machine with these files. */
const machine = (files: Readonly<Record<string, string>>) => ({
  read: (path: string) => files[path],
  free: () => 777,
})
const meminfo = 'MemTotal:       16000000 kB\nMemFree:         100000 kB\nMemAvailable:   8000000 kB\n'
const available = 8_000_000 * 1024

suite('free memory', () => {
  test('of this machine is something', () => {
    assert.ok(freeMemory() > MiB && freeMemory() < 2 ** 50)
  })

  test('is what the machine has available, where no group limits it', () => {
    assert.equal(freeMemory(machine({})), 777)
    assert.equal(freeMemory(machine({ '/proc/meminfo': meminfo })), available)
    const unlimited = {
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '0::/user/app\n',
      '/sys/fs/cgroup/user/app/memory.max': 'max\n',
      '/sys/fs/cgroup/user/app/memory.current': '5000\n',
    }
    assert.equal(freeMemory(machine(unlimited)), available)
  })

  test('is what the groups allow, v2: the narrowest of all above, with the cache that can be dropped', () => {
    const files = {
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '0::/user/app\n',
      '/sys/fs/cgroup/user/app/memory.max': `${1000 * MiB}\n`,
      '/sys/fs/cgroup/user/app/memory.current': `${400 * MiB}\n`,
      '/sys/fs/cgroup/user/app/memory.stat': `anon 1\ninactive_file ${100 * MiB}\nactive_file 5\n`,
    }
    assert.equal(freeMemory(machine(files)), 700 * MiB)
    const above = { ...files, '/sys/fs/cgroup/user/memory.max': `${2000 * MiB}`, '/sys/fs/cgroup/user/memory.current': `${1900 * MiB}` }
    assert.equal(freeMemory(machine(above)), 100 * MiB)
    const over = { ...files, '/sys/fs/cgroup/user/app/memory.current': `${2000 * MiB}\n` }
    assert.equal(freeMemory(machine(over)), 0)
  })

  test("is what the groups allow, v1, and in a container whose path is the host's", () => {
    const files = {
      '/proc/meminfo': meminfo,
      '/proc/self/cgroup': '9:name=systemd:/x\n4:cpu,memory:/docker/abc\n0::/\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${1000 * MiB}`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${900 * MiB}`,
      '/sys/fs/cgroup/memory/memory.stat': `cache 7\ninactive_file 1\ntotal_inactive_file ${50 * MiB}\n`,
    }
    assert.equal(freeMemory(machine(files)), 150 * MiB)
    const none = { ...files, '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712' }
    assert.equal(freeMemory(machine(none)), available)
  })
})

suite('memory gate', () => {
  const gate = (free: number, expected = 100, reserve = 50) => memoryGate({ free: () => free, reserve, expected: () => expected })

  test('is open where nothing runs, and where all fits', () => {
    assert.equal(gate(0).waitsFor([]), undefined)
    assert.equal(gate(150).waitsFor([100]), undefined)
    assert.match(gate(149).waitsFor([100]) as string, /^waiting for memory: 149 B free, 150 B needed$/)
  })

  test('keeps what those who run have yet to grow, and counts what the worker already holds', () => {
    assert.equal(gate(150).waitsFor([100, 250]), undefined)
    assert.match(gate(239).waitsFor([10]) as string, /240 B needed/)
    assert.equal(gate(240).waitsFor([10]), undefined)
    assert.equal(gate(170).waitsFor([10], 70), undefined)
    assert.equal(gate(150).waitsFor([undefined]), undefined)
  })

  test('never lets in so many that, all grown, the reserve is touched', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.integer({ min: 1, max: 1000 }),
        fc.nat(1000),
        fc.array(fc.nat(1000)),
        (total, expected, reserve, growth) => {
          const held: number[] = []
          for (const bytes of growth) {
            const free = total - held.reduce((sum, each) => sum + each, 0)
            if (gate(free, expected, reserve).waitsFor(held) === undefined) held.push(Math.min(bytes, expected))
          }
          if (held.length > 1) assert.ok(total - held.length * expected >= reserve)
        },
      ),
    )
  })
})
