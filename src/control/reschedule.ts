import { checkDate } from '../check/check.ts'
import type { ChangeResult } from '../options/control.ts'
import { checkId } from '../options/spawn.ts'
import { inTransactionOfCaller } from '../store/caller.ts'
import { rescheduleRequest } from '../store/control.ts'
import type { Database } from '../store/database.ts'
import type { PrismaTransactionLike } from '../store/db.ts'

/** Makes a pending request due at another time. */
export async function reschedule(
  db: Database,
  id: string,
  runAt: Date,
  tx: PrismaTransactionLike | undefined,
  onChanged: (channel: string) => Promise<void>,
): Promise<ChangeResult> {
  const runAtMs = checkDate('runAt', runAt)
  const name = checkId(id)
  const [found] = await inTransactionOfCaller(db, tx, (into) => rescheduleRequest(into, name, runAtMs))
  if (found?.changed) await onChanged(found.channel)
  return { changed: found?.changed ?? false, state: found?.state ?? null }
}
