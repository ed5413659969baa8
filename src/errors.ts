/** Every `code` that an error of this library can carry. */
export type RequeuestErrorCode =
  | 'invalid_input'
  | 'not_migrated'
  | 'transaction_closed'
  | 'database_error'
  | 'request_not_found'
  | 'request_failed'
  | 'request_cancelled'
  | 'wait_timeout'
  | 'response_truncated'
  | 'already_started'
  | 'not_recorded'

/**
 * Base of every error that this library throws. Match on `code`, which is stable; messages may change.
 * The error that caused it, if there was one, is in `cause`.
 */
export class RequeuestError extends Error {
  override readonly name: string = 'RequeuestError'
  readonly code: RequeuestErrorCode

  constructor(code: RequeuestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Something was passed in that cannot work. Nothing was written. */
export class InvalidInputError extends RequeuestError {
  override readonly name = 'InvalidInputError'
  declare readonly code: 'invalid_input'
  /** Path of what is wrong, such as `request.headers[2]` or `options.backoff.baseMs`. */
  readonly field: string

  /**
   * @param field - what is wrong
   * @param value - what was given; shown shortened, or not at all when the field may hold a secret
   * @param expected - what would be right, as the end of a sentence: `a whole number from 1 to 10`
   */
  constructor(field: string, value: unknown, expected: string, options?: ErrorOptions) {
    super('invalid_input', `${field} must be ${expected}, got ${describe(value)}.`, options)
    this.field = field
  }
}

/** A request that was waited for was given up. */
export class RequestFailedError extends RequeuestError {
  override readonly name = 'RequestFailedError'
  declare readonly code: 'request_failed'
  readonly requestId: string
  /** Why it was given up. */
  readonly failureCode: string

  constructor(requestId: string, failureCode: string, attempts: number, lastError: string | null) {
    const last = lastError === null ? '' : `, the last one with ${lastError}`
    super('request_failed', `Request ${requestId} failed (${failureCode}) after ${attempts} attempts${last}.`)
    this.requestId = requestId
    this.failureCode = failureCode
  }
}

/** A request that was waited for was cancelled. */
export class RequestCancelledError extends RequeuestError {
  override readonly name = 'RequestCancelledError'
  declare readonly code: 'request_cancelled'
  readonly requestId: string

  constructor(requestId: string) {
    super('request_cancelled', `Request ${requestId} was cancelled.`)
    this.requestId = requestId
  }
}

/** A request was not final in the time that the caller wanted to wait. The request itself goes on. */
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

const SHOWN_CHARACTERS = 80

/** A value as an error message may show it: short, on one line, with credentials in URLs hidden. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'function') return 'a function'
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return `${value.byteLength} bytes`
  const text = typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? String(value) : stringify(value)
  const oneLine = redactUrl(text)
  return oneLine.length > SHOWN_CHARACTERS
    ? `${oneLine.slice(0, SHOWN_CHARACTERS)}… (${oneLine.length} characters)`
    : oneLine
}

/** Stands in error messages for a value that must not be shown. */
export const secret = { toJSON: () => '(hidden)' }

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

/** Hides `user:password@` and the values of a query, where tokens live. */
export function redactUrl(text: string): string {
  return text.replace(/\/\/[^/?#\s"]*@/g, '//(hidden)@').replace(/([?&][^=&\s"]*=)[^&\s"#]*/g, '$1(hidden)')
}
