import { unfold } from './thrown.ts'

const EXHAUSTED = /^(EMFILE|ENFILE|ENOBUFS|ENOMEM)$/
/** No port is left to connect from, if that was to be by IPv4: with IPv6 it says that this machine has no such address. */
const IPV4 = /^connect EADDRNOTAVAIL \d+\.\d+\.\d+\.\d+:/

/**
 * What this process or machine has run out of (descriptors, buffers, ports, memory), if that is why it failed, as the code that
 * the system has for it: no receiver can help that.
 */
export function exhaustedBy(error: unknown): string | null {
  const found = unfold(error).find(
    ({ code, message }) => EXHAUSTED.test(code) || (code === 'EADDRNOTAVAIL' && IPV4.test(message)),
  )
  return found?.code ?? null
}
