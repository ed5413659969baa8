import { attemptRow, type RowName, requestRow, scheduleRow, type Vault } from '../encryption/vault.ts'
import { RequeuestError } from '../errors.ts'
import type { StoredContent } from '../message/message.ts'
import { inTransaction, type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'
import {
  type EncryptedAttempt,
  type EncryptedRequest,
  type EncryptedSchedule,
  replaceAttemptContents,
  replaceRequestContents,
  replaceScheduleContents,
  selectAttemptsOfKey,
  selectRequestsOfKey,
  selectSchedulesOfKey,
} from '../store/encrypted.ts'

const BATCH = 100
const NIL = '00000000-0000-0000-0000-000000000000'

/**
 * Brings rows that are encrypted with an older key to the current one, in the order of their ids, so that one that
 * cannot be decrypted is skipped. Reading it throws an error that says why.
 */
export class Reencryption {
  readonly #db: PrismaClientLike
  readonly #vault: Vault
  readonly #requestsBehind = new Map<string, string | null>()
  readonly #schedulesBehind = new Map<string, string>()
  readonly #attemptsBehind = new Map<string, { requestId: string; number: number }>()

  constructor(db: PrismaClientLike, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** Rewrites one batch of each kind. Returns how many rows that were. Safe to run in any number of processes. */
  async runOnce(): Promise<number> {
    let rewritten = 0
    for (const key of this.#vault.oldKeys) {
      rewritten += (await this.#requests(key)) + (await this.#attempts(key)) + (await this.#schedules(key))
    }
    return rewritten
  }

  async #requests(key: string): Promise<number> {
    const behind = this.#requestsBehind.get(key) ?? null
    const rows = await withDatabaseErrors(() => selectRequestsOfKey(this.#db, key, behind, BATCH))
    this.#requestsBehind.set(key, rows.at(-1)?.id ?? null)
    const renewed = this.#renew<EncryptedRequest>(rows, (row) => requestRow(row.id))
    if (renewed.length === 0) return 0
    const [count] = await inTransaction(this.#db, [replaceRequestContents(this.#db, key, renewed)])
    return count
  }

  async #attempts(key: string): Promise<number> {
    const beginning = { requestId: NIL, number: 0 }
    const behind = this.#attemptsBehind.get(key) ?? beginning
    const rows = await withDatabaseErrors(() => selectAttemptsOfKey(this.#db, key, behind, BATCH))
    const { requestId, number } = rows.at(-1) ?? beginning
    this.#attemptsBehind.set(key, { requestId, number })
    const renewed = this.#renew<EncryptedAttempt>(rows, (row) => attemptRow(row.requestId, row.number))
    if (renewed.length === 0) return 0
    const [count] = await inTransaction(this.#db, [replaceAttemptContents(this.#db, key, renewed)])
    return count
  }

  async #schedules(key: string): Promise<number> {
    const behind = this.#schedulesBehind.get(key) ?? ''
    const rows = await withDatabaseErrors(() => selectSchedulesOfKey(this.#db, key, behind, BATCH))
    this.#schedulesBehind.set(key, rows.at(-1)?.name ?? '')
    const renewed = this.#renew<EncryptedSchedule>(rows, (row) => scheduleRow(row.name))
    if (renewed.length === 0) return 0
    const [count] = await inTransaction(this.#db, [replaceScheduleContents(this.#db, key, renewed)])
    return count
  }

  #renew<R extends StoredContent>(rows: readonly R[], nameOf: (row: R) => RowName): R[] {
    return rows.flatMap((row) => {
      try {
        return { ...row, ...this.#vault.seal(nameOf(row), this.#vault.open(nameOf(row), row)) }
      } catch (error) {
        if (error instanceof RequeuestError) return []
        throw error
      }
    })
  }
}
