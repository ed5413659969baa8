import type { Socket } from 'node:net'
import { buildConnector } from 'undici/index.js'
import { portOf } from '../message/url.ts'
import { AddressBlockedError } from './guard/blocked.ts'
import { refusedByUrl, refusedUnresolved } from './guard/by-url.ts'
import { type Resolve, vettedLookup } from './guard/lookup.ts'
import type { NetworkRules } from './guard/rules.ts'
import type { HttpProxy, Transport } from './transport.ts'
import { openTunnel } from './tunnel.ts'

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Connects to one origin if the rules allow it. They are asked three times, because each layer has a gap that the
 * next one closes: Node looks up no literals; a lookup vets what it was told, not what is connected to; and only
 * the connected address is certain, but by then TLS has already spoken. Of what is behind a proxy, only the name and
 * literals can be judged.
 */
export function guardedConnector(
  origin: URL,
  rules: NetworkRules,
  { secureContext, proxy }: Transport,
  resolve: Resolve,
): buildConnector.connector {
  const port = portOf(origin)

  const refuseAddress = (host: string, address: string) => {
    const reason = rules.refuseAddress(host, port, address)
    return reason === null ? null : new AddressBlockedError(host, reason, address)
  }
  const refuse = proxy ? refusedUnresolved : refusedByUrl

  const connect = buildConnector({
    lookup: vettedLookup(resolve, refuseAddress),
    timeout: CONNECT_TIMEOUT_MS,
    autoSelectFamily: true,
    // Node's own 250 ms give up on a distant but healthy address as soon as there is another one to try.
    autoSelectFamilyAttemptTimeout: 1_000,
    // Said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED=0, set for something else, cannot switch it off.
    rejectUnauthorized: true,
    ...(secureContext && { secureContext }),
  })

  const connectDirectly: buildConnector.connector = (target, callback) => {
    connect(target, (error, socket) => {
      if (error) return callback(error, null)
      const { remoteAddress } = socket
      const failure = remoteAddress === undefined ? closedAtOnce() : refuseAddress(target.hostname, remoteAddress)
      if (!failure) return callback(null, socket)
      socket.destroy()
      callback(failure, null)
    })
  }
  const connectThrough = (proxy: HttpProxy): buildConnector.connector => {
    return (target, callback) => {
      openTunnel(proxy, `${origin.hostname}:${port}`, CONNECT_TIMEOUT_MS).then(
        (socket) => {
          if (origin.protocol === 'https:') connect({ ...target, httpSocket: socket as Socket }, callback)
          else callback(null, socket as Socket)
        },
        (error: Error) => callback(error, null),
      )
    }
  }
  const connectAllowed = proxy ? connectThrough(proxy) : connectDirectly

  return (target, callback) => {
    const refused = refuse(rules, target.hostname, port)
    if (refused) process.nextTick(callback, refused, null)
    else connectAllowed(target, callback)
  }
}

function closedAtOnce(): Error {
  return Object.assign(new Error('the connection was closed as soon as it was open'), { code: 'ECONNRESET' })
}
