import { redactUrl } from '../errors.ts'
import { unfold } from '../runtime/thrown.ts'
import { MAX_HEADER_BYTES } from './response-headers.ts'

/** What went wrong in an attempt, as it is recorded. */
export type FailureKind =
  | 'address_blocked'
  | 'auth_failed'
  | 'connection_refused'
  | 'connection_reset'
  | 'dns_error'
  | 'invalid_request'
  | 'network_error'
  | 'network_unreachable'
  | 'protocol_error'
  | 'proxy_error'
  | 'redirect_error'
  | 'render_failed'
  | 'signing_failed'
  | 'timeout'
  | 'tls_error'

const MAX_MESSAGE_LENGTH = 500

// The codes of Node's system, resolver and TLS errors, of undici (UND_ERR_*) and of its HTTP parser (HPE_*).
const KINDS: [FailureKind, RegExp][] = [
  ['address_blocked', /^ERR_REQUEUEST_ADDRESS_BLOCKED$/],
  ['proxy_error', /^ERR_REQUEUEST_PROXY$/],
  ['redirect_error', /^ERR_REQUEUEST_REDIRECT$/],
  ['auth_failed', /^ERR_REQUEUEST_AUTH$/],
  ['render_failed', /^ERR_REQUEUEST_RENDER$/],
  ['signing_failed', /^ERR_REQUEUEST_SIGNING$/],
  ['timeout', /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/],
  ['dns_error', /^(ENOTFOUND|ENODATA|ESERVFAIL|EAI_\w+)$/],
  ['connection_refused', /^ECONNREFUSED$/],
  ['connection_reset', /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET)$/],
  ['network_unreachable', /^(ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL)$/],
  [
    'tls_error',
    /^(ERR_(TLS|SSL|OSSL)_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_|PATH_LENGTH_|EPROTO$)/,
  ],
  [
    'protocol_error',
    /^(HPE_|HTTPParserError$|ERR_REQUEUEST_PROTOCOL$|UND_ERR_(HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH)$)/,
  ],
  ['invalid_request', /^(ERR_REQUEUEST_INVALID|UND_ERR_(INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH))$/],
]

/** What undici does not say well. */
const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_HEADERS_OVERFLOW', `its headers take more than ${MAX_HEADER_BYTES} bytes`],
  [
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    'it does not end where its content-length says, or has another fault after that header',
  ],
])

/** Sorts an error by the first code that it, or one that it stands for, is known by. */
export function failureKind(error: unknown): FailureKind {
  for (const { code, message } of unfold(error)) {
    // undici has one code for a broken connection and for a 100 or 101 that nobody asked for.
    if (code === 'UND_ERR_SOCKET' && /^bad (response|upgrade)$/.test(message)) return 'protocol_error'
    const kind = KINDS.find(([, codes]) => codes.test(code))
    if (kind) return kind[0]
  }
  return 'network_error'
}

/** What an error says, as Postgres can hold it and anyone may read it. */
export function failureMessage(error: unknown): string {
  const said = unfold(error).flatMap(({ code, message }) => MESSAGES.get(code) ?? (message || []))
  const isUnread = failureKind(error) === 'protocol_error'
  const context = isUnread ? 'the request was sent, but the answer cannot be read: ' : ''
  const text = redactUrl(context + [...new Set(said)].join('; ')).replace(/\p{Cc}+/gu, ' ')
  return wellFormed(wellFormed(text).slice(0, MAX_MESSAGE_LENGTH)) || 'unknown error'
}

function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd')
}
