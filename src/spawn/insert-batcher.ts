import type { Vault } from '../encryption/vault.ts'
import { type RequeuestError, twinOf } from '../errors.ts'
import { isDueNow, type NewRequest } from '../policy/request.ts'
import { Batcher, type Waiting } from '../runtime/batcher.ts'
import { isOfTheServer, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { insertRequests } from '../store/inserts.ts'
import { insertRequest } from '../store/requests.ts'
import { sealed } from './sealed.ts'

/** Statements under way at a time. More than one, so that one that gets stuck does not hold up the others. */
const LANES = 4
/** How long others wait for a statement that notifies: to notify as well they would have to wait for it in any case. */
const TELLING_MS = 50

/** The most that goes in one statement, which copies its bytes several times. */
const MOST = { size: 200, weight: 1_048_576 }

/**
 * Writes requests that are spawned at the same time with one statement. With `notify` the commit of the requests notifies other
 * processes, and there is one lane: in Postgres each commit that notifies waits for the one before. A stuck one does not hold up
 * the others for long.
 */
export class InsertBatcher {
  readonly #db: PrismaTransactionLike
  readonly #vault: Vault
  readonly #tells: boolean
  readonly #batcher: Batcher<NewRequest, boolean>
  #isTelling = false

  /** @param tells - whether other processes are to be told */
  constructor(db: PrismaTransactionLike, vault: Vault, tells: boolean) {
    this.#db = db
    this.#vault = vault
    this.#tells = tells
    const terms = {
      ...MOST,
      weigh: (row: NewRequest) => row.message.body?.byteLength ?? 0,
      lanes: () => (this.#isTelling ? 1 : LANES),
    }
    this.#batcher = new Batcher(terms, (batch) => this.#begin(batch))
  }

  /** Resolves when the request is committed. Returns whether other processes were notified of it. */
  insert(row: NewRequest): Promise<boolean> {
    return this.#batcher.add(row)
  }

  async #begin(batch: readonly Waiting<NewRequest, boolean>[]): Promise<void> {
    const isAlone = this.#batcher.underWay === 1
    this.#isTelling = this.#tells && isAlone && batch.some(({ item }) => isDueNow(item.placement))
    if (!this.#isTelling) return this.#write(batch, false)
    const goOn = () => {
      this.#isTelling = false
      this.#batcher.start()
    }
    const patience = setTimeout(goOn, TELLING_MS)
    await this.#write(batch, true)
    clearTimeout(patience)
    this.#isTelling = false
  }

  async #write(batch: readonly Waiting<NewRequest, boolean>[], tells: boolean): Promise<void> {
    try {
      await withDatabaseErrors(() => this.#statement(batch, tells))
      for (const { resolve } of batch) resolve(tells)
    } catch (error) {
      // One that Postgres refuses must not take the others with it, and nor must the telling.
      if ((batch.length > 1 || tells) && !isOfTheServer((error as RequeuestError).cause))
        await Promise.all(batch.map((one) => this.#write([one], false)))
      else for (const { reject } of batch) reject(twinOf(error as RequeuestError))
    }
  }

  #statement(batch: readonly Waiting<NewRequest, boolean>[], tells: boolean): PromiseLike<unknown> {
    const rows = batch.map(({ item }) => sealed(item, this.#vault))
    const [first] = rows
    return first && rows.length === 1
      ? insertRequest(this.#db, first, null, tells)
      : insertRequests(this.#db, rows, true, tells)
  }
}
