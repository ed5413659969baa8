export type MethodCheck = { ok: true; method: string } | { ok: false; reason: string }

const MAX_METHOD_LENGTH = 32
const STANDARD = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'CONNECT', 'TRACE']

/** A token as RFC 9110 section 5.6.2 spells it: what methods and header names are made of. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Whether a request can be made with this method, which is returned as it is to be sent.
 *
 * Methods are case-sensitive (RFC 9110 section 9.1), so only the standard ones are upper-cased. CONNECT asks for
 * a tunnel (section 9.3.6) and TRACE echoes what was sent, credentials included (section 9.3.8).
 */
export function checkMethod(method: unknown): MethodCheck {
  if (typeof method !== 'string' || !TOKEN.test(method)) return { ok: false, reason: 'it is not an HTTP token' }
  if (method.length > MAX_METHOD_LENGTH)
    return { ok: false, reason: `it is longer than ${MAX_METHOD_LENGTH} characters` }
  const upper = method.toUpperCase()
  if (upper === 'CONNECT' || upper === 'TRACE') return { ok: false, reason: `${upper} is not a request to deliver` }
  return { ok: true, method: STANDARD.includes(upper) ? upper : method }
}

/**
 * Whether a body with this method is a mistake. undici would send one with any method; with HEAD it has no meaning,
 * may be taken for an attempt to smuggle a request, and costs the connection (RFC 9110 section 9.3.2).
 */
export function methodForbidsBody(method: string): boolean {
  return method === 'HEAD'
}
