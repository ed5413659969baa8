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
export interface Share {
  name: string
  allowed: number
}

/**
 * Shares are given out by one worker after another. To be followed by {@link takeShares} in the same transaction. Does not
 * wait for long: somebody may have a row locked for as long as a transaction of his is open.
 */
export function lockShares(db: PrismaTransactionLike, kind: ScopeKind, needs: readonly Need[]) {
  const names = textList(needs.map(({ name }) => name))
  if (kind === 'channel')
    return db.$queryRaw<unknown[]>`
      SELECT FROM requeuest_channel
      WHERE channel = ANY (${names}::text[]) AND (SELECT set_config('lock_timeout', '100ms', true)) <> ''
      ORDER BY channel FOR UPDATE`
  return db.$queryRaw<unknown[]>`
    SELECT FROM requeuest_origin
    WHERE origin = ANY (${names}::text[]) AND (SELECT set_config('lock_timeout', '100ms', true)) <> ''
    ORDER BY origin FOR UPDATE`
}

/** How often the remainder of a limit goes to other workers, so that a limit of one serves all of them. */
const TURN_S = 2

/**
 * Takes, renews or shrinks a worker's shares of limits on concurrency.
 *
 * Each worker may have an equal part of the limit, and of what others do not want, but never more than the others leave:
 * theirs are counted as long as their leases last. What it has under way beyond its part stays counted as its own until
 * it is done, so that the sum holds.
 */
export function takeShares(
  db: PrismaTransactionLike,
  kind: ScopeKind,
  needs: readonly Need[],
  workerId: string,
  leaseMs: number,
) {
  return db.$queryRaw<Share[]>`
    WITH need AS MATERIALIZED (
      SELECT wanted.*, limited.concurrency
      FROM unnest(
        ${textList(needs.map((need) => need.name))}::text[],
        ${plainList(needs.map((need) => need.inUse))}::int[],
        ${plainList(needs.map((need) => need.wanted))}::int[]
      ) AS wanted (name, in_use, wanted)
      JOIN (
        SELECT 'channel' AS kind, channel AS name, concurrency FROM requeuest_channel
        UNION ALL SELECT 'origin', origin, concurrency FROM requeuest_origin
      ) AS limited ON limited.kind = ${kind}::text AND limited.name = wanted.name AND limited.concurrency IS NOT NULL
    ), party AS MATERIALIZED (
      SELECT name, worker_id, share.slots, share.wanted, need.concurrency
      FROM need JOIN requeuest_share AS share USING (name)
      WHERE share.scope = ${kind}::text::requeuest_scope AND worker_id <> ${workerId}
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
      INSERT INTO requeuest_share AS share (scope, name, worker_id, slots, wanted, lease_until)
      SELECT ${kind}::text::requeuest_scope, name, ${workerId}, greatest(allowed, in_use), wanted,
        statement_timestamp() + ${leaseMs}::int * interval '1 millisecond'
      FROM allowed
      ON CONFLICT (scope, name, worker_id) DO UPDATE SET
        slots = excluded.slots, wanted = excluded.wanted, lease_until = excluded.lease_until
    )
    SELECT name, allowed FROM allowed`
}

/** Gives back the shares that a worker has no use for, and takes away those of workers that are gone for long. */
export function dropShares(db: PrismaTransactionLike, kind: ScopeKind, names: readonly string[], workerId: string) {
  return db.$executeRaw`
    DELETE FROM requeuest_share
    WHERE (scope = ${kind}::text::requeuest_scope AND name = ANY (${textList(names)}::text[]) AND worker_id = ${workerId})
      OR lease_until < statement_timestamp() - interval '1 minute'`
}
