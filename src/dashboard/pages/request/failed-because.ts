import type { FailureCode } from '../../../policy/outcome.ts'

const WORDS: Readonly<Record<FailureCode, string>> = {
  attempts_exhausted: 'all its attempts failed',
  expired: 'it expired before it could be delivered',
  address_blocked: 'the network rules forbid its address',
  invalid_request: 'what its row holds is no request that can be sent',
  rejected: 'its receiver refused it for good',
  poison: 'five workers in a row did not survive it, or did not report',
}

/** Why a request failed, in words. A row that was written by hand may say anything. */
export function failedBecause(code: string | null): string {
  return (WORDS as Readonly<Record<string, string>>)[code ?? ''] ?? code ?? 'nothing says why'
}
