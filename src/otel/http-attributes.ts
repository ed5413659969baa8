import type { Attributes } from '@opentelemetry/api'
import { memoized } from '../runtime/memoize.ts'
import { HTTP } from './names.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']

/** The name of a request's span: that of its method, since a URL would give each its own. */
export function spanName(method: string): string {
  return METHODS.includes(method) ? method : 'HTTP'
}

export function setMethod(attributes: Attributes, method: string): void {
  if (METHODS.includes(method)) {
    attributes[HTTP.method] = method
  } else {
    attributes[HTTP.method] = '_OTHER'
    attributes[HTTP.methodOriginal] = method.slice(0, 100)
  }
}

/** User, password, query and fragment may be secrets. */
export function setUrl(attributes: Attributes, { origin, pathname }: Pick<URL, 'origin' | 'pathname'>): void {
  const { address, port } = serverOf(origin)
  attributes[HTTP.url] = `${origin}${pathname}`
  attributes[HTTP.serverAddress] = address
  attributes[HTTP.serverPort] = port
}

/** Most attempts go to few origins, and to read a URL takes as long as all the rest of a span. */
const serverOf = memoized((origin: string) => {
  const { hostname, port, protocol } = new URL(origin)
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) }
})

/** What is told of the URL of a row; undefined if it is none that is sent to. */
export function readTarget(url: string, origin: string): Pick<URL, 'origin' | 'pathname'> | undefined {
  const isPlain = origin.startsWith('http') && url.startsWith(origin) && url[origin.length] === '/'
  if (isPlain) return { origin, pathname: /^[^?#]*/.exec(url.slice(origin.length))?.[0] ?? '' }
  return /^https?:/i.test(url) && URL.canParse(url) ? new URL(url) : undefined
}
