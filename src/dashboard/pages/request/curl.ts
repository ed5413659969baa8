import type { HeaderPairs } from '../../../message/message.ts'

/** What a command is made from: headers whose secrets are hidden, and the body as text, if it is shown. */
export interface CurlFacts {
  method: string
  url: string
  headers: HeaderPairs
  body: string | null
  /** Whether there is a body that is not shown. */
  hasOtherBody: boolean
}

/** In place of a secret, by `redactHeaders`. */
const HIDDEN = '(hidden)'

/**
 * The request as a command for `curl`. Values that are hidden are variables of the shell, `$AUTHORIZATION`, and a body that is not
 * shown is the file `body`.
 */
export function curlOf({ method, url, headers, body, hasOtherBody }: CurlFacts): string {
  const upper = method.toUpperCase()
  return [
    `curl --globoff ${upper === 'HEAD' ? '--head' : `--request ${quoted(method)}`}`,
    `--url ${quoted(url)}`,
    ...headers.filter(([name]) => isName(name)).map(([name, value]) => `--header ${headerText(name, value)}`),
    ...(body === null ? (hasOtherBody ? ['--data-binary @body'] : []) : [`--data-raw ${quoted(body)}`]),
  ].join(' \\\n  ')
}

function headerText(name: string, value: string): string {
  if (value === HIDDEN) return `${quoted(`${name}: `)}"$${variableOf(name)}"`
  // `name:` would take away a header that curl sends by itself.
  return quoted(value === '' ? `${name};` : `${name}: ${value}`)
}

/** As a header's name begins with no digit where it is one, but a row that was written by hand may hold any. */
function variableOf(name: string): string {
  const variable = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
  return /^\d/.test(variable) ? `_${variable}` : variable
}

/** What `curl` would take for the name of a file, or what is no name at all, is left out. */
function isName(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name)
}

/** One word of a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`
}
