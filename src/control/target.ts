import { checkKeys, checkObject, checkText } from '../check/check.ts'
import { InvalidInputError } from '../errors.ts'
import { checkUrl } from '../message/url.ts'
import type { ScopeName } from '../policy/scope.ts'
import { type FilterOneOf, several } from './filter.ts'

/** A channel by its name, or a receiver by its scheme, host and port; of a longer URL only those count. */
export type ControlTarget = { channel: string } | { origin: string | URL }

/** A line: that of a `key`, or without one (or with `''`, as `HttpLine` has it) the line of the whole channel. */
export interface LineTarget {
  channel: string
  key?: string
}

/** One channel, several, or every channel there is. An empty list is none. */
export type ClearTarget = { channel: FilterOneOf<string> } | 'all'

/** Throws {@link InvalidInputError} for what is neither a channel nor an origin. */
export function resolveScope(target: ControlTarget): ScopeName {
  checkObject('target', target, 'an object such as { channel } or { origin }')
  checkKeys('target', target, ['channel', 'origin'])
  const { channel, origin }: { channel?: unknown; origin?: unknown } = target
  if (channel === undefined) return { kind: 'origin', name: resolveOrigin(origin) }
  if (origin !== undefined) throw new InvalidInputError('target.origin', origin, 'left out when `channel` is given')
  return { kind: 'channel', name: checkTargetChannel('target.channel', channel) }
}

/** Throws {@link InvalidInputError} for what is no line. */
export function resolveLine(target: LineTarget): { channel: string; orderKey: string } {
  checkObject('target', target, 'an object such as { channel, key }')
  checkKeys('target', target, ['channel', 'key'])
  const channel = checkTargetChannel('target.channel', target.channel)
  // A key that went missing must not mean another line.
  const isWhole = !('key' in target) || target.key === ''
  return { channel, orderKey: isWhole ? '' : checkText('target.key', target.key, 200) }
}

/** The names of the channels; null for all. Throws {@link InvalidInputError} for what is none of these. */
export function resolveChannels(target: ClearTarget): string[] | null {
  if (target === 'all') return null
  checkObject('target', target, "an object such as { channel } or { channel: { in: […] } }, or 'all'")
  checkKeys('target', target, ['channel'])
  const channels = several('target.channel', target.channel, checkTargetChannel)
  return [...new Set(channels ?? [checkTargetChannel('target.channel', undefined)])]
}

function checkTargetChannel(field: string, channel: unknown): string {
  return checkText(field, channel, 200)
}

function resolveOrigin(given: unknown): string {
  const text = given instanceof URL ? given.href : given
  const checked = checkUrl(text)
  if (checked.ok) return checked.url.origin
  const expected = `an http or https origin such as 'https://api.example.com' (${checked.reason})`
  throw new InvalidInputError('target.origin', text, expected)
}
