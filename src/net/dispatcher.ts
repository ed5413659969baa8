import { Agent, type buildConnector, Client, type Dispatcher, Pool } from 'undici'
import { guardedConnector } from './connect.ts'
import { createResolve, type Resolve } from './lookup.ts'
import type { NetworkRules } from './rules.ts'

/** Where a connection leads. */
export interface Peer {
  remoteAddress: string | null
}

/** What `dispatch` is given besides the usual: whom to tell by which connection the request will go. */
export interface TracedOptions extends Dispatcher.DispatchOptions {
  onPeer(peer: Peer): void
}

export interface DispatcherOptions {
  rules: NetworkRules
  /** How many connections one origin may have; further requests wait for one. */
  connectionsPerOrigin?: number | undefined
  /** Stands in for the system's resolver in tests. */
  resolve?: Resolve | undefined
  /** The certificate to trust instead of the usual ones, for tests. */
  ca?: string | undefined
}

/**
 * The one way out. All requests of one set of rules share it, because a connection that was vetted under other
 * rules must not be used again. There are no proxies, no retries, no redirects and no pipelining.
 */
export function createDispatcher(options: DispatcherOptions): Agent {
  const { rules, connectionsPerOrigin = 64, resolve = createResolve(), ca } = options
  const limits: Pool.Options = {
    connections: connectionsPerOrigin,
    pipelining: 1,
    maxHeaderSize: 32_768,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
    // One deadline around everything is kept by the exchange: these would not see a dripping body or endless 1xx.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  return new Agent({
    factory: (origin) => {
      const connect = guardedConnector(new URL(origin), rules, resolve, ca)
      return new Pool(origin, {
        ...limits,
        factory: (url, inherited) => new TracedClient(url, inherited, connect),
      })
    },
  })
}

/** A client has one connection at a time, so it knows where the requests that it sends go. */
class TracedClient extends Client {
  readonly #peer: Peer

  constructor(origin: URL, options: Client.Options, connect: buildConnector.connector) {
    const peer: Peer = { remoteAddress: null }
    super(origin, {
      ...options,
      connect: (target, callback) => {
        peer.remoteAddress = null
        connect(target, (...result) => {
          peer.remoteAddress = result[1]?.remoteAddress ?? null
          callback(...result)
        })
      },
    })
    this.#peer = peer
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    ;(options as TracedOptions).onPeer(this.#peer)
    return super.dispatch(options, handler)
  }
}
