import { EARLIEST_MS, LATEST_MS } from '../check/moment.ts'
import { LARGEST_COLUMN_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { StoredContent } from '../message/message.ts'
import type { Placement } from '../policy/request.ts'
import type { NewSchedule, ScheduleCatchUp } from '../policy/schedule.ts'
import type { PrismaTransactionLike } from './db.ts'
import { joinBytes, plainList, textList } from './lists.ts'
import { delaysOf, rulesOf } from './policy.ts'
import { fragment, joined } from './statement.ts'

/** A schedule with its content as it goes into the row, and its next time. */
export type StoredSchedule = Omit<NewSchedule, keyof StoredContent> & StoredContent & { nextMs: number }

interface PlannedRow {
  paused: boolean
  nextRunAtMs: number | null
  changedAtMs: number
}

/**
 * Writes a schedule, or changes the one of that name. While its plan is the same it keeps its next time, which may be one
 * that is yet to be caught up with, unless that is nowhere in time. It stays paused if it is.
 */
export function upsertSchedule(db: PrismaTransactionLike, schedule: StoredSchedule) {
  const { retry } = schedule
  return db.$queryRaw<PlannedRow[]>`
    INSERT /* requeuest:upsertSchedule */ INTO requeuest_schedule AS schedule (
      name, cron, timezone, catch_up, jitter_ms, next_run_at, channel, priority, order_key, after_failure, method, url,
      headers, body, encryption_key, accept, timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor,
      backoff_max_ms, backoff_jitter, backoff_delays_ms, on_status, expires_after_ms)
    VALUES (
      ${schedule.name}, ${schedule.cron}, ${schedule.timezone}, ${schedule.catchUp}::text::requeuest_catch_up,
      ${schedule.jitterMs}::int, to_timestamp(${schedule.nextMs}::float8 / 1000), ${schedule.channel},
      ${schedule.priority}::smallint, ${schedule.orderKey}, ${schedule.afterFailure}::text::requeuest_after_failure,
      ${schedule.method}, ${schedule.url}, ${JSON.stringify(schedule.headers)}::text::jsonb,
      ${schedule.body}::bytea, ${schedule.encryptionKey},
      string_to_array(${schedule.accept.join(',')}, ','), ${schedule.timeoutMs}::int, ${schedule.maxRedirects}::smallint,
      ${retry.maxAttempts}::int, ${retry.baseMs}::int, ${retry.factor}::float8, ${retry.maxMs}::int,
      ${retry.jitter}::text::requeuest_jitter, ${delaysOf(schedule)}::text::int[],
      ${rulesOf(schedule) && JSON.stringify(schedule.onStatus)}::text::jsonb, ${schedule.expiresAfterMs}::float8)
    ON CONFLICT (name) DO UPDATE SET
      cron = excluded.cron, timezone = excluded.timezone, catch_up = excluded.catch_up, jitter_ms = excluded.jitter_ms,
      channel = excluded.channel, priority = excluded.priority, order_key = excluded.order_key,
      after_failure = excluded.after_failure, method = excluded.method, url = excluded.url, headers = excluded.headers,
      body = excluded.body, encryption_key = excluded.encryption_key, accept = excluded.accept,
      timeout_ms = excluded.timeout_ms, max_redirects = excluded.max_redirects, max_attempts = excluded.max_attempts,
      backoff_base_ms = excluded.backoff_base_ms, backoff_factor = excluded.backoff_factor,
      backoff_max_ms = excluded.backoff_max_ms, backoff_jitter = excluded.backoff_jitter,
      backoff_delays_ms = excluded.backoff_delays_ms, on_status = excluded.on_status,
      expires_after_ms = excluded.expires_after_ms, problem = NULL,
      next_run_at = CASE
        WHEN schedule.paused_at IS NOT NULL THEN NULL
        WHEN schedule.cron = excluded.cron AND schedule.timezone = excluded.timezone
          AND coalesce(schedule.next_run_at, schedule.changed_at)
            BETWEEN to_timestamp(${EARLIEST_MS}::float8 / 1000) AND to_timestamp(${LATEST_MS}::float8 / 1000)
          THEN schedule.next_run_at
        ELSE excluded.next_run_at END
    RETURNING paused_at IS NOT NULL AS paused, (extract(epoch FROM next_run_at) * 1000)::float8 AS "nextRunAtMs",
      (extract(epoch FROM changed_at) * 1000)::float8 AS "changedAtMs"`
}

export interface ScheduleRow {
  name: string
  cron: string
  timezone: string
  channel: string
  method: string
  url: string
  catchUp: ScheduleCatchUp
  jitterMs: number
  nextRunAtMs: number | null
  lastRunAtMs: number | null
  pausedAtMs: number | null
  changedAtMs: number
  problem: string | null
}

/** All schedules by name, without what they send. */
export function listSchedules(db: PrismaTransactionLike) {
  return db.$queryRaw<ScheduleRow[]>`
    SELECT /* requeuest:listSchedules */ name, cron, timezone, channel, method, url, catch_up::text AS "catchUp", jitter_ms AS "jitterMs",
      (extract(epoch FROM next_run_at) * 1000)::float8 AS "nextRunAtMs",
      (extract(epoch FROM last_run_at) * 1000)::float8 AS "lastRunAtMs",
      (extract(epoch FROM paused_at) * 1000)::float8 AS "pausedAtMs",
      (extract(epoch FROM changed_at) * 1000)::float8 AS "changedAtMs", problem
    FROM requeuest_schedule ORDER BY name`
}

/** A schedule that is due or soon will be, or whose next time is yet to be worked out or nowhere in time. */
export interface DueSchedule {
  name: string
  /** Changes with every change of the row. */
  version: string
  cron: string
  timezone: string
  catchUp: ScheduleCatchUp
  jitterMs: number
  /** Null when a next time is yet to be worked out, counting from `changedAtMs`. */
  nextRunAtMs: number | null
  changedAtMs: number
  /** The database's clock. */
  nowMs: number
}

/**
 * Up to `limit` schedules that have no next time, one within `withinMs`, or one that is none, in the order of their names: by
 * the order of their times, those with the most to catch up with would be before all others each time.
 *
 * @param after - the name to begin behind
 */
export function findDueSchedules(db: PrismaTransactionLike, withinMs: number, after: string, limit: number) {
  return db.$queryRaw<DueSchedule[]>`
    WITH /* requeuest:findDueSchedules */ due AS (
      SELECT name FROM requeuest_schedule WHERE paused_at IS NULL AND problem IS NULL AND next_run_at IS NULL
      UNION ALL
      SELECT name FROM requeuest_schedule
      WHERE paused_at IS NULL AND problem IS NULL
        AND next_run_at <= statement_timestamp() + ${withinMs}::float8 * interval '1 millisecond'
      UNION ALL
      SELECT name FROM requeuest_schedule
      WHERE paused_at IS NULL AND problem IS NULL AND next_run_at > to_timestamp(${LATEST_MS}::float8 / 1000))
    SELECT schedule.name, schedule.xmin::text AS version, cron, timezone, catch_up::text AS "catchUp", jitter_ms AS "jitterMs",
      (extract(epoch FROM next_run_at) * 1000)::float8 AS "nextRunAtMs",
      (extract(epoch FROM changed_at) * 1000)::float8 AS "changedAtMs",
      (extract(epoch FROM statement_timestamp()) * 1000)::float8 AS "nowMs"
    FROM due JOIN requeuest_schedule AS schedule ON schedule.name = due.name
    WHERE due.name > ${after} ORDER BY due.name LIMIT ${limit}`
}

/** What a schedule says of its requests. It may have been written by hand, so nothing is taken for granted. */
export interface SpawnedTerms
  extends StoredContent,
    Pick<Placement, 'priority' | 'accept' | 'timeoutMs' | 'maxRedirects' | 'retry'> {
  channel: string
  method: string
  url: string
  onStatus: Placement['onStatus'] | null
}

/** Reads what is sent, the body only if it is encrypted, of a schedule that nobody has changed since it was read as `version`. */
export function selectTerms(db: PrismaTransactionLike, name: string, version: string) {
  return db.$queryRaw<SpawnedTerms[]>`
    SELECT /* requeuest:selectTerms */ channel, method, url,
      CASE WHEN pg_column_size(headers) > ${LARGEST_COLUMN_BYTES}::int OR octet_length(body) > ${LARGEST_STORED_BYTES}::int
        THEN '"#"' ELSE headers END AS headers,
      CASE WHEN encryption_key IS NOT NULL AND octet_length(body) <= ${LARGEST_STORED_BYTES}::int THEN body END AS body,
      encryption_key AS "encryptionKey", priority, to_json(accept) AS accept, timeout_ms AS "timeoutMs",
      max_redirects AS "maxRedirects", on_status AS "onStatus", json_build_object(
        'maxAttempts', max_attempts, 'baseMs', backoff_base_ms, 'factor', backoff_factor, 'maxMs', backoff_max_ms,
        'jitter', backoff_jitter, 'delaysMs', backoff_delays_ms) AS retry
    FROM requeuest_schedule WHERE name = ${name} AND xmin::text = ${version}`
}

/** One time that fires, with the content of its request if that is encrypted. */
export interface Tick {
  id: string
  fireMs: number
  runMs: number
  content: StoredContent | null
}

/** What a schedule is to spawn now, and when the next time is. */
export interface Ticks {
  /** Of its requests. */
  origin: string
  ticks: readonly Tick[]
  nextMs: number
  traceContext: string | null
}

/**
 * Spawns the requests of a schedule and moves it on, if nobody has changed or locked it since it was read as `version`. A
 * request that is there already is left as it is. Returns how many requests there are now.
 *
 * It waits for a locked line, but no longer than `patienceMs` (lock_not_available), and has to be a transaction by itself, for
 * which that holds.
 */
export function fireSchedule(
  db: PrismaTransactionLike,
  { name, version }: Pick<DueSchedule, 'name' | 'version'>,
  { origin, ticks, nextMs, traceContext }: Ticks,
  patienceMs: number,
) {
  const bodies = joinBytes(ticks.map(({ content }) => content?.body ?? null))
  const isTraced = traceContext !== null
  const { query, values } = joined(
    fragment`
    WITH /* requeuest:fireSchedule */ moved AS (
      UPDATE requeuest_schedule AS schedule SET
        next_run_at = to_timestamp(${nextMs}::float8 / 1000),
        last_run_at = coalesce(to_timestamp(${ticks.at(-1)?.fireMs ?? null}::float8 / 1000), last_run_at)
      FROM (
        SELECT name FROM requeuest_schedule
        WHERE name = ${name} AND xmin::text = ${version}
          AND set_config('lock_timeout', ${`${patienceMs}ms`}, true) IS NOT NULL
        FOR UPDATE SKIP LOCKED) AS free
      WHERE schedule.name = free.name
      RETURNING schedule.*
    ), tick AS (
      SELECT * FROM unnest(
        ${plainList(ticks.map((tick) => tick.id))}::uuid[],
        ${plainList(ticks.map((tick) => tick.fireMs))}::float8[],
        ${plainList(ticks.map((tick) => tick.runMs))}::float8[],
        ${textList(ticks.map(({ content }) => content && JSON.stringify(content.headers)))}::text[],
        ${bodies.starts}::int[],
        ${bodies.lengths}::int[],
        ${textList(ticks.map(({ content }) => content?.encryptionKey ?? null))}::text[]
      ) AS tick (id, fire_ms, run_ms, headers, body_start, body_length, encryption_key)
    ), spawned AS (
      INSERT INTO requeuest_request (
        id, channel, priority, order_key, after_failure, method, url, origin, headers, body, encryption_key, accept,
        timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
        backoff_delays_ms, on_status, run_at, expires_at, schedule, scheduled_for`,
    isTraced ? fragment`, trace_context` : fragment``,
    fragment`)
      SELECT
        tick.id, channel, priority, order_key, after_failure, method, url, ${origin},
        coalesce(tick.headers::jsonb, moved.headers),
        CASE WHEN tick.encryption_key IS NULL THEN moved.body ELSE substring(${bodies.bytes}::bytea FROM body_start FOR body_length) END, tick.encryption_key,
        accept, timeout_ms, max_redirects, max_attempts, backoff_base_ms, backoff_factor, backoff_max_ms, backoff_jitter,
        backoff_delays_ms, on_status, to_timestamp(run_ms / 1000), statement_timestamp() + expires_after_ms * interval '1 millisecond',
        moved.name, to_timestamp(fire_ms / 1000)`,
    isTraced ? fragment`, ${traceContext}` : fragment``,
    fragment`
      FROM moved CROSS JOIN tick ORDER BY fire_ms
      ON CONFLICT (id) DO NOTHING
    )
    SELECT (SELECT count(*)::int FROM tick) AS fired FROM moved`,
  )
  return db.$queryRaw<{ fired: number }[]>(query, ...values)
}

/** Notes why a schedule cannot fire, if nobody has changed or locked it since it was read as `version`. */
export function markScheduleProblem(db: PrismaTransactionLike, name: string, version: string, problem: string) {
  return db.$executeRaw`
    UPDATE /* requeuest:markScheduleProblem */ requeuest_schedule SET problem = ${problem}
    WHERE name IN (
      SELECT name FROM requeuest_schedule
      WHERE name = ${name} AND xmin::text = ${version} FOR UPDATE SKIP LOCKED)`
}
