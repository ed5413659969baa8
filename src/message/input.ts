/** What {@link Requeuest.spawn} takes as header lines. Order and repeated names are kept. */
export type HeadersInput =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[]>>

/** What can be sent as a body, byte for byte. A stream is read whole, up to `maxBodyBytes`. */
export type BodyInput =
  | string
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | FormData
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>

/** Header lines and a body, which is either `body` or `json`. */
export interface HttpRequestInit {
  /** Header lines. `idempotency-key`, `user-agent` and `accept-encoding` are added unless they are given here. */
  headers?: HeadersInput
  /**
   * The body. For a string, `URLSearchParams`, `FormData` or `Blob` the content type is set as `fetch` does, unless
   * `headers` names one.
   */
  body?: BodyInput
  /** A value to send as JSON. Sets the content type to `application/json` unless `headers` names one. */
  json?: unknown
}

/** A request in parts. */
export interface HttpRequestParts extends HttpRequestInit {
  /** @default 'GET' */
  method?: string
  /** An absolute http or https URL without user and password. */
  url: string | URL
}

/** A request: parts, a URL (which is a GET), or a WHATWG `Request`, whose body is read whole. */
export type HttpRequestInput = string | URL | HttpRequestParts | Request

/** A request that is made when it is sent, by the worker's renderer of that name. */
export interface RenderRequest {
  /** The name of a renderer: lower-case letters, digits, `.`, `_` and `-`. */
  render: string
  /** What the renderer is given, by way of JSON. It is stored as a body, and encrypted as one. @default null */
  args?: unknown
}

/** What can be spawned: a request, or the name of the renderer that makes it when it is sent. */
export type SpawnInput = HttpRequestInput | RenderRequest

/** Not by spreading, which takes V8 ten times as long. */
const make = (method: string, url: string | URL, init: HttpRequestInit = {}): HttpRequestParts =>
  Object.assign({}, init, { method, url })

/** Makers of requests by method: `http.post(url, { json })`. */
export const http = {
  /** A GET request. */
  get: (url: string | URL, init?: HttpRequestInit): HttpRequestParts => make('GET', url, init),
  /** A HEAD request. */
  head: (url: string | URL, init?: HttpRequestInit): HttpRequestParts => make('HEAD', url, init),
  /** A POST request. */
  post: (url: string | URL, init?: HttpRequestInit): HttpRequestParts => make('POST', url, init),
  /** A PUT request. */
  put: (url: string | URL, init?: HttpRequestInit): HttpRequestParts => make('PUT', url, init),
  /** A PATCH request. */
  patch: (url: string | URL, init?: HttpRequestInit): HttpRequestParts => make('PATCH', url, init),
  /** A DELETE request. */
  delete: (url: string | URL, init?: HttpRequestInit): HttpRequestParts => make('DELETE', url, init),
} as const
