import { checkKeys, checkObject, checkText } from '../check/check.ts'
import { InvalidInputError } from '../errors.ts'
import { checkUrl } from '../message/url.ts'
import { checkChannel } from '../options/spawn.ts'
import type { ScopeName } from '../policy/scope.ts'
import { type FilterOneOf, several } from './filter.ts'

/** A channel by name, or an origin: the scheme, host and port of a URL. The rest of a URL is ignored. */
export type ControlTarget = { channel: string } | { origin: string | URL }

/** A line: that of `key`, or the line of the whole channel if `key` is omitted or `''`. */
export interface LineTarget {
  channel: string
  key?: string
}

/** One channel, several, or `'all'`. An empty list matches no channel. */
export type ClearTarget = { channel: FilterOneOf<string> } | 'all'

const FIELD = 'target.channel'

/** Throws {@link InvalidInputError} if it is neither a channel nor an origin. */
export function resolveScope(target: ControlTarget): ScopeName {
  checkObject('target', target, 'an object such as { channel } or { origin }')
  checkKeys('target', target, ['channel', 'origin'])
  const { channel, origin }: { channel?: unknown; origin?: unknown } = target
  if (channel === undefined) return { kind: 'origin', name: resolveOrigin(origin) }
  if (origin !== undefined) throw new InvalidInputError('target.origin', origin, 'omitted when `channel` is given')
  return { kind: 'channel', name: checkChannel(channel, FIELD) }
}

/** Throws {@link InvalidInputError} if it is not a line. */
export function resolveLine(target: LineTarget): { channel: string; orderKey: string } {
  checkObject('target', target, 'an object such as { channel, key }')
  checkKeys('target', target, ['channel', 'key'])
  const channel = checkChannel(target.channel, FIELD)
  // An undefined key must not mean another line.
  const isWhole = !('key' in target) || target.key === ''
  return { channel, orderKey: isWhole ? '' : checkText('target.key', target.key, 200) }
}

/** Returns the names of the channels; null for all. Throws {@link InvalidInputError} if it is none of these. */
export function resolveChannels(target: ClearTarget): string[] | null {
  if (target === 'all') return null
  checkObject('target', target, "an object such as { channel } or { channel: { in: […] } }, or 'all'")
  checkKeys('target', target, ['channel'])
  const channels = several(FIELD, target.channel, (field, channel) => checkChannel(channel, field))
  return [...new Set(channels ?? [checkChannel(undefined, FIELD)])]
}

function resolveOrigin(given: unknown): string {
  const text = given instanceof URL ? given.href : given
  const checked = checkUrl(text)
  if (checked.ok) return checked.url.origin
  const expected = `an http or https origin such as 'https://api.example.com' (${checked.reason})`
  throw new InvalidInputError('target.origin', text, expected)
}
