import type { HeaderPairs } from '../message/message.ts'
import { checkUrl } from '../message/url.ts'
import type { OutgoingRequest } from './outgoing.ts'

/** Where a response sends its request on to: there, nowhere because that is refused, or (null) it does not. */
export type Redirection = { request: OutgoingRequest } | { refused: string } | null

export interface RedirectResponse {
  status: number | null
  headers: HeaderPairs | null
}

/** The only headers of the caller's that another origin gets: those that the body and the answer need. */
const KEPT_ACROSS_ORIGINS = ['accept', 'content-type']
const OF_THE_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type']

/**
 * Follows RFC 9110 section 15.4 and, where that leaves a choice, what browsers do: a 303, and a 301 or 302 that
 * answers a POST, make it a GET without body. Stricter than both: another origin gets none of the caller's
 * headers, since any of them may be a credential, and nothing goes from https to http.
 */
export function redirection(request: OutgoingRequest, response: RedirectResponse): Redirection {
  const { status, headers } = response
  if (status === null || ![301, 302, 303, 307, 308].includes(status)) return null
  const location = headers?.find(([name]) => name.toLowerCase() === 'location')?.[1]
  if (location === undefined) return null
  const target = resolveLocation(location, request.url)
  if (!target.ok) return { refused: `the redirect leads to no usable URL: ${target.reason}` }
  const { url } = target
  if (request.url.protocol === 'https:' && url.protocol === 'http:') {
    return { refused: 'the redirect leads from https to http' }
  }
  const asGet = status === 303 ? request.method !== 'HEAD' : request.method === 'POST' && status < 303
  const dropsBody = asGet || status === 303
  const kept = request.headers.filter(([name]) => {
    const lower = name.toLowerCase()
    if (dropsBody && OF_THE_BODY.includes(lower)) return false
    return url.origin === request.url.origin || KEPT_ACROSS_ORIGINS.includes(lower)
  })
  return {
    request: {
      url,
      method: asGet ? 'GET' : request.method,
      headers: kept,
      body: dropsBody ? null : request.body,
    },
  }
}

function resolveLocation(location: string, base: URL) {
  // Headers are read as latin1, but who puts more than ASCII into a Location means UTF-8.
  const text = Buffer.from(location, 'latin1').toString()
  if (!URL.canParse(text, base.href)) return { ok: false, reason: 'it cannot be parsed' } as const
  return checkUrl(new URL(text, base).href)
}
