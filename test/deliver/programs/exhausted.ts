import { subscribe } from 'node:diagnostics_channel'
import { closeSync, openSync } from 'node:fs'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest, type RequeuestError } from '../../../src/index.ts'

/** A worker whose process has no descriptor left for a while, and tells what became of its requests. */
const POOL = 4
/** Each of the six requests is tried twice. */
const TRIES = 12
const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string, max: POOL })
const prisma = new PrismaClient({ adapter })
const requeuest = new Requeuest(prisma, {
  network: { allow: ['127.0.0.1'] },
  breaker: { minRequests: 2 },
  retry: { backoff: { base: 10 } },
})
/** Connections that could not be opened. */
let refused = 0
const triedAgain = new Promise<void>((resolve) => {
  subscribe('undici:client:connectError', () => {
    if (++refused === TRIES) resolve()
  })
})
const codes: string[] = []
const exhausted = new Promise<void>((resolve) => {
  requeuest.on('error', ({ code }: RequeuestError) => {
    codes.push(code)
    resolve()
  })
})

await Promise.all(Array.from({ length: POOL }, () => prisma.$executeRaw`SELECT pg_sleep(0.2)`))
await requeuest.start({ channels: ['a'] })

const files: number[] = []
try {
  for (;;) files.push(openSync('/dev/null', 'r'))
} catch {}

const urls = [process.env['RECEIVER_URL'] as string, `http://localhost:${process.env['PORT']}/`]
const ids = await requeuest.spawnMany('a', [...urls, ...urls, ...urls])
await exhausted
await triedAgain
const failed = await prisma.httpAttempt.count()
const origins = await prisma.httpLimit.count()
for (const file of files) closeSync(file)

const results = await Promise.all(ids.map((id) => requeuest.waitFor(id, { timeout: 20_000 })))
await requeuest.stop()
const told = JSON.stringify({ failed, origins, codes, attempts: results.map(({ attempts }) => attempts) })
process.stdout.write(`${told}\n`, () => process.exit(0))
