import { DAY_MS } from '../check/bounds.ts'
import { checkKeys, checkObject, checkOneOf, checkText } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import { Cron } from '../cron/cron.ts'
import { InvalidInputError } from '../errors.ts'
import type { SpawnInput } from '../message/input.ts'
import { normalise } from '../message/normalise.ts'
import type { ResolvedOptions } from '../options/instance.ts'
import { resolveSpawnOptions, type SpawnOptions } from '../options/spawn.ts'
import type { NewSchedule, ScheduleCatchUp } from '../policy/schedule.ts'
import { checkUnsigned } from '../spawn/signed.ts'

/** What a schedule spawns, and when. */
export interface ScheduleDefinition {
  /**
   * 5 fields (minute, hour, day of month, month, day of week), 6 with seconds in front, or a macro: `@yearly`, `@monthly`,
   * `@weekly`, `@daily`, `@midnight`, `@hourly`, `@minutely`, `@secondly`, `@weekdays`, `@weekends`. In a field: `*`, numbers,
   * names, lists, ranges, steps; `L` for the last day of the month, `5L` for the last Friday, `1#2` for the second Monday.
   */
  cron: string
  /** The IANA time zone on whose clocks `cron` goes: `'Europe/Vienna'`. @default 'UTC' */
  timezone?: string
  /** The channel of the requests. */
  channel: string
  /** What is sent each time. A body is read once, now. */
  request: SpawnInput
  /**
   * What happens about times at which no worker was there: nothing (`'skip'`; a time more than a minute gone counts as
   * missed), the last of them fires (`'once'`), each of them fires (`'all'`; of more than 10 000 the last 10 000, and a `warning`
   * event says so). Unless it is `'all'`, times that have come between two looks of the workers fire once. @default 'once': a
   * restart at the wrong moment does not lose a day
   */
  catchUp?: ScheduleCatchUp
  /**
   * Each request is due up to this much late, so that not all come at once; 0 to a day. How late follows from its id, so it is
   * spread evenly, and the same whichever worker spawns it. @default 0
   */
  jitter?: Duration
}

/** Options of each spawn of a schedule, but those that name one request or one moment. `tx` is for the schedule itself. */
export type ScheduleOptions = Omit<SpawnOptions, 'id' | 'delay' | 'runAt' | 'expiresAt' | 'dedupe'>

const DEFINITION_KEYS = ['cron', 'timezone', 'channel', 'request', 'catchUp', 'jitter'] as const
const ONCE_ONLY = ['id', 'delay', 'runAt', 'expiresAt', 'dedupe'] as const

/** A schedule as it is to be written, with its plan. Throws {@link InvalidInputError} for what cannot be. */
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
    if (value !== undefined) throw new InvalidInputError(`options.${key}`, value, 'left out: there are many spawns')
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
    channel: checkText('schedule.channel', channel, 200),
    expiresAfterMs: expiry && 'afterMs' in expiry ? expiry.afterMs : null,
    ...placement,
    ...content,
  }
  return { schedule, plan }
}

export function checkScheduleName(name: string): string {
  return checkText('name', name, 200)
}
