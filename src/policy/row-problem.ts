import { DAY_MS, MAX_INT } from '../check/bounds.ts'
import { checkInteger } from '../check/check.ts'
import { describe, reasonOf } from '../errors.ts'
import { LARGEST_BODY_BYTES, LARGEST_STORED_BYTES } from '../message/largest.ts'
import type { HeaderPairs } from '../message/message.ts'
import { parseAcceptRule } from './accept.ts'
import { checkOnStatus } from './on-status.ts'
import type { ClaimedRequest } from './request.ts'

type Terms = Pick<
  ClaimedRequest,
  'number' | 'attemptsBefore' | 'priority' | 'accept' | 'timeoutMs' | 'maxRedirects' | 'retry' | 'onStatus'
>

/** What no worker could go by in the terms of a row, by the names of its fields in Prisma, or null. A row that was written by hand may hold anything. */
export function problemOfTerms(terms: Terms): string | null {
  try {
    checkAccept(terms.accept)
    checkNumbers(terms)
    checkOnStatus('onStatus', terms.onStatus)
    return null
  } catch (error) {
    return reasonOf(error)
  }
}

function checkAccept(accept: unknown): void {
  if (!Array.isArray(accept) || accept.length === 0)
    throw new Error('The accept set is empty, so no response could be a success.')
  const senseless = accept.find((rule) => typeof rule !== 'string' || parseAcceptRule(rule) === null)
  if (senseless !== undefined) throw new Error(`The accept set has a rule that names no status: ${describe(senseless)}`)
}

function checkNumbers({ number, attemptsBefore, priority, timeoutMs, maxRedirects, retry }: Terms): void {
  checkInteger('attemptCount', number, 1, MAX_INT)
  checkInteger('attemptsBefore', attemptsBefore, 0, number)
  checkInteger('priority', priority, 0, 9)
  checkInteger('timeoutMs', timeoutMs, 1, DAY_MS)
  checkInteger('maxRedirects', maxRedirects, 0, 20)
  checkInteger('maxAttempts', retry.maxAttempts, 1, MAX_INT)
  checkInteger('backoffBaseMs', retry.baseMs, 0, MAX_INT)
  checkInteger('backoffMaxMs', retry.maxMs, 0, MAX_INT)
  for (const [index, ms] of (retry.delaysMs ?? []).entries()) checkInteger(`backoffDelays[${index}]`, ms, 0, MAX_INT)
  const { factor } = retry
  if (!(typeof factor === 'number' && factor >= 1 && factor <= 1000))
    throw new Error(`backoffFactor must be a number from 1 to 1000, got ${describe(factor)}.`)
}

/** Why what it holds is too large to be sent, or null. */
export function problemOfSize(headers: HeaderPairs | string | null, bodyBytes: number): string | null {
  if (bodyBytes > LARGEST_STORED_BYTES) {
    return `The body has ${bodyBytes} bytes, and at most ${LARGEST_BODY_BYTES} can be sent.`
  }
  // Neither pairs nor what is encrypted begins like that.
  if (typeof headers !== 'string' || !headers.startsWith('#')) return null
  return `The headers take ${headers.slice(1)} bytes even as they are stored, which is more than can be sent.`
}
