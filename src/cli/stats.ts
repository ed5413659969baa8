import { databaseClock } from './database-clock.ts'
import type { Session } from './session.ts'

export type Stats = Awaited<ReturnType<typeof statsOf>>

/** All that `stats` shows. */
export async function statsOf({ db, requeuest }: Pick<Session, 'db' | 'requeuest'>, within: number) {
  const { inspect } = requeuest
  return {
    at: new Date(await databaseClock(db)),
    channels: await inspect.channels(),
    failures: await inspect.failures({ within }),
    outcomes: await inspect.outcomes(),
    origins: await inspect.origins(),
    lines: await inspect.lines(),
  }
}
