import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'

const { DATABASE_URL, RECEIVER_URL } = process.env
if (!DATABASE_URL || !RECEIVER_URL) {
  console.error('Set DATABASE_URL to a migrated Postgres database and RECEIVER_URL to a running examples/receiver.ts.')
  process.exit(2)
}

// Prisma's adapter reads and writes times as if the session were in UTC, so the session has to be.
const adapter = new PrismaPg({ connectionString: DATABASE_URL, options: '-c timezone=UTC' })

/** The app's own Prisma client. */
export const prisma = new PrismaClient({ adapter })

/** Where the examples send their requests, without a slash at the end. */
export const receiver = RECEIVER_URL.replace(/\/$/, '')

/** The receiver is on this machine, which is blocked unless an option allows it. */
export const network = { allow: [new URL(receiver).host] }
