import { request } from 'undici'
import type { JobData } from './system.ts'

/** Sends as a user of a job queue would: undici's own `request`, on its global agent. Throws what is to be tried again. */
export async function send({ url, body }: JobData): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await request(url, { method: 'POST', headers, body })
  // Read to its end, so that the connection can be used again; thrown away, since the peers keep no history.
  await response.body.dump({ limit: Number.MAX_SAFE_INTEGER })
  if (response.statusCode >= 300) throw new Error(`status ${response.statusCode}`)
}
