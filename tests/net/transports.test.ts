import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as secure } from 'node:tls'
import { transports } from '../../src/net/index.ts'
import { transportConformance } from '../../src/net/testing/transports.ts'

const raw: Readonly<Record<string, (address: string) => Duplex>> = {
  unix: (address) => connect(address.slice('unix:'.length)),
  tcp: (address) => connect(Number(address.split(':')[2]), '127.0.0.1'),
  tls: (address) => secure({ port: Number((address.split(':')[2] as string).split('/')[0]), host: '127.0.0.1', rejectUnauthorized: false }),
}

for (const [name, make] of Object.entries(transports)) transportConformance(name, () => make(), { raw: raw[name] })
