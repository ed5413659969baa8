import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { isBelow } from './base-path.ts'

/** A handler for Node's http, Connect, Express and Fastify. Addresses outside of the dashboard go to `next`, if there is one. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void

type Handle = (request: Request, native: unknown) => Promise<Response>

/** What frameworks, and Node's HTTP/2, add to Node's request. */
interface Extended extends IncomingMessage {
  /** The whole address, where a framework has taken away the part that it matched. */
  originalUrl?: string
  /** Parsed, where a framework has consumed the body already. */
  body?: unknown
  /** The host that was asked for, where no header says it. */
  authority?: string
}

/** Serves Node's requests. Those for addresses outside of `basePath` go to `next`. */
export function toNodeHandler(handle: Handle, basePath: string): NodeHandler {
  return (incoming: Extended, outgoing, next) => {
    const address = addressOf(incoming)
    if (next && !isBelow(basePath, address.split('?')[0] as string)) return next()
    serve(handle, incoming, outgoing, address).catch((error) => {
      if (next && !outgoing.headersSent) next(error)
      else outgoing.destroy()
    })
  }
}

/** Path and query: proxies may be asked for `http://host/path`. */
function addressOf({ originalUrl, url }: Extended): string {
  return (originalUrl ?? url ?? '/').replace(/^https?:\/\/[^/?]*/i, '')
}

async function serve(handle: Handle, incoming: Extended, outgoing: ServerResponse, address: string): Promise<void> {
  if (incoming.method === 'TRACE') return void outgoing.writeHead(405).end()
  const gone = new AbortController()
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort()
  })
  const response = await handle(toRequest(incoming, address, gone.signal), incoming)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null || incoming.method === 'HEAD') outgoing.end()
  else await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing)
}

function toRequest(incoming: Extended, address: string, signal: AbortSignal): Request {
  const { method = 'GET', socket } = incoming
  const headers = toHeaders(incoming)
  const url = new URL(`${(socket as Partial<TLSSocket>).encrypted ? 'https' : 'http'}://localhost`)
  // Unlike the constructor these take what is no host or path as something else, and do not throw.
  url.host = headers.get('host') ?? ''
  const [path = '', query] = address.split(/\?(.*)/s)
  url.pathname = path
  url.search = query ?? ''
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const init = { method, headers, signal, ...(hasBody && { body: bodyOf(incoming), duplex: 'half' }) }
  return new Request(url, init as RequestInit)
}

function toHeaders({ rawHeaders, authority }: Extended): Headers {
  const headers = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // Those with a colon are HTTP/2's own.
    if (!name.startsWith(':')) headers.append(name, rawHeaders[index + 1] as string)
  }
  if (authority !== undefined && !headers.has('host')) headers.set('host', authority)
  return headers
}

/** The form that was sent, also where a framework has parsed it. */
function bodyOf(incoming: Extended): ReadableStream | URLSearchParams | Uint8Array<ArrayBuffer> | string {
  const { body } = incoming
  if (!incoming.readableEnded || body === undefined || body === null) return Readable.toWeb(incoming) as ReadableStream
  if (typeof body !== 'object') return String(body)
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>
  return new URLSearchParams(
    Object.entries(body).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)])),
  )
}
