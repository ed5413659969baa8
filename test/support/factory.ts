import type { PrismaClient } from '../../generated/prisma/client.ts'
import { Vault } from '../../src/encryption/vault.ts'
import type { Delivery } from '../../src/policy/attempt.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { settleGroup } from '../../src/settle/settle-group.ts'
import { toClaimedRequest } from '../../src/store/claimed-row.ts'
import { type ClaimTerms, claimRequests } from '../../src/store/claims.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { findDueUnblocks, unblockLines } from '../../src/store/lines.ts'
import {
  failExpiredRequests,
  findExpiredClaims,
  findExpiredRequests,
  rescueExpiredClaims,
} from '../../src/store/rescues.ts'
import type { Settlement } from '../../src/store/settlements.ts'

/** What a worker that knows of no busy origin would ask for. */
export function claimTerms(more: Partial<ClaimTerms> = {}): ClaimTerms {
  const common = {
    lanes: null,
    watermarks: [],
    rooms: new Map(),
    longestTimeoutMs: 2_147_483_647,
    limitPerOrigin: 1_000_000,
    proved: new Set<string>(),
    unprovedRoom: 1_000_000,
    missingKeys: [],
    keptBack: false,
    probing: [],
    workerId: 'worker-1',
    graceMs: 30_000,
    isTraced: false,
  }
  return { channels: ['test'], limit: 100, ...common, ...more }
}

/** Claims as a worker would, without being one. */
export async function claim(
  db: PrismaTransactionLike,
  { channel = 'test', ...more }: { channel?: string } & Partial<ClaimTerms> = {},
): Promise<ClaimedRequest[]> {
  return (await claimRequests(db, claimTerms({ channels: [channel], ...more }))).map(toClaimedRequest)
}

/** Settles as a worker without encryption would, and returns every verdict. */
export async function settleAll(db: PrismaTransactionLike, settlements: readonly Omit<Settlement, 'endedAtMs'>[]) {
  const stored = settlements.map((one) => ({
    ...one,
    content: new Vault(null).seal(`attempt/${one.claim.id}/1`, one.delivery),
  }))
  const unsettled = await settleGroup(db, stored)
  return settlements.map(({ claim: { id } }) => ({ id, verdict: unsettled.get(id) ?? ('settled' as const) }))
}

/** Lets the leases of claimed requests run out, as time would. */
export async function endLeases(prisma: PrismaClient): Promise<void> {
  await prisma.$executeRaw`UPDATE requeuest_request SET lease_until = now() - interval '1 ms' WHERE state = 'claimed'`
}

/** What a sender reports of a response. */
export function response(status: number, more: Partial<Delivery> = {}): Delivery {
  return {
    outcome: 'response',
    durationMs: 12,
    status,
    headers: [['content-type', 'text/plain']],
    body: Buffer.from('hello'),
    bodyTruncated: false,
    bodySize: 5,
    errorCode: null,
    errorMessage: null,
    remoteAddress: '127.0.0.1',
    ...more,
  }
}

/** The next event of a name for which `wanted` holds. */
export function nextEvent<E>(
  source: {
    on(name: never, listener: (event: E) => void): unknown
    off(name: never, listener: (event: E) => void): unknown
  },
  name: string,
  wanted: (event: E) => boolean = () => true,
): Promise<E> {
  return new Promise((resolve) => {
    const listener = (event: E) => {
      if (!wanted(event)) return
      source.off(name as never, listener)
      resolve(event)
    }
    source.on(name as never, listener)
  })
}

/** Rescues as a worker's maintenance would. */
export async function rescue(prisma: PrismaClient, limit = 100, maxExpiries = 5) {
  const found = await findExpiredClaims(prisma, limit, [])
  return rescueExpiredClaims(prisma, idsOf(found), maxExpiries)
}

/** Fails what has expired as a worker's maintenance would. */
export async function failExpired(prisma: PrismaClient, limit: number) {
  return failExpiredRequests(prisma, idsOf(await findExpiredRequests(prisma, limit, [])))
}

/** Unblocks lines as a worker's maintenance would. Says for how many requests it was tried. */
export async function unblockAllLines(prisma: PrismaClient, limit = 100): Promise<number> {
  return unblockLines(prisma, idsOf(await findDueUnblocks(prisma, limit, [])))
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
