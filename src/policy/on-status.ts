import { checkObject } from '../check/check.ts'
import { describe, InvalidInputError } from '../errors.ts'
import { type AcceptRule, parseAcceptRule, type StatusRange } from './accept.ts'
import { type BackoffOptions, resolveBackoff } from './backoff.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** Action for a status that is not accepted: retry, fail, or retry after a backoff of its own. */
export type StatusAction = 'retry' | 'fail' | BackoffOptions

/**
 * Actions by status (`410`), range (`'400-410'`) or class (`'4xx'`). If several match a status, the narrowest decides:
 * `{ '4xx': 'fail', 429: 'retry' }`.
 */
export type StatusRules = { readonly [rule in AcceptRule]?: StatusAction }

const MAX_RULES = 100

/** A base for checking any backoff. */
const ANY: RetryPolicy = { maxAttempts: 1, baseMs: 0, factor: 1, maxMs: 0, jitter: 'none' }

/**
 * Checks rules as an option or a row has them.
 *
 * @throws {@link InvalidInputError} if a rule is invalid
 */
export function checkOnStatus(field: string, rules: unknown): StatusRules {
  checkObject(field, rules, "an object such as { '4xx': 'fail', 429: 'retry' }")
  const ranges: [string, StatusRange][] = []
  for (const [rule, action] of Object.entries(rules)) {
    const range = parseAcceptRule(rule)
    const expected = "named by a final status (200 to 999), a range ('400-410') or a class ('2xx' to '5xx')"
    if (!range) throw new InvalidInputError(`${field}[${describe(rule)}]`, rule, expected)
    const rival = ranges.find(([, other]) => isUnclear(range, other))
    if (rival) {
      const clear = `within '${rival[0]}' or apart from it: they overlap, so neither is the narrower one`
      throw new InvalidInputError(`${field}['${rule}']`, rule, clear)
    }
    ranges.push([rule, range])
    checkAction(`${field}['${rule}']`, action)
  }
  if (ranges.length > MAX_RULES) throw new InvalidInputError(field, rules, `at most ${MAX_RULES} rules`)
  return rules
}

function checkAction(field: string, action: unknown): void {
  if (action === 'retry' || action === 'fail') return
  checkObject(field, action, "'retry', 'fail' or a backoff such as { base: '1m' }")
  resolveBackoff(field, action, ANY)
}

/** Two ranges that have a status in common, and neither of which is a part of the other. */
function isUnclear(one: StatusRange, other: StatusRange): boolean {
  const areApart = one.to < other.from || other.to < one.from
  return !areApart && !isPart(one, other) && !isPart(other, one)
}

function isPart(part: StatusRange, whole: StatusRange): boolean {
  return part.from >= whole.from && part.to <= whole.to && size(part) < size(whole)
}

function size({ from, to }: StatusRange): number {
  return to - from
}

/** What the rules say of a status; undefined when they say nothing. */
export function actionFor(rules: StatusRules, status: number): StatusAction | undefined {
  const found = Object.entries(rules)
    .map(([rule, action]) => ({ range: parseAcceptRule(rule), action }))
    .filter(({ range }) => range !== null && range.from <= status && status <= range.to)
  return found.sort((one, other) => size(one.range as StatusRange) - size(other.range as StatusRange))[0]?.action
}
