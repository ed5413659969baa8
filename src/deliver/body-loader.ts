import type { ClaimedRequest } from '../policy/request.ts'
import { Batcher, type Waiting } from '../runtime/batcher.ts'
import { selectContents, withContent } from '../store/contents.ts'
import { type PrismaClientLike, withDatabaseErrors } from '../store/db.ts'

/** Bytes after which a statement reads no further body: on its way out of the database each is copied several times. */
const READ_BYTES = 524_288
/** Statements under way: the database has the next ready while this process reads what came. */
const READS = 2

/** Bytes of bodies that are held at once, read or sent. Of those larger than `READ_BYTES`, half as much. */
const HELD_BYTES = 268_435_456

/** Reads bodies that are too large to be claimed with their requests, each when it is to be sent, several in a statement. */
export class BodyLoader {
  readonly #db: PrismaClientLike
  readonly #reads: Batcher<ClaimedRequest, ClaimedRequest | null>
  #heldBytes = 0

  constructor(db: PrismaClientLike) {
    this.#db = db
    const terms = { lanes: () => READS, weight: READ_BYTES, weigh: ({ unreadBytes }: ClaimedRequest) => unreadBytes }
    this.#reads = new Batcher(terms, (batch) => this.#read(batch))
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
    return this.#reads.add(claim)
  }

  async #read(batch: readonly Waiting<ClaimedRequest, ClaimedRequest | null>[]): Promise<void> {
    const ids = batch.map(({ item }) => item.id)
    const rows = await withDatabaseErrors(() => selectContents(this.#db, ids))
    const byId = new Map(rows.map((row) => [row.id, row]))
    for (const { item, resolve } of batch) {
      const row = byId.get(item.id)
      resolve(row ? withContent(item, row) : null)
    }
  }
}
