import { Agent, type buildConnector, Client, type Dispatcher, Pool } from 'undici/index.js'
import { guardedConnector } from './connect.ts'
import { createResolve, type Resolve } from './lookup.ts'
import { ResponseHeaders } from './response-headers.ts'
import type { NetworkRules } from './rules.ts'
import type { Transport, Transports } from './transport.ts'

/** Where a connection leads. */
interface Peer {
  remoteAddress: string | null
  /** What reads the headers that come from there. */
  readonly headers: ResponseHeaders
}

/** What `dispatch` is given besides the usual: where to put by which connection the request will go. */
export interface TracedOptions extends Dispatcher.DispatchOptions {
  peer: Peer | null
}

export interface DispatcherOptions {
  rules: NetworkRules
  transport?: Transport | undefined
  /** How many connections one origin may have; further requests wait for one. */
  connectionsPerOrigin?: number | undefined
  /** Stands in for the system's resolver in tests. */
  resolve?: Resolve | undefined
}

const DIRECT: Transport = { secureContext: null, proxy: null }

/**
 * The one way out. Requests of one set of rules and one transport share it, because a connection that was vetted
 * or made under others must not be used again. There are no retries, no redirects and no pipelining.
 */
export function createDispatcher(options: DispatcherOptions): Agent {
  const { rules, transport = DIRECT, connectionsPerOrigin = 64, resolve = createResolve() } = options
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
      const connect = guardedConnector(new URL(origin), rules, transport, resolve)
      const headers = new ResponseHeaders()
      return new Pool(origin, {
        ...limits,
        factory: (url, inherited) => new TracedClient(url, inherited, connect, headers),
      })
    },
  })
}

/** A dispatcher for each transport, made when the first request needs it. */
export class Dispatchers {
  readonly #options: Omit<DispatcherOptions, 'transport'>
  readonly #transports: Transports
  readonly #made = new Map<Transport, Agent>()

  constructor(options: Omit<DispatcherOptions, 'transport'>, transports: Transports) {
    // One for all: the resolver asks once for whoever asks at the same time.
    this.#options = { resolve: createResolve(), ...options }
    this.#transports = transports
  }

  of(channel: string): Dispatcher {
    const transport = this.#transports.of(channel)
    const dispatcher = this.#made.get(transport) ?? createDispatcher({ ...this.#options, transport })
    this.#made.set(transport, dispatcher)
    return dispatcher
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#made.values()].map((dispatcher) => dispatcher.destroy()))
  }
}

/** A client has one connection at a time, so it knows where the requests that it sends go. */
class TracedClient extends Client {
  readonly #peer: Peer

  constructor(origin: URL, options: Client.Options, connect: buildConnector.connector, headers: ResponseHeaders) {
    const peer: Peer = { remoteAddress: null, headers }
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
    ;(options as TracedOptions).peer = this.#peer
    return super.dispatch(options, handler)
  }
}
