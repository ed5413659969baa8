import { isDueNow, type NewRequest } from '../core/request.ts'
import type { Vault } from '../encryption/vault.ts'
import { type RequeuestError, twinOf } from '../errors.ts'
import { isOfTheServer, type PrismaTransactionLike, withDatabaseErrors } from '../store/db.ts'
import { insertRequests } from '../store/inserts.ts'
import { insertRequest } from '../store/requests.ts'
import { sealed } from './sealed.ts'

/** Statements under way at a time. More than one, so that one that gets stuck does not hold up the others. */
const LANES = 4

/** So long others wait for a statement that tells other processes: to be told as well they would have to wait for it in any case. */
const TELLING_MS = 50

/** The most that goes in one statement, which copies its bytes several times. */
const GROUP = { size: 200, bytes: 1_048_576 }

interface Waiting {
  row: NewRequest
  resolve: (isTold: boolean) => void
  reject: (error: unknown) => void
}

/**
 * Writes requests that are spawned at the same time with one statement. None waits for company: what comes while the lanes
 * are full goes as soon as one is free, and all else at once. Where other processes are to be told, the commit of the request
 * tells them, and there is one lane: Postgres lets each commit that tells wait for the one before. One that gets stuck there
 * does not hold up the others for long.
 */
export class Together {
  readonly #db: PrismaTransactionLike
  readonly #vault: Vault
  readonly #tells: boolean
  #waiting: Waiting[] = []
  #underWay = 0
  #isTelling = false
  #isStarting = false

  /** @param tells - whether other processes are to be told */
  constructor(db: PrismaTransactionLike, vault: Vault, tells: boolean) {
    this.#db = db
    this.#vault = vault
    this.#tells = tells
  }

  /** Resolves when the request is committed. Says whether other processes have been told of it. */
  insert(row: NewRequest): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, resolve, reject })
      if (this.#isStarting) return
      this.#isStarting = true
      // After all that is spawned in this turn.
      queueMicrotask(() => this.#start())
    })
  }

  #start(): void {
    this.#isStarting = false
    while (this.#waiting.length > 0 && this.#underWay < LANES && !this.#isTelling) this.#begin(takeGroup(this.#waiting))
  }

  #begin(group: readonly Waiting[]): void {
    const tells = this.#tells && this.#underWay === 0 && group.some(({ row }) => isDueNow(row.placement))
    this.#underWay++
    this.#isTelling = tells
    const goOn = () => {
      this.#isTelling = false
      this.#start()
    }
    const patience = tells ? setTimeout(goOn, TELLING_MS) : undefined
    void this.#write(group, tells).then(() => {
      clearTimeout(patience)
      this.#underWay--
      goOn()
    })
  }

  async #write(group: readonly Waiting[], tells: boolean): Promise<void> {
    try {
      await withDatabaseErrors(() => this.#statement(group, tells))
      for (const { resolve } of group) resolve(tells)
    } catch (error) {
      // One that Postgres refuses must not take the others with it, and nor must the telling.
      if ((group.length > 1 || tells) && !isOfTheServer((error as RequeuestError).cause))
        await Promise.all(group.map((one) => this.#write([one], false)))
      else for (const { reject } of group) reject(twinOf(error as RequeuestError))
    }
  }

  #statement(group: readonly Waiting[], tells: boolean): PromiseLike<unknown> {
    const rows = group.map(({ row }) => sealed(row, this.#vault))
    const [first] = rows
    return first && rows.length === 1
      ? insertRequest(this.#db, first, null, tells)
      : insertRequests(this.#db, rows, true, tells)
  }
}

/** Takes out the first ones. */
function takeGroup(waiting: Waiting[]): Waiting[] {
  let bytes = 0
  const end = waiting.findIndex(({ row }, index) => {
    bytes += row.message.body?.byteLength ?? 0
    return index === GROUP.size || (index > 0 && bytes > GROUP.bytes)
  })
  return waiting.splice(0, end < 0 ? waiting.length : end)
}
