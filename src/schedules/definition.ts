import { DAY_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkOneOf, checkText } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { Cron } from '../cron/cron.ts'
import { InvalidInputError } from '../errors.ts'
import type { SpawnInput } from '../message/input.ts'
import { normalise } from '../message/normalise.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import { checkChannel, resolveSpawnOptions, type SpawnOptions } from '../options/spawn.ts'
import type { NewSchedule, ScheduleCatchUp } from '../policy/schedule.ts'
import { checkUnsigned } from '../spawn/signed.ts'

/** Definition of a schedule. */
export interface ScheduleDefinition {
  /**
   * Cron expression: 5 fields (minute, hour, day of month, month, day of week), 6 with seconds in front, or a macro: `@yearly`, `@monthly`,
   * `@weekly`, `@daily`, `@midnight`, `@hourly`, `@minutely`, `@secondly`, `@weekdays`, `@weekends`. In a field: `*`, numbers,
   * names, lists, ranges, steps; `L` for the last day of the month, `5L` for the last Friday, `1#2` for the second Monday.
   */
  cron: string
  /** IANA time zone of `cron`: `'Europe/Vienna'`. @default 'UTC' */
  timezone?: string
  /** Channel of the spawned requests. */
  channel: string
  /** The request to spawn each time. A body is read once, when the schedule is written. */
  request: SpawnInput
  /**
   * What happens to times that passed without a worker. `'skip'`: those more than a minute old are skipped. `'once'`: the last
   * one fires. `'all'`: each one fires; of more than 10 000 the last 10 000, and a `warning` event says so. Unless it is `'all'`,
   * times that pass between two checks of the workers fire once. @default 'once': a restart at the wrong moment does not lose a
   * day
   */
  catchUp?: ScheduleCatchUp
  /**
   * Maximum delay of each request, 0 to a day, so that many do not arrive at once. The delay is derived from the request's id:
   * evenly distributed, and the same whichever worker spawns it. @default 0
   */
  jitter?: Duration
}

/** Options of the spawned requests, without those for one request or one time. `tx` applies to the schedule itself. */
export type ScheduleOptions = Omit<SpawnOptions, 'id' | 'delay' | 'runAt' | 'expiresAt' | 'dedupe'>

const DEFINITION_KEYS = ['cron', 'timezone', 'channel', 'request', 'catchUp', 'jitter'] as const
const ONCE_ONLY = ['id', 'delay', 'runAt', 'expiresAt', 'dedupe'] as const

/** Checks a definition and fills in the defaults. Throws {@link InvalidInputError} if it is invalid. */
export async function resolveSchedule(
  name: string,
  definition: ScheduleDefinition,
  options: ScheduleOptions,
  defaults: ResolvedOptions,
): Promise<{ schedule: NewSchedule; plan: Cron }> {
  checkScheduleName(name)
  checkObject('schedule', definition, "an object such as { cron: '@daily', channel, request }")
  checkKeys('schedule', definition, DEFINITION_KEYS)
  const { cron, timezone = 'UTC', channel, request, catchUp = 'once', jitter = 0 } = definition
  checkObject('options', options)
  for (const key of ONCE_ONLY) {
    const value = (options as SpawnOptions)[key]
    if (value !== undefined) throw new InvalidInputError(`options.${key}`, value, 'omitted: there are many spawns')
  }
  const { due: _due, expiry, dedupe: _dedupe, ...placement } = resolveSpawnOptions(options, defaults.policy)
  const plan = new Cron(cron, timezone)
  const content = await normalise('schedule.request', request, defaults.maxBodyBytes)
  checkUnsigned('schedule.request', content.headers, channel, defaults)
  const schedule = {
    name,
    cron,
    timezone,
    catchUp: checkOneOf('schedule.catchUp', catchUp, ['skip', 'once', 'all']),
    jitterMs: checkDuration('schedule.jitter', jitter, 0, DAY_MS),
    channel: checkChannel(channel, 'schedule.channel'),
    expiresAfterMs: expiry && 'afterMs' in expiry ? expiry.afterMs : null,
    ...placement,
    ...content,
  }
  return { schedule, plan }
}

export function checkScheduleName(name: string): string {
  return checkText('name', name, 200)
}
