import { Agent, request } from 'undici'
import type { JobData, Terms } from './system.ts'

/** How a worker of the peers sends a job. Throws what is to be tried again. */
export type Send = (data: JobData, job: string) => Promise<void>

/** undici's agent, as its global one is but for what the receivers need. */
export function agentFor({ ca, timeoutMs }: Terms): Agent {
  return new Agent({
    ...(ca !== null && { connect: { ca } }),
    ...(timeoutMs !== null && { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }),
  })
}

/** Posts as a user of a job queue would: with undici's own `request`. */
export function post(dispatcher: Agent, { url, body }: JobData) {
  return request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, dispatcher })
}

/** Sends, and keeps nothing. */
export function sender(terms: Terms): Send {
  const agent = agentFor(terms)
  return async (data) => {
    const response = await post(agent, data)
    // Read to its end, so that the connection can be used again; thrown away, since the peers keep no history.
    await response.body.dump({ limit: Number.MAX_SAFE_INTEGER })
    throwUnlessAccepted(response.statusCode)
  }
}

export function throwUnlessAccepted(status: number): void {
  if (status >= 300) throw new Error(`status ${status}`)
}
