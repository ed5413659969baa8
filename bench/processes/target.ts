import { createServer } from 'node:net'
import { type ArrivalReport, Arrivals } from './arrivals.ts'
import { RequestReader } from './request-reader.ts'
import { serve } from './rpc.ts'

/** How the target behaves during one run. */
export interface TargetTerms {
  /** How many ids there are, from 0. */
  ids: number
  /** Milliseconds before it answers. */
  delayMs: number
  /** It answers every n-th id with 500 the first time; 0 for none, 1 for all. */
  failEvery: number
  /** Bytes of each response's body. */
  responseBytes: number
}

/**
 * The loopback target that all systems send to: a process of its own that counts every id. It speaks HTTP over plain
 * sockets, since whatever it computes is taken from the systems under test.
 */
const methods = {
  /** Listens, and returns the port. */
  listen: (): Promise<number> =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    }),
  /** Forgets what came before. */
  reset(next: TargetTerms): void {
    terms = next
    arrivals = new Arrivals(next.ids)
    madeAt = 0
  },
  /** Resolves when that many requests have arrived, with the moment at which the last of them did. */
  reached: (count: number): Promise<number> => arrivals.reached(count),
  /** How many requests have arrived. */
  total: (): number => arrivals.total,
  /** How many of the ids have arrived, whether once or more often. */
  distinct: (): number => arrivals.distinct,
  report: (): ArrivalReport => arrivals.report((id) => (fails(id) ? 2 : 1)),
  firstMs: (): Float64Array => arrivals.firstMs,
}

export type TargetMethods = typeof methods

let terms: TargetTerms = { ids: 0, delayMs: 0, failEvery: 0, responseBytes: 0 }
let arrivals = new Arrivals(0)
let madeAt = 0
let made: { success: Buffer; failure: Buffer } = { success: Buffer.alloc(0), failure: Buffer.alloc(0) }

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader((path) => {
    const id = Number(path.slice(1))
    const before = arrivals.add(id)
    const response = before === 0 && fails(id) ? answers().failure : answers().success
    if (terms.delayMs > 0) setTimeout(() => socket.write(response), terms.delayMs)
    else socket.write(response)
  })
  socket.on('data', (chunk) => reader.read(chunk as Buffer))
  socket.on('error', () => socket.destroy())
})

function fails(id: number): boolean {
  return terms.failEvery > 0 && id % terms.failEvery === 0
}

/** Made once a second, since they tell the time. */
function answers(): typeof made {
  const second = Math.floor(Date.now() / 1000)
  if (second !== madeAt) {
    madeAt = second
    made = { success: answer('200 OK'), failure: answer('500 Internal Server Error') }
  }
  return made
}

/** The headers that Node's own server sends, so that a history has something to keep. */
function answer(status: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${terms.responseBytes}\r\n` +
      `Date: ${new Date().toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\n` +
      'x'.repeat(terms.responseBytes),
  )
}

serve(methods)
