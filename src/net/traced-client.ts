import type { Socket } from 'node:net'
import { type buildConnector, Client, type Dispatcher } from 'undici/index.js'
import { exhaustedBy } from '../runtime/exhausted.ts'
import type { Connection, IdleConnections } from './idle.ts'
import { ResponseHead, readThrough } from './response-head.ts'
import type { ResponseHeaders } from './response-headers.ts'

/** Where a connection leads. */
interface Peer {
  remoteAddress: string | null
  /** What reads the headers that come from there. */
  readonly headers: ResponseHeaders
  /** What all that comes from there passes through first. */
  readonly head: ResponseHead
}

/** What `dispatch` is given besides the usual: where to put by which connection the request will go. */
export interface TracedOptions extends Dispatcher.DispatchOptions {
  peer: Peer | null
}

interface TracedClientParts {
  connect: buildConnector.connector
  headers: ResponseHeaders
  idle: IdleConnections
}

/** A client has one connection at a time, so it knows where the requests that it sends go, and when it is not used. */
export class TracedClient extends Client implements Connection {
  readonly #peer: Peer
  readonly #idle: IdleConnections
  #socket: Socket | undefined

  constructor(origin: URL, options: Client.Options, { connect, headers, idle }: TracedClientParts) {
    const peer: Peer = { remoteAddress: null, headers, head: new ResponseHead() }
    super(origin, {
      ...options,
      connect: (target, callback) => {
        peer.remoteAddress = null
        connect(target, (...result) => {
          const [error, socket] = result
          if (socket) this.#connected(socket)
          else if (exhaustedBy(error)) idle.closeAll()
          callback(...result)
        })
      },
    })
    this.#peer = peer
    this.#idle = idle
    this.on('drain', () => {
      if (this.#socket) idle.keep(this)
    })
    this.on('disconnect', () => {
      this.#socket = undefined
      idle.drop(this)
    })
  }

  #connected(socket: Socket): void {
    this.#socket = socket
    this.#peer.remoteAddress = socket.remoteAddress ?? null
    readThrough(socket, this.#peer.head)
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    ;(options as TracedOptions).peer = this.#peer
    this.#idle.drop(this)
    return super.dispatch(options, handler)
  }

  /** When there is something to send again there will be another connection. */
  disconnect(): void {
    this.#socket?.destroy()
  }
}
