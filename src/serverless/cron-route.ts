import { checkKeys, checkObject } from '../check/check.ts'
import type { Duration } from '../check/duration.ts'
import { hidden, InvalidInputError, isRequeuestError } from '../errors.ts'
import { DRAIN_KEYS, type DrainOptions, type DrainResult, resolveDrainOptions } from '../options/drain.ts'
import { bearerCheck } from './bearer.ts'

/** The part of a `Requeuest` that a route calls. */
export interface Drains {
  /** Sends what is due and returns. */
  drain(options: DrainOptions): Promise<DrainResult>
}

/** Options of {@link cronRoute}: those of a drain, and the secret of those who may call it. */
export interface CronRouteOptions extends Omit<DrainOptions, 'budget' | 'signal'> {
  /**
   * What callers send as `Authorization: Bearer …`, such as `process.env.CRON_SECRET`. While it is undefined or empty, all calls
   * are refused.
   */
  secret: string | undefined
  /** How long a call may take, as for a drain: a few seconds less than the platform lets a function run. */
  budget: Duration
}

/** As when a variable was set with a line break at its end: no caller could ever send it. */
const UNSENDABLE = /^\s|\s$|[^\x20-\xff]|\x7f/

const HEADERS = { 'cache-control': 'no-store' }

/**
 * Makes the handler of a route that a timer calls: each call drains once. It is a function of the web's standard `Request` and
 * `Response`, for Next.js, Hono, Deno, Bun and others.
 *
 * It answers GET and POST with the {@link DrainResult} as JSON, other methods with 405, a missing or wrong secret with 401, and a
 * drain that fails with 500 and the error's `code` and `message`.
 *
 * @throws `InvalidInputError` if an option is invalid
 */
export function cronRoute(requeuest: Drains, options: CronRouteOptions): (request: Request) => Promise<Response> {
  checkObject(
    'options',
    options,
    "an object such as { secret: process.env.CRON_SECRET, channels: 'all', budget: '50s' }",
  )
  checkKeys('options', options, ['secret', ...DRAIN_KEYS.filter((key) => key !== 'signal')])
  const { secret, ...drainOptions } = options
  if (secret !== undefined && typeof secret !== 'string') {
    throw new InvalidInputError('options.secret', hidden(secret), 'a text, or undefined: then all calls are refused')
  }
  if (secret !== undefined && UNSENDABLE.test(secret)) {
    throw new InvalidInputError(
      'options.secret',
      hidden(secret),
      'a text that a header can carry: none with spaces or a line break at its ends',
    )
  }
  if (options.budget === undefined) {
    throw new InvalidInputError('options.budget', undefined, "how long a call may take, such as '50s'")
  }
  resolveDrainOptions(drainOptions)
  const isAllowed = bearerCheck(secret)
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'POST') {
      return refusal(405, 'method_not_allowed', { allow: 'GET, POST' })
    }
    if (!isAllowed(request.headers.get('authorization'))) {
      return refusal(401, 'unauthorized', { 'www-authenticate': 'Bearer' })
    }
    try {
      return Response.json(await requeuest.drain(drainOptions), { headers: HEADERS })
    } catch (error) {
      const { code, message } = isRequeuestError(error)
        ? error
        : { code: 'internal_error', message: 'The drain failed.' }
      return Response.json({ error: code, message }, { status: 500, headers: HEADERS })
    }
  }
}

function refusal(status: number, error: string, headers: Record<string, string>): Response {
  return Response.json({ error }, { status, headers: { ...HEADERS, ...headers } })
}
