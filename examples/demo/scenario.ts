import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { Requeuest, RequeuestOptions } from '../../src/index.ts'

/** One thing that the demo can show. */
export interface Scenario extends AsyncDisposable {
  options: RequeuestOptions
  /** How many requests may be under way at once. */
  concurrency: number
  /** Spawns what shall be delivered, and names each request's id to `spawned`. */
  spawn(app: App, spawned: (id: string, label: string) => void): Promise<void>
  /** What went otherwise than it should, besides requests that were not delivered. */
  check(): string[]
  /** What to say when everything went as it should. */
  success: string
}

export interface App {
  prisma: PrismaClient
  requeuest: Requeuest
  channel: string
}
