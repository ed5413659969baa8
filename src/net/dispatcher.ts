import { Agent, type Dispatcher, Pool } from 'undici/index.js'
import { guardedConnector } from './connect.ts'
import type { Resolve } from './guard/lookup.ts'
import { createResolve } from './guard/resolve.ts'
import type { NetworkRules } from './guard/rules.ts'
import { IdleConnections } from './idle.ts'
import { MAX_HEADER_BYTES, ResponseHeaders } from './response-headers.ts'
import { TracedClient } from './traced-client.ts'
import type { Transport, Transports } from './transport.ts'

export interface DispatcherOptions {
  rules: NetworkRules
  transport?: Transport | undefined
  /** How many connections one origin may have; further requests wait for one. */
  connectionsPerOrigin?: number | undefined
  /** Stands in for the system's resolver in tests. */
  resolve?: Resolve | undefined
}

const DIRECT: Transport = { secureContext: null, proxy: null, keepAlive: true }

/** One for the process, since its descriptors are. */
const idle = new IdleConnections()

/**
 * The one way out. Requests of one set of rules and one transport share it, because a connection that was vetted
 * or made under others must not be used again. There are no retries, no redirects and no pipelining.
 */
export function createDispatcher(options: DispatcherOptions): Agent {
  const { rules, transport = DIRECT, connectionsPerOrigin = 64, resolve = createResolve() } = options
  idle.expect(connectionsPerOrigin)
  const limits: Pool.Options = {
    connections: connectionsPerOrigin,
    // Without pipelining there are one request and one answer at a time; 0 is undici's word for a connection for each.
    pipelining: transport.keepAlive ? 1 : 0,
    maxHeaderSize: MAX_HEADER_BYTES,
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
        factory: (url, inherited) => new TracedClient(url, inherited, { connect, headers, idle }),
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
