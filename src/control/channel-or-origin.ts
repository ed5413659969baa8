import { checkKeys, checkObject, checkText } from '../core/check.ts'
import type { ScopeName } from '../core/scope.ts'
import { InvalidInputError } from '../errors.ts'
import { checkUrl } from '../net/url.ts'

/** A channel by its name, or a receiver by its scheme, host and port; of a longer URL only those count. */
export type ChannelOrOrigin = { channel: string } | { origin: string | URL }

/** Throws {@link InvalidInputError} for what is neither. */
export function resolveScope(target: ChannelOrOrigin): ScopeName {
  checkObject('target', target, 'an object such as { channel } or { origin }')
  checkKeys('target', target, ['channel', 'origin'])
  const { channel, origin }: { channel?: unknown; origin?: unknown } = target
  if (channel === undefined) return { kind: 'origin', name: resolveOrigin(origin) }
  if (origin !== undefined) throw new InvalidInputError('target.origin', origin, 'left out when `channel` is given')
  return { kind: 'channel', name: checkText('target.channel', channel, 200) }
}

function resolveOrigin(given: unknown): string {
  const text = given instanceof URL ? given.href : given
  const checked = checkUrl(text)
  if (checked.ok) return checked.url.origin
  const expected = `an http or https origin such as 'https://api.example.com' (${checked.reason})`
  throw new InvalidInputError('target.origin', text, expected)
}
