import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { http, Requeuest, statementName } from '../../src/index.ts'
import { A_MOMENT, openConnections } from './connections.ts'
import { bodyOf, CHANNEL, expectCount, idsOf, type OpenSystem, type System, type Terms, urlOf } from './system.ts'

const MOST_BYTES = 2 * 1024 * 1024

/** Set up as the README and the guide say; every attempt is recorded. */
export const openRequeuest: OpenSystem = (terms) => open(terms, true)

/** As well, but workers do not hear of spawns in other processes. */
export const openRequeuestPolling: OpenSystem = (terms) => open(terms, false)

/** @param watch - called with the instance; returns what is to be done at the end */
export async function open(
  terms: Terms,
  notify: boolean,
  watch: (requeuest: Requeuest) => () => Promise<void> = () => async () => {},
): Promise<System> {
  const config = { connectionString: terms.databaseUrl, options: '-c timezone=UTC' }
  const adapter = new PrismaPg(config, { statementNameGenerator: statementName })
  const prisma = new PrismaClient({ adapter })
  const requeuest = new Requeuest(prisma, {
    network: { allow: ['127.0.0.1'] },
    maxBodyBytes: MOST_BYTES,
    maxResponseBytes: MOST_BYTES,
    notify,
    // A receiver that fails for once at everything is one that a breaker leaves alone; the peers have none.
    ...(terms.retryAfterMs === 0 && { retry: { backoff: { base: 0 } }, breaker: false as const }),
    ...(terms.ca !== null && { tls: { ca: terms.ca } }),
    ...(terms.timeoutMs !== null && { timeout: terms.timeoutMs }),
    ...(terms.retention && { retention: terms.retention }),
  })
  requeuest.on('error', (error) => console.error(error))
  const unwatch = watch(requeuest)
  const { concurrency, channels } = terms
  // Where there is but one receiver, it may have all that is under way, as with the peers.
  const onePlace = terms.origins.length === 1 && { concurrencyPerOrigin: concurrency }
  const requestOf = (id: number) =>
    http.post(urlOf(terms, id), { headers: { 'content-type': 'application/json' }, body: bodyOf(terms, id) })
  return {
    install: () => requeuest.migrate().then(() => {}),
    spawn: (id) => requeuest.spawn(CHANNEL, requestOf(id)),
    spawnMany: (range) => requeuest.spawnMany(CHANNEL, idsOf(range).map(requestOf)),
    connect: () => openConnections(() => prisma.$queryRawUnsafe(A_MOMENT)),
    start: () => requeuest.start({ channels, concurrency, ...onePlace }),
    stop: () => requeuest.stop(),
    async verify(done, left) {
      expectCount('requests in all', await prisma.httpRequest.count(), done + left)
      expectCount('delivered requests', await prisma.httpRequest.count({ where: { state: 'delivered' } }), done)
      expectCount('accepted attempts', await prisma.httpAttempt.count({ where: { outcome: 'accepted' } }), done)
    },
    async close() {
      await unwatch()
      await prisma.$disconnect()
    },
  }
}
