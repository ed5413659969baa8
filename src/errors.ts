import { shared } from './runtime/shared.ts'
import { errorText, isError } from './runtime/thrown.ts'

/** Every `code` that an error of this library can carry. */
export type RequeuestErrorCode =
  | 'invalid_input'
  | 'not_migrated'
  | 'schema_mismatch'
  | 'unsupported_database'
  | 'transaction_closed'
  | 'database_error'
  | 'duplicate_request'
  | 'request_not_found'
  | 'request_failed'
  | 'request_cancelled'
  | 'wait_timeout'
  | 'response_truncated'
  | 'response_not_json'
  | 'already_started'
  | 'not_recorded'
  | 'not_listening'
  | 'encryption_key_missing'
  | 'decryption_failed'
  | 'invalid_schedule'
  | 'decision_failed'
  | 'handler_failed'
  | 'renderer_missing'
  | 'resources_exhausted'
  | 'expectation_failed'

/**
 * Base class of all errors of this library. Match on `code`, which is stable; messages may change. `cause` is the underlying
 * error, if any.
 */
export class RequeuestError extends Error {
  override readonly name: string = 'RequeuestError'
  readonly code: RequeuestErrorCode

  constructor(code: RequeuestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    made.add(this)
  }
}

const made = shared('errors', () => new WeakSet<object>())

/** Whether it is an error of this library, not a proxy that pretends to be one. Never throws. */
export function isRequeuestError(thrown: unknown): thrown is RequeuestError {
  return typeof thrown === 'object' && thrown !== null && made.has(thrown)
}

/** Whether an argument was invalid, also of a method that another copy of this package has. Never throws. */
export function isInvalidInput(thrown: unknown): thrown is InvalidInputError {
  return isRequeuestError(thrown) && thrown.code === 'invalid_input'
}

/** A copy of an error for one of several callers, so that none sees what another adds to it. */
export function twinOf({ code, message, cause }: RequeuestError): RequeuestError {
  return new RequeuestError(code, message, { cause })
}

/** An argument is invalid. Nothing was written. */
export class InvalidInputError extends RequeuestError {
  override readonly name = 'InvalidInputError'
  declare readonly code: 'invalid_input'
  /** Path of the invalid field, such as `request.headers[2]` or `options.retry.backoff.base`. */
  readonly field: string

  /**
   * @param field - path of the invalid field
   * @param value - what was given; shown shortened, or not at all if it may hold a secret
   * @param expected - the valid values, as the end of a sentence: `a whole number from 1 to 10`
   */
  constructor(field: string, value: unknown, expected: string, options?: ErrorOptions) {
    super('invalid_input', `${field} must be ${expected}, got ${describe(value)}.`, options)
    this.field = field
  }

  /** The same error for a nested field: `options.priority` within `requests[3]`. */
  within(outer: string): InvalidInputError {
    const field = `${outer}.${this.field}`
    const error = new InvalidInputError(field, undefined, '', { cause: this.cause })
    error.message = `${outer}.${this.message}`
    return error
  }
}

/** The channel has a request with this `dedupe.key` already, and `onDuplicate` is `'error'`. Nothing was written. */
export class DuplicateRequestError extends RequeuestError {
  override readonly name = 'DuplicateRequestError'
  declare readonly code: 'duplicate_request'
  /** Id of the request that holds the key. */
  readonly requestId: string
  readonly dedupeKey: string

  constructor(requestId: string, channel: string, dedupeKey: string) {
    super(
      'duplicate_request',
      `The channel ${describe(channel)} has a request with the dedupe key ${describe(dedupeKey)} already: ${requestId}.`,
    )
    this.requestId = requestId
    this.dedupeKey = dedupeKey
  }
}

/** The awaited request failed. */
export class RequestFailedError extends RequeuestError {
  override readonly name = 'RequestFailedError'
  declare readonly code: 'request_failed'
  readonly requestId: string
  /** Why the request failed. */
  readonly failureCode: string
  /** Error of the last attempt: a code such as `connection_refused`, or `status 500`; null if there was no attempt. */
  readonly lastError: string | null

  constructor(
    requestId: string,
    failureCode: string,
    attempts: number,
    lastError: string | null,
    lastMessage: string | null = null,
  ) {
    const last = lastError === null ? '' : `, the last one with ${lastError}`
    const why = lastMessage === null ? '' : `: ${lastMessage}`
    super('request_failed', `Request ${requestId} failed (${failureCode}) after ${attempts} attempts${last}${why}.`)
    this.requestId = requestId
    this.failureCode = failureCode
    this.lastError = lastError
  }
}

/** The awaited request was cancelled. */
export class RequestCancelledError extends RequeuestError {
  override readonly name = 'RequestCancelledError'
  declare readonly code: 'request_cancelled'
  readonly requestId: string

  constructor(requestId: string) {
    super('request_cancelled', `Request ${requestId} was cancelled.`)
    this.requestId = requestId
  }
}

/** The awaited request was not final within the timeout. The request itself is not cancelled. */
export class WaitTimeoutError extends RequeuestError {
  override readonly name = 'WaitTimeoutError'
  declare readonly code: 'wait_timeout'
  readonly requestId: string

  constructor(requestId: string, timeoutMs: number) {
    super(
      'wait_timeout',
      `Request ${requestId} was not final within ${timeoutMs} ms. It goes on; wait again with waitFor().`,
    )
    this.requestId = requestId
  }
}

/** What a test expected of requests, with the functions of `requeuest/testing`, is not so. */
export class ExpectationError extends RequeuestError {
  override readonly name = 'ExpectationError'
  declare readonly code: 'expectation_failed'

  constructor(message: string, options?: ErrorOptions) {
    super('expectation_failed', message, options)
  }
}

const SHOWN_CHARACTERS = 80

/** Stands in error messages for a value that must not be shown. */
export class Hidden {
  readonly kind: string

  constructor(kind: string) {
    this.kind = kind
  }
}

/** The value as an error message may show it when it may be a secret: only what kind of thing it is. */
export function hidden(value: unknown): Hidden {
  return new Hidden(typeof value === 'string' ? `a text of ${value.length} characters` : kindOf(value))
}

/** A value as an error message may show it: short, on one line, with credentials in URLs hidden. Never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return `${shorten(String(value))}n`
  return kindOf(value)
}

/** Objects are not shown: a request in the wrong place would bring its headers along. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value !== 'object') return `a ${typeof value}`
  try {
    if (value instanceof Hidden) return value.kind
    if (value instanceof Uint8Array || value instanceof ArrayBuffer) return `${value.byteLength} bytes`
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
    if (value instanceof Promise) return 'a promise'
    if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  } catch {
    // A proxy that refuses to be looked at.
  }
  return 'an object'
}

function quote(text: string): string {
  // JSON writes control characters and half surrogate pairs as escapes.
  const escaped = JSON.stringify(redactUrl(text)).slice(1, -1)
  return escaped.length > SHOWN_CHARACTERS
    ? `"${escaped.slice(0, SHOWN_CHARACTERS)}…" (${text.length} characters)`
    : `"${escaped}"`
}

/** What something that was thrown says of itself, fit for the middle of a message. Anything can be thrown. Never throws. */
export function reasonOf(thrown: unknown): string {
  const text = isError(thrown) ? errorText(thrown) : describe(thrown)
  return shorten(redactUrl(text).replace(/[\s\p{Cc}]+/gu, ' '), 160)
}

function shorten(text: string, length = SHOWN_CHARACTERS): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

/** Hides `user:password@` and the values of a query or fragment, where tokens live, in a text with URLs in it. */
export function redactUrl(text: string): string {
  return text
    .replace(/\/\/[^/?#\s"]*@/g, '//(hidden)@')
    .replace(/\/\/[^/?#\s"@:]*:[^\s"@]{0,500}@/g, '//(hidden)@')
    .replace(/([?&#][^=&?#\s"]*=)[^&\s"#]*/g, '$1(hidden)')
}
