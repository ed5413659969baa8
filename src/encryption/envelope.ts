import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts with AES-256-GCM: nonce, ciphertext, tag. `place` says which column of which row it is for; it will not open
 * anywhere else.
 *
 * Each place has a key of its own, derived from `key` with HMAC-SHA-256. Random nonces allow 2^32 messages for one key
 * (NIST SP 800-38D section 8.3), which a busy queue writes in days.
 */
export function seal(key: Uint8Array, place: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, keyOf(key, place), nonce).setAAD(Buffer.from(place))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The plain bytes. Throws when they are not what was sealed with this key for this place. */
export function open(key: Uint8Array, place: string, sealed: Uint8Array): Uint8Array {
  if (sealed.byteLength < NONCE_BYTES + TAG_BYTES) throw new Error('it is too short')
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const tag = sealed.subarray(-TAG_BYTES)
  const decipher = createDecipheriv(CIPHER, keyOf(key, place), nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}

function keyOf(key: Uint8Array, place: string): Uint8Array {
  return createHmac('sha256', key).update(`requeuest/1/${place}`).digest()
}
