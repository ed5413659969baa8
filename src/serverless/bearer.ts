import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Returns a test whether an `Authorization` header has the secret. How long that takes tells nothing of the secret, nor of its
 * length: digests are compared.
 */
export function bearerCheck(secret: string | undefined): (authorization: string | null) => boolean {
  if (secret === undefined || secret === '') return () => false
  const expected = digest(secret)
  return (authorization) => {
    const [, token] = /^Bearer +(.+)$/i.exec(authorization ?? '') ?? []
    return token !== undefined && timingSafeEqual(digest(token), expected)
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
