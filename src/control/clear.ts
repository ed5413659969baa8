import { inTransaction, type PrismaClientLike } from '../store/db.ts'
import { cancelPending } from '../store/requests.ts'

const BATCH = 5000

/** Cancels pending requests batch by batch, so that no statement holds very many locks. Returns how many it were. */
export async function clear(
  db: PrismaClientLike,
  channels: string[] | null,
  onCancelled: (id: string) => void,
): Promise<number> {
  let cleared = 0
  for (;;) {
    const [rows] = await inTransaction(db, [cancelPending(db, channels, BATCH)])
    for (const { id } of rows) onCancelled(id)
    cleared += rows.length
    if (rows.length < BATCH) return cleared
  }
}
