/** A worker that is killed while it fetches, as soon as the first bytes are written. Arguments: address, the driver's folder, cache. */
import { placing } from '../../../src/cluster/files/index.ts'
import { realClock } from '../../../src/core/clock.ts'
import { dialFrom, elsewhere } from './helpers.ts'

const [address = '', there = '', cache = ''] = process.argv.slice(2)
const files = placing({
  dial: () => dialFrom(address, there),
  cache,
  roots: [elsewhere],
  clock: realClock,
  say: () => process.kill(process.pid, 'SIGKILL'),
})
await files.place(`${elsewhere}/set`)
