import type { Content, RowName, Vault } from '../../../encryption/vault.ts'
import { isRequeuestError } from '../../../errors.ts'
import type { StoredContent } from '../../../message/message.ts'

/** Opens what a page may show, and remembers why it could not open the rest: the page is shown without it. */
export class PageVault {
  readonly #vault: Pick<Vault, 'open'>
  readonly #reveals: boolean
  readonly #problems = new Map<RowName, string>()

  /** @param reveals - whether what is encrypted may be decrypted */
  constructor(vault: Pick<Vault, 'open'>, reveals: boolean) {
    this.#vault = vault
    this.#reveals = reveals
  }

  open(row: RowName, stored: StoredContent): Content {
    if (stored.encryptionKey !== null && !this.#reveals)
      return this.#closed(row, 'It is encrypted, and this dashboard does not decrypt.')
    try {
      return this.#vault.open(row, stored)
    } catch (error) {
      if (!isRequeuestError(error)) throw error
      return this.#closed(row, error.message)
    }
  }

  /** Why the row's headers and body are not shown; undefined if they are. */
  problemOf(row: RowName): string | undefined {
    return this.#problems.get(row)
  }

  #closed(row: RowName, problem: string): Content {
    this.#problems.set(row, problem)
    return { headers: null, body: null }
  }
}
