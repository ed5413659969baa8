import { RequeuestError } from '../errors.ts'
import type { HeaderPairs, StoredContent } from '../message/message.ts'
import { isSealed, open, seal } from './envelope.ts'
import type { KeyRing } from './keys.ts'

/** What is encrypted: everything in a message that may be a secret. */
export interface Content {
  headers: HeaderPairs | null
  body: Uint8Array | null
}

/** Names a row, so that what is sealed for it opens nowhere else. */
export type RowName = `request/${string}` | `attempt/${string}/${number}` | `schedule/${string}`

export const requestRow = (id: string): RowName => `request/${id}`

export const attemptRow = (requestId: string, number: number): RowName => `attempt/${requestId}/${number}`

export const scheduleRow = (name: string): RowName => `schedule/${name}`

/** Headers and bodies on their way into the database and out of it. Without keys they stay as they are. */
export class Vault {
  readonly #ring: KeyRing | null

  constructor(ring: KeyRing | null) {
    this.#ring = ring
  }

  /** The ids of the keys that are there, but not the one that new rows get. */
  get oldKeys(): string[] {
    return [...(this.#ring?.keys.keys() ?? [])].filter((id) => id !== this.#ring?.current)
  }

  seal(row: RowName, { headers, body }: Content): StoredContent {
    const key = this.#ring?.keys.get(this.#ring.current)
    if (!this.#ring || !key || (headers === null && body === null)) return { headers, body, encryptionKey: null }
    const sealed = headers && seal(key, `${row}/headers`, Buffer.from(JSON.stringify(headers)))
    return {
      headers: sealed && Buffer.from(sealed).toString('base64'),
      body: body && seal(key, `${row}/body`, body),
      encryptionKey: this.#ring.current,
    }
  }

  /**
   * The row with its contents as they were before they were sealed.
   *
   * @throws {@link RequeuestError} as `open` does
   */
  read<R extends StoredContent>(row: RowName, stored: R): R & Content {
    if (stored.encryptionKey === null && !seemsSealed(stored)) return stored as R & Content
    return { ...stored, ...this.open(row, stored) }
  }

  /** @throws {@link RequeuestError} with code `encryption_key_missing` or `decryption_failed` */
  open(row: RowName, { headers, body, encryptionKey }: StoredContent): Content {
    // A row that was written by hand may hold anything here, which is for the sender to check.
    if (encryptionKey === null) {
      if (seemsSealed({ headers, body })) throw keyTakenAway(row)
      return { headers: headers as HeaderPairs | null, body }
    }
    const key = this.#ring?.keys.get(encryptionKey)
    if (!key) throw keyMissing(row, encryptionKey)
    try {
      return {
        headers: headers && JSON.parse(String(Buffer.from(open(key, `${row}/headers`, fromBase64(headers))))),
        body: body && open(key, `${row}/body`, body),
      }
    } catch (cause) {
      throw failed(row, encryptionKey, cause)
    }
  }
}

function seemsSealed({ headers, body }: Pick<StoredContent, 'headers' | 'body'>): boolean {
  return (body !== null && isSealed(body)) || (typeof headers === 'string' && isSealed(Buffer.from(headers, 'base64')))
}

function keyTakenAway(row: RowName): RequeuestError {
  const message = `The row ${row} is encrypted, but its encryption_key is empty: write the id of its key there again.`
  return new RequeuestError('decryption_failed', message)
}

function fromBase64(headers: unknown): Uint8Array {
  if (typeof headers !== 'string') throw new Error('the headers are not encrypted')
  return Buffer.from(headers, 'base64')
}

function keyMissing(row: RowName, key: string): RequeuestError {
  const message = `The row ${row} is encrypted with the key ${JSON.stringify(key)}: add it to \`encryption.keys\`.`
  return new RequeuestError('encryption_key_missing', message)
}

function failed(row: RowName, key: string, cause: unknown): RequeuestError {
  const message =
    `The row ${row} cannot be decrypted: it was changed, or the key ${JSON.stringify(key)} is not the one that it ` +
    'was encrypted with.'
  return new RequeuestError('decryption_failed', message, { cause })
}
