import { checkHeaders } from '../message/headers.ts'
import type { HeaderPairs } from '../message/message.ts'
import { checkMethod } from '../message/method.ts'
import { checkUrl } from '../message/url.ts'
import { memoized } from '../runtime/memoize.ts'

const checkText = memoized(checkUrl)
const checkTarget = (url: unknown) => (typeof url === 'string' ? checkText(url) : checkUrl(url))

/** One HTTP request as it goes out. */
export interface OutgoingRequest {
  url: URL
  method: string
  headers: HeaderPairs
  body: Uint8Array | null
}

/** A body is kept as it came, and nobody could read a compressed one in the database. */
const UNCOMPRESSED: HeaderPairs[number] = ['accept-encoding', 'identity']
const USER_AGENT: HeaderPairs[number] = ['user-agent', 'requeuest/0']

/** Checks a request that may have been written by hand. Throws an error with the code that means: cannot be sent. */
export function prepareRequest(request: {
  url: string
  method: string
  headers: HeaderPairs | null
  body: Uint8Array | null
}): OutgoingRequest {
  const target = checkTarget(request.url)
  if (!target.ok) throw invalid(`the URL cannot be used: ${target.reason}`)
  const method = checkMethod(request.method)
  if (!method.ok) throw invalid(`the method cannot be used: ${method.reason}`)
  const wrong = checkHeaders(request.headers)
  if (wrong)
    throw invalid(`${wrong.index < 0 ? 'the headers' : `header ${wrong.index + 1}`} cannot be used: ${wrong.problem}`)
  return { url: target.url, method: method.method, headers: request.headers ?? [], body: request.body }
}

/** The headers with those added that the request does not have itself. */
export function withDefaultHeaders(headers: HeaderPairs, id: string): HeaderPairs {
  const lines = [...headers]
  if (!has(headers, 'idempotency-key')) lines.push(['idempotency-key', id])
  if (!has(headers, 'accept-encoding')) lines.push(UNCOMPRESSED)
  if (!has(headers, 'user-agent')) lines.push(USER_AGENT)
  return lines
}

function has(headers: HeaderPairs, lowerCased: string): boolean {
  return headers.some(([name]) => name.length === lowerCased.length && name.toLowerCase() === lowerCased)
}

function invalid(reason: string): Error {
  return Object.assign(new Error(reason), { code: 'ERR_REQUEUEST_INVALID' })
}
