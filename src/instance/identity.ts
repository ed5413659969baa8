import { hostname } from 'node:os'
import { v4 as uuid } from 'uuid'

/** A worker as others see it. */
export interface Identity {
  readonly id: string
  readonly host: string
  readonly pid: number
}

/** In letters that a database of any encoding has. */
export function newIdentity(): Identity {
  const host = hostname().replaceAll(/[^\x21-\x7e]/g, '?')
  const { pid } = process
  return { id: `${host}:${pid}:${uuid().slice(0, 8)}`, host, pid }
}
