import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'

/** A request as it arrived. */
export interface ReceivedRequest {
  method: string
  /** Path and query. */
  url: string
  /** Name, value, name, value: in the order and case of the wire. */
  rawHeaders: string[]
  headers: IncomingHttpHeaders
  body: Buffer
  /** When it had arrived, on the monotonic clock. */
  at: number
}

export interface Answer {
  /** @default 200 */
  status?: number
  /** As an object, or flat (name, value, name, value) when order and repeats matter. */
  headers?: Record<string, string | string[]> | string[]
  body?: string | Uint8Array
  /**
   * `answer` sends it all. `hang` sends nothing. `reset` breaks the connection at once with a TCP reset.
   * `close` sends head and body but promises one byte more and closes. `drip` sends head and body, then a byte
   * every `everyMs`, for ever.
   * @default 'answer'
   */
  how?: 'answer' | 'hang' | 'reset' | 'close' | 'drip'
  /** @default 20 */
  everyMs?: number
}

/** Decides the answer. `index` counts requests from 0. */
export type Handler = (request: ReceivedRequest, index: number) => Answer | Promise<Answer>

export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  url: string
  port: number
  requests: ReceivedRequest[]
  /** How many connections were made to it. */
  readonly connections: number
  /** Resolves when at least `count` requests have arrived. */
  waitForRequests(count: number): Promise<ReceivedRequest[]>
  stop(): Promise<void>
}

/** A receiver of HTTP requests on loopback. Without a handler it answers 200 with an empty body. */
export async function startReceiver(handler: Handler = () => ({})): Promise<Receiver> {
  const requests: ReceivedRequest[] = []
  const arrivals = new Arrivals()
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    receive(incoming)
      .then(async (request) => {
        const index = requests.push(request) - 1
        arrivals.set(requests.length)
        answer(response, await handler(request, index))
      })
      // The sender went away, or the handler threw: either way there is nobody to answer.
      .catch(() => incoming.socket.destroy())
  })
  const listening = await listen(server)
  return {
    ...listening,
    requests,
    get connections() {
      return listening.sockets.total
    },
    async waitForRequests(count) {
      await arrivals.wait(count)
      return requests
    },
    [Symbol.asyncDispose]: listening.stop,
  }
}

export interface RawReceiver extends AsyncDisposable {
  url: string
  port: number
  readonly connections: number
  /** Everything that arrived, on all connections together. */
  readonly received: string
  /** Resolves when at least `count` connections were made. */
  waitForConnections(count: number): Promise<void>
  stop(): Promise<void>
}

/**
 * Speaks whatever bytes a test likes.
 *
 * @param onRequest - called for each connection when the first bytes have arrived; without it nothing is answered
 * @param onConnection - called for each connection when it is made
 */
export async function startRawReceiver(
  onRequest: (socket: Socket) => void = () => {},
  onConnection: (socket: Socket) => void = () => {},
  at: { host?: string; port?: number } = {},
): Promise<RawReceiver> {
  const arrivals = new Arrivals()
  const received: string[] = []
  const server = createTcpServer((socket) => {
    socket.on('data', (bytes) => received.push(bytes.toString('latin1')))
    socket.once('data', () => onRequest(socket))
    onConnection(socket)
  })
  const listening = await listen(server, at)
  server.on('connection', () => arrivals.set(listening.sockets.total))
  return {
    ...listening,
    get connections() {
      return listening.sockets.total
    },
    get received() {
      return received.join('')
    },
    waitForConnections: (count) => arrivals.wait(count),
    [Symbol.asyncDispose]: listening.stop,
  }
}

async function listen(server: Server, { host = '127.0.0.1', port: wanted = 0 } = {}) {
  const open = new Set<Socket>()
  const sockets = { total: 0 }
  server.on('connection', (socket) => {
    sockets.total++
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    for (const socket of open) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { url: `http://${host}:${port}`, port, sockets, stop }
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = '', url = '', rawHeaders, headers } = incoming
  return { method, url, rawHeaders, headers, body: Buffer.concat(chunks), at: performance.now() }
}

function answer(response: ServerResponse, { status = 200, headers = {}, body = '', how, everyMs = 20 }: Answer): void {
  if (how === 'hang') return
  if (how === 'reset') return void response.socket?.resetAndDestroy()
  if (how === 'close') {
    response.writeHead(status, {
      ...(headers as Record<string, string>),
      'content-length': Buffer.byteLength(body) + 1,
    })
    response.write(body)
    response.socket?.end()
    return
  }
  response.writeHead(status, headers as Record<string, string>)
  if (how !== 'drip') return void response.end(body)
  response.write(body)
  const timer = setInterval(() => response.write('.'), everyMs)
  response.on('close', () => clearInterval(timer))
}

/** Lets others wait for a number to be reached. */
class Arrivals {
  #count = 0
  #waiting: { count: number; resolve: () => void }[] = []

  set(count: number): void {
    this.#count = count
    for (const { resolve } of this.#waiting.filter((each) => each.count <= count)) resolve()
    this.#waiting = this.#waiting.filter((each) => each.count > count)
  }

  wait(count: number): Promise<void> {
    if (count <= this.#count) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ count, resolve }))
  }
}
