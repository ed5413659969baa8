import { checkKeys, checkObject, checkText } from '../check/check.ts'
import { hidden, InvalidInputError } from '../errors.ts'

/** Encryption of the headers and bodies of requests and responses in the database. */
export interface EncryptionOptions {
  /**
   * AES-256-GCM keys by ids of your choice: 32 random bytes each, or their base64. Keep every key with which rows are still
   * encrypted.
   */
  keys: Readonly<Record<string, string | Uint8Array>>
  /** Id of the key for new rows. Workers re-encrypt older rows with it in the background. */
  current: string
}

/** The keys that this installation has, by their ids. */
export interface KeyRing {
  /** The id of the key that new rows are encrypted with. */
  readonly current: string
  readonly keys: ReadonlyMap<string, Uint8Array>
}

const KEY_BYTES = 32
const MAX_ID_LENGTH = 100

/** @throws {@link InvalidInputError} if a key is invalid; the message does not show it */
export function resolveKeys(options: EncryptionOptions | undefined): KeyRing | null {
  if (options === undefined) return null
  const field = 'options.encryption'
  if (typeof options !== 'object' || options === null) {
    throw new InvalidInputError(field, hidden(options), 'an object such as { keys: { k1: … }, current: "k1" }')
  }
  checkKeys(field, options, ['keys', 'current'])
  checkObject(`${field}.keys`, options.keys, 'an object with a key for each id')
  const keys = new Map(Object.entries(options.keys).map(([id, key]) => [checkId(field, id), readKey(field, id, key)]))
  const { current } = options
  if (typeof current === 'string' && keys.has(current)) return { current, keys }
  throw new InvalidInputError(`${field}.current`, current, `one of the ids in keys (${[...keys.keys()].join(', ')})`)
}

function checkId(field: string, id: string): string {
  return checkText(`${field}.keys (an id)`, id, MAX_ID_LENGTH)
}

function readKey(field: string, id: string, key: unknown): Uint8Array {
  const bytes = typeof key === 'string' ? fromBase64(key) : key
  if (bytes instanceof Uint8Array && bytes.byteLength === KEY_BYTES) return new Uint8Array(bytes)
  const expected = `${KEY_BYTES} random bytes or their base64: \`openssl rand -base64 ${KEY_BYTES}\``
  throw new InvalidInputError(`${field}.keys.${id}`, hidden(key), expected)
}

/** Node passes over what is no base64, so that half a key would be taken for one. */
function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
