import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { type ArrivalReport, Arrivals } from './arrivals.ts'
import { cert, key } from './certificate.ts'
import { answersDue, type Crowd, deathOf, delayOf, receiverOf } from './crowd.ts'
import { RequestReader } from './request-reader.ts'
import { serve } from './rpc.ts'

/** Which receivers of a crowd a process is. */
export interface Share {
  first: number
  count: number
}

/** A few of many receivers, each on a port of its own and behind TLS, that count every id that they have answered. */
const methods = {
  /** Listens, and returns the ports in the order of the receivers. */
  async open(crowd: Crowd, { first, count }: Share): Promise<number[]> {
    arrivals = new Arrivals(crowd.ids)
    due = (id) => (receiverOf(crowd, id) < first || receiverOf(crowd, id) >= first + count ? 0 : answersDue(crowd, id))
    receivers = Array.from({ length: count }, (_, index) => listen(first + index))
    await Promise.all(receivers.map(({ server }) => once(server, 'listening')))
    return receivers.map(({ server }) => (server.address() as AddressInfo).port)
  },
  /**
   * From now on those are dead that shall be. All connections are closed, as a worker of Requeuest closes its own when it
   * stops: nobody shall find them open who opened them to warm up.
   */
  die(): void {
    hasDied = true
    for (const { server, sockets, death } of receivers) {
      if (death === 'gone') server.close()
      for (const socket of sockets) socket.destroy()
    }
  },
  total: (): number => arrivals.total,
  report: (): ArrivalReport => arrivals.report(due),
}

export type ReceiversMethods = typeof methods

interface Receiver {
  server: Server
  sockets: Set<Socket>
  death: ReturnType<typeof deathOf>
}

let arrivals = new Arrivals(0)
let due: (id: number) => number = () => 0
let receivers: Receiver[] = []
let hasDied = false

function listen(number: number): Receiver {
  const sockets = new Set<Socket>()
  const death = deathOf(number)
  const server = createServer({ key, cert, noDelay: true }, (socket) => {
    const reader = new RequestReader((path) => {
      if (death === 'silent' && hasDied) return
      const id = Number(path.slice(1))
      const answer = arrivals.add(id) + 1 < due(id) ? refusal() : acceptance()
      setTimeout(() => socket.write(answer), delayOf(id))
    })
    socket.on('data', (chunk) => reader.read(chunk as Buffer))
    socket.on('error', () => socket.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  return { server, sockets, death }
}

const acceptance = () => response('200 OK', '')
const refusal = () => response('503 Service Unavailable', 'Retry-After: 1\r\n')

function response(status: string, header: string): string {
  return (
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n${header}` +
    `Date: ${new Date().toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\nok`
  )
}

serve(methods)
