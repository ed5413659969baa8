/** What can be paused and limited. */
export type ScopeKind = 'channel' | 'origin'

/** A channel, or an origin as requests have it: `https://api.example.com`. */
export interface ScopeName {
  kind: ScopeKind
  name: string
}

/** At most `limit` starts in any `intervalMs`, give or take a tenth of a second's worth. */
export interface RateLimit {
  limit: number
  intervalMs: number
}

/** What all processes together may do; null for as much as they can. */
export interface ScopeLimits {
  concurrency: number | null
  rate: RateLimit | null
}
