import type { StatusRules } from '../policy/on-status.ts'
import type { RetryPolicy } from '../policy/retry-policy.ts'
import { plainList } from './lists.ts'

/** The waits as an array of Postgres; null for none, as most requests have it. */
export function delaysOf({ retry }: { retry: RetryPolicy }): string | null {
  return retry.delaysMs ? plainList(retry.delaysMs) : null
}

/** The policy by status; null where it says nothing, which takes less to store and to read. */
export function rulesOf({ onStatus }: { onStatus: StatusRules }): StatusRules | null {
  return Object.keys(onStatus).length === 0 ? null : onStatus
}
