import { Resolver } from 'node:dns'

/** With what names are asked for. */
export type Questions = Pick<Resolver, 'resolve4' | 'resolve6' | 'cancel'>

/** A connection that is to be made waits for 10 s in all. */
const LONGEST_MS = 8000
/** When one kind of address is there the other is not waited for much longer: there are servers that never answer for IPv6. */
const OTHER_KIND_MS = 500
/** The name servers have said that there is no such name, or cannot be asked at all. */
const UNKNOWN = ['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EREFUSED', 'ENOTIMP', 'ECONNREFUSED', 'ENOTINITIALIZED']

/**
 * Asks the name servers of this machine for both kinds of address, by sockets: a server that never answers takes none of
 * Node's few threads. Who calls a resolver anew each time learns when the servers have changed.
 *
 * @returns null when they do not know the name. Rejects when they do not answer.
 */
export function askNameServers(host: string, resolver: Questions = new Resolver()): Promise<string[] | null> {
  return new Promise((resolve, reject) => {
    const found: string[] = []
    const codes: string[] = []
    let timer = setTimeout(finish, LONGEST_MS)

    function finish(): void {
      clearTimeout(timer)
      if (found.length > 0) resolve(found)
      else if (codes.length === 2 && codes.every((code) => UNKNOWN.includes(code))) resolve(null)
      else reject(unanswered(host, codes))
      resolver.cancel()
    }
    const answered = (error: NodeJS.ErrnoException | null, addresses: string[] = []) => {
      codes.push(error?.code ?? 'ENODATA')
      found.push(...addresses)
      if (codes.length === 2) return finish()
      if (found.length === 0) return
      clearTimeout(timer)
      timer = setTimeout(finish, OTHER_KIND_MS)
    }
    resolver.resolve4(host, answered)
    resolver.resolve6(host, answered)
  })
}

function unanswered(host: string, codes: readonly string[]): Error {
  const said = codes.length > 0 ? ` (${[...new Set(codes)].join(', ')})` : ''
  return Object.assign(new Error(`no name server answered for ${host}${said}`), { code: 'EAI_AGAIN' })
}
