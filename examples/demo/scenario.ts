import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { Requeuest, RequeuestOptions } from '../../src/index.ts'

/** A scenario of the demo. */
export interface Scenario extends AsyncDisposable {
  options: RequeuestOptions
  /** How many requests may be under way at once. */
  concurrency: number
  /** Spawns the requests, and passes the id of each to `spawned`. */
  spawn(app: App, spawned: (id: string, label: string) => void): Promise<void>
  /** Violated expectations, besides requests that were not delivered. */
  check(): string[]
  /** What to print if everything succeeded. */
  success: string
}

export interface App {
  prisma: PrismaClient
  requeuest: Requeuest
  channel: string
}
