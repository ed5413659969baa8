import type { ExchangeResult } from '../net/exchange.ts'
import { failureMessage } from '../net/failure.ts'
import { withDefaultHeaders } from '../net/outgoing.ts'
import { type Reach, type Token, unauthorized } from './tokens.ts'

export interface ClientCredentials {
  url: URL
  clientId: string
  clientSecret: string
  scope: string | undefined
}

const TIMEOUT_MS = 15_000

/**
 * Asks for a token with the client's own credentials (RFC 6749 section 4.4). They go into the `Authorization` header, which
 * every server has to understand (section 2.3.1). Of what the server answers, only its error code is told.
 */
export async function requestToken(reach: Reach, credentials: ClientCredentials): Promise<Token> {
  const { url, clientId, clientSecret, scope } = credentials
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) })
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')
  const headers: [string, string][] = [
    ['authorization', `Basic ${basic}`],
    ['content-type', 'application/x-www-form-urlencoded'],
    ['accept', 'application/json'],
  ]
  const lines = withDefaultHeaders(headers, crypto.randomUUID())
  return readToken(await reach({ url, method: 'POST', headers: lines, body: Buffer.from(String(form)) }, TIMEOUT_MS))
}

/** As RFC 6749 appendix B spells it. */
function formEncoded(text: string): string {
  return String(new URLSearchParams([['', text]])).slice(1)
}

function readToken({ error, status, body }: ExchangeResult): Token {
  if (error) throw unauthorized(`the token endpoint cannot be reached: ${failureMessage(error)}`)
  const answer = parse(body.kept ?? new Uint8Array())
  if (status !== 200) {
    const code = typeof answer['error'] === 'string' && /^[a-z_]{1,40}$/.test(answer['error']) ? answer['error'] : null
    throw unauthorized(`the token endpoint answered ${status}${code === null ? '' : ` (${code})`}`)
  }
  const { access_token: value, token_type: type, expires_in: expiresIn } = answer
  if (typeof value !== 'string') throw unauthorized('the token endpoint answered without an access token')
  // RFC 6749 section 7.1: a client must not use a type that it does not understand.
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw unauthorized('the token endpoint gave a token that is no bearer token')
  // Some servers give the number as a text.
  const seconds = typeof expiresIn === 'object' ? Number.NaN : Number.parseFloat(String(expiresIn))
  return { value, lifeMs: seconds >= 0 ? seconds * 1000 : null }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return {}
  }
}
