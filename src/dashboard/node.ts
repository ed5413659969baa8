import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'

/** A handler for Node's http, Connect, Express and Fastify. Addresses outside of the dashboard go to `next`, if there is one. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void

type Handle = (request: Request, native: unknown) => Promise<Response>

/** What frameworks add to Node's request. */
interface Extended extends IncomingMessage {
  /** The whole address, where a framework has taken away the part that it matched. */
  originalUrl?: string
  /** Parsed, where a framework has consumed the body already. */
  body?: unknown
}

/** Serves Node's requests. Those for addresses outside of `basePath` go to `next`. */
export function toNodeHandler(handle: Handle, basePath: string): NodeHandler {
  return (incoming: Extended, outgoing, next) => {
    const address = incoming.originalUrl ?? incoming.url ?? '/'
    const [path] = address.split('?')
    if (next && path !== basePath && !path?.startsWith(`${basePath}/`)) return next()
    serve(handle, incoming, outgoing, address).catch((error) => {
      if (next && !outgoing.headersSent) next(error)
      else outgoing.destroy()
    })
  }
}

async function serve(handle: Handle, incoming: Extended, outgoing: ServerResponse, address: string): Promise<void> {
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const response = await handle(toRequest(incoming, address, gone.signal), incoming)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null || incoming.method === 'HEAD') outgoing.end()
  else await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing)
}

function toRequest(incoming: Extended, address: string, signal: AbortSignal): Request {
  const { method = 'GET', headers, socket } = incoming
  const scheme = (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http'
  const url = new URL(`${scheme}://${headers.host ?? 'localhost'}`)
  const [path = '/', query] = address.split(/\?(.*)/s)
  url.pathname = path
  url.search = query ?? ''
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const init = {
    method,
    headers: toHeaders(incoming),
    signal,
    ...(hasBody && { body: bodyOf(incoming), duplex: 'half' }),
  }
  return new Request(url, init as RequestInit)
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string)
  }
  return headers
}

/** The form that was sent, also where a framework has parsed it. */
function bodyOf(incoming: Extended): ReadableStream | URLSearchParams {
  const { body } = incoming
  if (!incoming.readableEnded || typeof body !== 'object' || body === null)
    return Readable.toWeb(incoming) as ReadableStream
  return new URLSearchParams(
    Object.entries(body).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)])),
  )
}
