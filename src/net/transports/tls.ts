import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { realClock } from '../../core/clock.ts'
import { fail, failBecause, messageOf } from '../../core/errors.ts'
import { type Certificate, fingerprint, fingerprintOf, selfSigned } from '../certificate.ts'
import type { Address, Transport } from '../connection.ts'
import type { PlaceOptions } from '../options.ts'
import { readAddress, readPlaces, writePlace } from '../place.ts'
import { acceptSockets, dialSocket } from '../socket.ts'
import { closed, listeningAt, peerOf } from './server.ts'

export interface TlsOptions extends PlaceOptions {
  /** Certificate and private key, as PEM. Without it each listener makes one of its own. */
  readonly certificate?: Certificate
}

/**
 * TCP within TLS 1.3: between machines, where others can read or change what travels. The address names the SHA-256 of the one
 * certificate that callers accept, whoever signed it and whatever it says, so there is nothing to install; they tell nobody else
 * even who they are.
 *
 * @example `tls({ host: '0.0.0.0', advertise: 'driver.example' })` tells callers 'tls:driver.example:40613/5feceb66…'
 */
export function tls(options: TlsOptions = {}): Transport {
  const { bind, reach, told } = readPlaces('the transport tls', options, ['certificate'])
  return {
    name: 'tls',
    summary: 'TLS 1.3, with a certificate that the address names: between machines',
    reach,
    async listen(listen) {
      const certificate = options.certificate ?? selfSigned(realClock.now())
      const pin = fingerprintOf(certificate.cert)
      const secureContext = contextOf(certificate)
      const server = createServer()
      const strangers = acceptSockets(server, listen, peerOf, (socket) => new TLSSocket(socket, { isServer: true, secureContext }))
      const port = await listeningAt(server, bind)
      return {
        address: `tls:${writePlace(told(port))}/${pin}`,
        async [Symbol.asyncDispose]() {
          strangers.stop()
          closed(server)
        },
      }
    },
    async dial(address, dial) {
      const form = 'tls:HOST:PORT/FINGERPRINT'
      const { host, port, rest } = readAddress(address, form)
      if (!/^[0-9a-f]{64}$/i.test(rest)) throw fail('NET_ADDRESS', address, `It must be '${form}', with the SHA-256 of the certificate`)
      // The certificate is checked by hand: it is the pinned one, or none.
      const open = () => connect({ host, port, minVersion, rejectUnauthorized: false })
      return await dialSocket(address, open, dial, (socket) => checkPin(socket, address, rest.toLowerCase()))
    },
  }
}

const minVersion = 'TLSv1.3'

/** @throws NET_CERTIFICATE */
function contextOf({ cert, key }: Certificate): SecureContext {
  try {
    return createSecureContext({ cert, key, minVersion })
  } catch (error) {
    throw failBecause(error, 'NET_CERTIFICATE', messageOf(error))
  }
}

/** Waits until the other side has shown its certificate. @throws NET_REFUSED; what the socket failed with, where nobody shows one */
async function checkPin(socket: TLSSocket, address: Address, pin: string): Promise<void> {
  try {
    await once(socket, 'secureConnect')
  } catch (error) {
    if (isProtocol(error)) throw failBecause(error, 'NET_REFUSED', address, `no TLS 1.3 answers there (${messageOf(error)})`)
    throw error
  }
  const shown = fingerprint(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0))
  if (shown !== pin)
    throw fail('NET_REFUSED', address, `it shows another certificate, of SHA-256 ${shown}, than the one that the address names`)
}

/** What OpenSSL says of somebody who speaks, but not this; in contrast to what may work in a moment. */
const isProtocol = (error: unknown) => /^(EPROTO|ERR_SSL_)/.test(String((error as NodeJS.ErrnoException).code))
