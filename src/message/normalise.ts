import { checkKeys, checkObject } from '../check/check.ts'
import { Hidden, hidden, InvalidInputError, isRequeuestError, reasonOf } from '../errors.ts'
import { type ReadBody, readBody, readJson } from './body.ts'
import { checkHeaders, type HeaderProblem } from './headers.ts'
import type { HeadersInput, HttpRequestParts, RenderRequest, SpawnInput } from './input.ts'
import type { HeaderPairs, Message } from './message.ts'
import { checkMethod, methodForbidsBody } from './method.ts'
import { checkRendererName, rendererUrl } from './rendering.ts'
import { checkUrl } from './url.ts'

type Line = Pick<Message, 'method' | 'url'>

/** Turns any form of request into what is stored, at once unless a stream is to be read. What cannot be sent is refused here. */
export function normalise(field: string, input: SpawnInput, maxBodyBytes: number): Message | Promise<Message> {
  try {
    const message = read(field, input, maxBodyBytes)
    return message instanceof Promise ? message.catch((cause) => refuse(field, input, cause)) : message
  } catch (cause) {
    return refuse(field, input, cause)
  }
}

function refuse(field: string, input: SpawnInput, cause: unknown): never {
  if (isRequeuestError(cause)) throw cause
  // A getter or an iterator of the caller's threw, or a buffer is detached.
  throw new InvalidInputError(field, hidden(input), `readable (${reasonOf(cause)})`, { cause })
}

function read(field: string, input: SpawnInput, maxBodyBytes: number): Message | Promise<Message> {
  if (typeof input === 'string' || input instanceof URL) return withBytes(field, head(field, 'GET', input), [], null)
  if (input instanceof Request) {
    const { method, url, headers, body } = input
    const line = head(field, method, url)
    return withBody(field, line, [...headers], body && readBody(`${field}.body`, body, maxBodyBytes))
  }
  checkObject(field, input, 'a URL, a Request or an object such as { method, url, headers, body }')
  if ('render' in input) return readRender(field, input, maxBodyBytes)
  checkKeys(field, input, ['method', 'url', 'headers', 'body', 'json'])
  const { method = 'GET', url, headers = [] } = input
  const line = head(field, method, url)
  return withBody(field, line, readHeaders(`${field}.headers`, headers), readContent(field, input, maxBodyBytes))
}

function readRender(field: string, input: RenderRequest, maxBodyBytes: number): Message {
  checkKeys(field, input, ['render', 'args'])
  const { render, args } = input
  const url = rendererUrl(checkRendererName(`${field}.render`, render))
  const body = args === undefined ? null : readJson(`${field}.args`, args, maxBodyBytes).bytes
  return { method: 'GET', url, headers: [], body }
}

function head(field: string, method: string, url: string | URL): Line {
  const href = normaliseUrl(field, url)
  const checkedMethod = checkMethod(method)
  if (!checkedMethod.ok)
    throw new InvalidInputError(`${field}.method`, method, `an HTTP method (${checkedMethod.reason})`)
  return { method: checkedMethod.method, url: href }
}

/** The URL as it is stored: encoded, without its fragment. */
export function normaliseUrl(field: string, url: string | URL): string {
  const checked = checkUrl(url instanceof URL ? url.href : url)
  if (!checked.ok)
    throw new InvalidInputError(`${field}.url`, showUrl(url), `an absolute http or https URL (${checked.reason})`)
  const { href } = checked.url
  const hash = href.indexOf('#')
  return hash < 0 ? href : href.slice(0, hash)
}

/** Header lines as they are stored. */
export function normaliseHeaders(field: string, headers: HeadersInput): HeaderPairs {
  const pairs = readHeaders(`${field}.headers`, headers)
  const problem = checkHeaders(pairs)
  if (problem) throw headerError(field, pairs, problem)
  return pairs
}

/** What may be a URL without what may be a password or a token, however misspelt. */
function showUrl(url: unknown): unknown {
  if (typeof url !== 'string' && !(url instanceof URL)) return url
  const text = String(url)
  const [scheme = ''] = /^[a-z]+:\/+/i.exec(text) ?? []
  const [before = '', after, ...more] = text.split('@')
  if (after === undefined) return withoutQuery(text)
  const isPlain = more.length === 0 && withoutQuery(before) === before
  return isPlain ? `${scheme}(hidden)@${withoutQuery(after)}` : `${scheme}(hidden)`
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*/s, '?(hidden)')
}

function readContent(field: string, input: HttpRequestParts, maxBytes: number): ReadBody | Promise<ReadBody> | null {
  const { body, json } = input
  // `json: undefined` is a value that went missing, not a request without a body.
  if (!Object.hasOwn(input, 'json')) return body == null ? null : readBody(`${field}.body`, body, maxBytes)
  if (body != null) throw new InvalidInputError(`${field}.json`, hidden(json), 'omitted when `body` is given')
  return readJson(`${field}.json`, json, maxBytes)
}

function withBody(
  field: string,
  line: Line,
  headers: HeaderPairs,
  body: ReadBody | Promise<ReadBody> | null,
): Message | Promise<Message> {
  return body instanceof Promise
    ? body.then((read) => withBytes(field, line, headers, read))
    : withBytes(field, line, headers, body)
}

function withBytes(field: string, line: Line, headers: HeaderPairs, body: ReadBody | null): Message {
  if (body !== null && methodForbidsBody(line.method)) {
    throw new InvalidInputError(`${field}.body`, body.bytes, `omitted: ${line.method} has none`)
  }
  const hasType = headers.some(([name]) => typeof name === 'string' && name.toLowerCase() === 'content-type')
  const pairs: HeaderPairs = body?.contentType && !hasType ? [...headers, ['content-type', body.contentType]] : headers
  const problem = checkHeaders(pairs)
  if (problem) throw headerError(field, pairs, problem)
  return { method: line.method, url: line.url, headers: pairs, body: body?.bytes ?? null }
}

function headerError(field: string, pairs: HeaderPairs, { index, name, problem }: HeaderProblem): InvalidInputError {
  if (index < 0)
    return new InvalidInputError(`${field}.headers`, new Hidden(`${pairs.length} of them`), `sendable: ${problem}`)
  // Of a line that was given as a name, the value is not shown.
  const [shown = ''] = name.split(':')
  return new InvalidInputError(`${field}.headers[${index}]`, shown, `a header that can be sent: ${problem}`)
}

function readHeaders(field: string, headers: unknown): HeaderPairs {
  if (typeof headers !== 'object' || headers === null)
    throw new InvalidInputError(field, hidden(headers), 'pairs [name, value], an object or Headers')
  const entries: Iterable<unknown> =
    Symbol.iterator in headers ? (headers as Iterable<unknown>) : Object.entries(headers)
  const pairs: HeaderPairs = []
  let index = 0
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2)
      throw new InvalidInputError(`${field}[${index}]`, hidden(entry), 'a pair [name, value]')
    const [name, value] = entry as [string, unknown]
    if (Array.isArray(value)) for (const one of value) pairs.push([name, one])
    else pairs.push([name, value as string])
    index++
  }
  return pairs
}
