import type { ScopeKind } from '../policy/scope.ts'
import type { PrismaTransactionLike } from './db.ts'
import { plainList, textList } from './lists.ts'

/** How many requests of a channel, or to an origin, a worker has under way, and has use for. */
export interface Need {
  name: string
  inUse: number
  wanted: number
}

/** How many it may have under way. */
export interface SemaphoreLease {
  name: string
  allowed: number
}

/**
 * Locks the limits whose slots are leased next, so that one worker after another takes some. To be followed by
 * {@link takeSemaphoreLeases} in the same transaction. Does not wait for long: somebody may have a row locked for as long as a transaction of his is open.
 */
export function lockSemaphores(db: PrismaTransactionLike, kind: ScopeKind, needs: readonly Need[]) {
  const names = textList(needs.map(({ name }) => name))
  return db.$queryRaw<unknown[]>`
    SELECT /* requeuest:lockSemaphores */ FROM requeuest_limit
    WHERE kind = (SELECT ${kind}::text::requeuest_limit_kind) AND name = ANY (${names}::text[])
      AND (SELECT set_config('lock_timeout', '100ms', true)) <> ''
    ORDER BY name FOR UPDATE`
}

/** How often the remainder of a limit goes to other workers, so that a limit of one serves all of them. */
const TURN_S = 2

/**
 * Takes, renews or shrinks a worker's leases of slots, of which a limit on concurrency has as many as it allows.
 *
 * Each worker may have an equal part of the limit, and of what others do not want, but never more than the others leave:
 * theirs are counted as long as their leases last. What it has under way beyond its part stays counted as its own until
 * it is done, so that the sum holds.
 */
export function takeSemaphoreLeases(
  db: PrismaTransactionLike,
  kind: ScopeKind,
  needs: readonly Need[],
  workerId: string,
  leaseMs: number,
) {
  return db.$queryRaw<SemaphoreLease[]>`
    WITH /* requeuest:takeSemaphoreLeases */ need AS MATERIALIZED (
      SELECT wanted.*, limited.concurrency
      FROM unnest(
        ${textList(needs.map((need) => need.name))}::text[],
        ${plainList(needs.map((need) => need.inUse))}::int[],
        ${plainList(needs.map((need) => need.wanted))}::int[]
      ) AS wanted (name, in_use, wanted)
      JOIN requeuest_limit AS limited
        ON limited.kind = (SELECT ${kind}::text::requeuest_limit_kind) AND limited.name = wanted.name AND limited.concurrency IS NOT NULL
    ), party AS MATERIALIZED (
      SELECT name, worker_id, lease.slots, lease.wanted, need.concurrency
      FROM need JOIN requeuest_semaphore_lease AS lease USING (name)
      WHERE lease.kind = (SELECT ${kind}::text::requeuest_limit_kind) AND worker_id <> ${workerId}
        AND lease_until > statement_timestamp()
      UNION ALL SELECT name, ${workerId}, 0, wanted, concurrency FROM need
    ), part AS (
      SELECT *, concurrency / count(*) OVER same + CASE
          WHEN row_number() OVER turn <= concurrency % count(*) OVER same THEN 1 ELSE 0 END AS equal
      FROM party WHERE wanted > 0
      WINDOW same AS (PARTITION BY name),
        turn AS (
          PARTITION BY name
          ORDER BY md5(worker_id || floor(extract(epoch FROM statement_timestamp()) / ${TURN_S}::int)))
    ), spare AS (
      SELECT name, ceil((max(concurrency) - sum(least(wanted, equal)))::float8
        / greatest(1, count(*) FILTER (WHERE wanted > equal))) AS each
      FROM part GROUP BY name
    ), allowed AS (
      SELECT need.name, need.wanted, need.in_use, greatest(0, least(need.wanted, coalesce(part.equal + spare.each, 0),
        need.concurrency - (SELECT sum(slots) FROM party WHERE party.name = need.name)))::int AS allowed
      FROM need
      LEFT JOIN part ON part.name = need.name AND part.worker_id = ${workerId}
      LEFT JOIN spare ON spare.name = need.name
    ), taken AS (
      INSERT INTO requeuest_semaphore_lease (kind, name, worker_id, slots, wanted, lease_until)
      SELECT ${kind}::text::requeuest_limit_kind, name, ${workerId}, greatest(allowed, in_use), wanted,
        statement_timestamp() + ${leaseMs}::int * interval '1 millisecond'
      FROM allowed
      ON CONFLICT (kind, name, worker_id) DO UPDATE SET
        slots = excluded.slots, wanted = excluded.wanted, lease_until = excluded.lease_until
    )
    SELECT name, allowed FROM allowed`
}

/** Returns the leases that a worker has no use for, and deletes those of workers that are gone for long. */
export function returnSemaphoreLeases(
  db: PrismaTransactionLike,
  kind: ScopeKind,
  names: readonly string[],
  workerId: string,
) {
  return db.$executeRaw`
    DELETE /* requeuest:returnSemaphoreLeases */ FROM requeuest_semaphore_lease
    WHERE (kind = (SELECT ${kind}::text::requeuest_limit_kind) AND name = ANY (${textList(names)}::text[]) AND worker_id = ${workerId})
      OR lease_until < statement_timestamp() - interval '1 minute'`
}
