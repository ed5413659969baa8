import type { ClaimedRequest } from '../core/request.ts'
import { selectContents, withContent } from '../store/contents.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

/** Bytes after which a statement reads no further body: on its way out of the database each is copied several times. */
const READ_BYTES = 524_288
/** Statements under way: the database has the next ready while this process reads what came. */
const READS = 2

/** Bytes of bodies that are held at once, read or sent. Of those larger than `READ_BYTES`, half as much. */
const HELD_BYTES = 268_435_456

interface Asked {
  claim: ClaimedRequest
  resolve: (whole: ClaimedRequest | null) => void
  reject: (error: unknown) => void
}

/** Reads bodies that are too large to be claimed with their requests, each when it is to be sent, several in a statement. */
export class Bodies {
  readonly #db: PrismaClientLike
  #asked: Asked[] = []
  #reads = 0
  #heldBytes = 0

  constructor(db: PrismaClientLike) {
    this.#db = db
  }

  /**
   * Keeps memory for the body of this claim until it is dropped, so that no number of large bodies fills all there is.
   *
   * @returns false when there is none now
   */
  hold({ unreadBytes }: ClaimedRequest): boolean {
    const most = unreadBytes > READ_BYTES ? HELD_BYTES / 2 : HELD_BYTES
    if (this.#heldBytes + unreadBytes > most) return false
    this.#heldBytes += unreadBytes
    return true
  }

  drop({ unreadBytes }: ClaimedRequest): void {
    this.#heldBytes -= unreadBytes
  }

  /** The claim with its body; null when the request was deleted meanwhile. */
  read(claim: ClaimedRequest): Promise<ClaimedRequest | null> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ claim, resolve, reject })
      // Those that start together are read together.
      queueMicrotask(() => this.#next())
    })
  }

  #next(): void {
    while (this.#reads < READS && this.#asked.length > 0) {
      this.#reads++
      void this.#read(this.#takeGroup()).finally(() => {
        this.#reads--
        this.#next()
      })
    }
  }

  #takeGroup(): Asked[] {
    let bytes = 0
    const end = this.#asked.findIndex(({ claim }) => {
      const isFull = bytes >= READ_BYTES
      bytes += claim.unreadBytes
      return isFull
    })
    return this.#asked.splice(0, end < 0 ? this.#asked.length : end)
  }

  /** Never rejects. */
  async #read(group: readonly Asked[]): Promise<void> {
    const ids = group.map(({ claim }) => claim.id)
    try {
      const rows = await withDatabaseErrors(() => selectContents(this.#db, ids))
      const byId = new Map(rows.map((row) => [row.id, row]))
      for (const { claim, resolve } of group) {
        const row = byId.get(claim.id)
        resolve(row ? withContent(claim, row) : null)
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
}
