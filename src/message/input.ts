/** Header lines, as pairs or as a record. Order and repeated names are kept. */
export type HeadersInput =
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[]>>

/** A request body, sent byte for byte. A stream is read to its end, up to `maxBodyBytes`. */
export type BodyInput =
  | string
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | FormData
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>

/** Headers and a body: `body` or `json`, not both. */
export interface HttpRequestInit {
  /** Request headers. `idempotency-key`, `user-agent` and `accept-encoding` are added unless they are given. @default none */
  headers?: HeadersInput
  /**
   * Request body. For a string, `URLSearchParams`, `FormData` or `Blob` the content type is set as by `fetch`, unless
   * `headers` has one. @default none
   */
  body?: BodyInput
  /** A value to send as JSON. Sets the content type to `application/json` unless `headers` has one. @default none */
  json?: unknown
}

/** A request in parts. */
export interface HttpRequestParts extends HttpRequestInit {
  /** HTTP method. @default 'GET' */
  method?: string
  /** An absolute http or https URL without user and password. */
  url: string | URL
}

/** A request: its parts, a URL (for a GET), or a WHATWG `Request`, whose body is read to its end. */
export type HttpRequestInput = string | URL | HttpRequestParts | Request

/** A request that the worker's renderer of that name makes at each attempt. */
export interface RenderRequest {
  /** Name of a renderer: lower-case letters, digits, `.`, `_` and `-`. */
  render: string
  /** Arguments of the renderer, as JSON. They are stored, and encrypted, like a body. @default null */
  args?: unknown
}

/** What can be spawned: a request, or a renderer with its arguments. */
export type SpawnInput = HttpRequestInput | RenderRequest

/** Not by spreading, which takes V8 ten times as long. */
const make = (method: string, url: string | URL, init: HttpRequestInit = {}): HttpRequestParts =>
  Object.assign({}, init, { method, url })

/** Builds request parts by method: `http.post(url, { json })`. */
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
