import type { Requeuest } from '../requeuest.ts'

export type Stats = Awaited<ReturnType<typeof statsOf>>

/** All that `stats` shows. */
export async function statsOf({ inspect }: Requeuest, within: number) {
  return {
    channels: await inspect.channels(),
    failures: await inspect.failures({ within }),
    outcomes: await inspect.outcomes(),
    origins: await inspect.origins(),
    lines: await inspect.lines(),
  }
}
