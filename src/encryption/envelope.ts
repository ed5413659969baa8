import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** What is sealed says so itself: a row whose key was taken away by hand must not be read as if it were plain. */
const MARK = Buffer.from('\0requeuest\u0001', 'latin1')

/**
 * Encrypts with AES-256-GCM: a mark, nonce, ciphertext, tag. `place` says which column of which row it is for; it will not open
 * anywhere else.
 *
 * Each place has a key of its own, derived from `key` with HMAC-SHA-256. Random nonces allow 2^32 messages for one key
 * (NIST SP 800-38D section 8.3), which a busy queue writes in days.
 */
export function seal(key: Uint8Array, place: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, keyOf(key, place), nonce).setAAD(Buffer.from(place))
  return Buffer.concat([MARK, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The plain bytes. Throws when they are not what was sealed with this key for this place. */
export function open(key: Uint8Array, place: string, sealed: Uint8Array): Uint8Array {
  if (!isSealed(sealed)) throw new Error('it is not encrypted')
  const message = sealed.subarray(MARK.length)
  if (message.byteLength < NONCE_BYTES + TAG_BYTES) throw new Error('it is too short')
  const nonce = message.subarray(0, NONCE_BYTES)
  const tag = message.subarray(-TAG_BYTES)
  const decipher = createDecipheriv(CIPHER, keyOf(key, place), nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
  return Buffer.concat([decipher.update(message.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}

/** Whether these bytes are the result of {@link seal}. */
export function isSealed(bytes: Uint8Array): boolean {
  return MARK.equals(bytes.subarray(0, MARK.length))
}

function keyOf(key: Uint8Array, place: string): Uint8Array {
  return createHmac('sha256', key).update(`requeuest/1/${place}`).digest()
}
