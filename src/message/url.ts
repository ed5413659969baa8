export type UrlCheck = { ok: true; url: URL } | { ok: false; reason: string }

const MAX_URL_LENGTH = 8192
/** No name of the DNS is longer; so an origin is never longer than the database keeps it. */
const MAX_HOST_LENGTH = 253

/** Whether `text` is a URL that a request can be sent to. Says nothing about whether the address may be reached. */
export function checkUrl(text: unknown): UrlCheck {
  if (typeof text !== 'string') return bad('it is not a text')
  if (text.length > MAX_URL_LENGTH) return bad(`it is longer than ${MAX_URL_LENGTH} characters`)
  // The URL parser would drop tabs and line breaks in silence; Postgres holds no NUL and no lone surrogates.
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return bad('it contains a control character or half of a surrogate pair')
  // Without this, `http:example.com` would be read as if the slashes were there.
  if (!/^https?:\/\//i.test(text)) return bad('it is not an absolute http or https URL')
  const url = parse(text)
  if (url === null) return bad('it cannot be parsed')
  if (url.username !== '' || url.password !== '') return bad('it contains a user or password, which is not sent')
  if (url.hostname.length > MAX_HOST_LENGTH) return bad(`its host name is longer than ${MAX_HOST_LENGTH} characters`)
  if (url.port === '0') return bad('port 0 cannot be connected to')
  if (url.href.length > MAX_URL_LENGTH) return bad(`it is longer than ${MAX_URL_LENGTH} characters when encoded`)
  return { ok: true, url }
}

/** The port that a URL stands for, written out or not. */
export function portOf(url: { protocol: string; port: string }): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

/** Not `canParse` first, since most can, and are parsed once. */
function parse(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

function bad(reason: string): UrlCheck {
  return { ok: false, reason }
}
