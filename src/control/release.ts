import { inTransactionOfCaller } from '../store/caller.ts'
import type { Database } from '../store/database.ts'
import { type PrismaTransactionLike, withOpenTransaction } from '../store/db.ts'
import { releaseLine, unblockLine } from '../store/lines.ts'
import { type LineTarget, resolveLine } from './target.ts'

/** Releases a held line. Returns its channel, and whether it was held. */
export async function release(
  db: Database,
  target: LineTarget,
  tx: PrismaTransactionLike | undefined,
): Promise<{ channel: string; wasHeld: boolean }> {
  const { channel, orderKey } = resolveLine(target)
  const open = async (into: PrismaTransactionLike) => {
    const held = await releaseLine(into, channel, orderKey)
    await unblockLine(into, channel, orderKey)
    return held.length > 0
  }
  const wasHeld = await inTransactionOfCaller(db, tx, (into) => (tx ? open(into) : withOpenTransaction(db, open)))
  return { channel, wasHeld }
}
