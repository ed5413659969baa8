import { randomBytes } from 'node:crypto'
import type { Context as Call, MiddlewareHandler } from 'hono'
import { InvalidInputError, RequeuestError, reasonOf } from '../../errors.ts'
import type { Context } from '../../instance/context.ts'
import type { ResolvedDashboardOptions } from '../options.ts'
import { type Allowed, allowedBy } from './allowed.ts'
import { isForThisHost, isFromThisPage, provenanceOf } from './same-origin.ts'
import { securityHeaders } from './security-headers.ts'

/** What is known of a visitor who was let in. */
export interface Env {
  Bindings: { native: unknown }
  Variables: { allowed: Exclude<Allowed, null>; nonce: string }
}

/** What every address of the dashboard is behind. */
export function door(options: ResolvedDashboardOptions, { events }: Context): MiddlewareHandler<Env> {
  return async (call, next) => {
    const nonce = randomBytes(16).toString('base64')
    call.set('nonce', nonce)
    const refusal = await refusalOf(call, options, (error) => events.emit('error', error))
    if (refusal === null) await next()
    else call.res = refusal
    for (const [name, value] of Object.entries(securityHeaders(nonce))) {
      if (name !== 'cache-control' || !call.res.headers.has(name)) call.res.headers.set(name, value)
    }
  }
}

/** Why the visitor is not let in; null if they are. Nothing of the page has been looked at yet. */
async function refusalOf(
  call: Call<Env>,
  { access, origins }: ResolvedDashboardOptions,
  report: (error: RequeuestError) => void,
): Promise<Response | null> {
  const { raw, method } = call.req
  const provenance = provenanceOf(raw)
  if (!isForThisHost(provenance, origins)) return call.text('This host is not one of the dashboard.', 421)
  if (method !== 'GET' && method !== 'HEAD' && !isFromThisPage(provenance, origins)) {
    return call.text('Only pages of the dashboard itself may send this.', 403)
  }
  try {
    const given = await access(raw, call.env.native)
    const allowed = allowedBy(given)
    if (allowed !== null) {
      call.set('allowed', allowed)
      return null
    }
    if (given !== false) report(new InvalidInputError('the result of options.access', given, ACCESS))
    return call.text('You may not see this dashboard.', 403)
  } catch (error) {
    const message = `options.access of the dashboard threw: ${reasonOf(error)}`
    report(new RequeuestError('handler_failed', message, { cause: error }))
    return call.text('The dashboard could not decide whether you may see it.', 500)
  }
}

const ACCESS = "false, 'read', 'full' or a list of actions such as 'redrive'"
