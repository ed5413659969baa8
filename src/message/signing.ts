import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { HeaderPairs } from './message.ts'

/** Signs one message; gives the scheme and the signature in base64: `v1,…` or `v1a,…`. */
export type SigningKey = (content: readonly Uint8Array[]) => string

/** What a key must be, as the end of a sentence. */
export const KEY_FORMS =
  "'whsec_' and the base64 of 24 to 64 bytes, or 'whsk_' and the base64 of a private ed25519 key (32 or 64 bytes)"

/** The headers that a signature consists of. */
export const SIGNATURE_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

/** What PKCS #8 puts before the 32 bytes of an ed25519 key (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * Reads a key as Standard Webhooks writes it; null when it is none.
 *
 * @see https://www.standardwebhooks.com
 */
export function readSigningKey(text: unknown): SigningKey | null {
  if (typeof text !== 'string') return null
  const [, prefix, encoded = ''] = /^(whsec_|whsk_)(.*)$/s.exec(text) ?? []
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return null
  return prefix === 'whsec_' ? sharedKey(bytes) : privateKey(bytes)
}

/** The headers for one sending of a message. Several keys make several signatures, any of which a receiver may check. */
export function signatureHeaders(
  keys: readonly SigningKey[],
  id: string,
  atSeconds: number,
  body: Uint8Array | null,
): HeaderPairs {
  const timestamp = String(atSeconds)
  const content = [Buffer.from(`${id}.${timestamp}.`), body ?? new Uint8Array()]
  const values = [id, timestamp, keys.map((key) => key(content)).join(' ')]
  return SIGNATURE_HEADERS.map((name, index) => [name, values[index] as string])
}

function sharedKey(secret: Buffer): SigningKey | null {
  if (secret.length < 24 || secret.length > 64) return null
  return (content) => {
    const hmac = createHmac('sha256', secret)
    for (const part of content) hmac.update(part)
    return `v1,${hmac.digest('base64')}`
  }
}

/** The private half alone, or followed by the public one. */
function privateKey(bytes: Buffer): SigningKey | null {
  if (bytes.length !== 32 && bytes.length !== 64) return null
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, bytes.subarray(0, 32)]),
    format: 'der',
    type: 'pkcs8',
  })
  const publicHalf = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  if (bytes.length === 64 && !publicHalf.equals(bytes.subarray(32))) return null
  return (content) => `v1a,${sign(null, Buffer.concat(content), key).toString('base64')}`
}
