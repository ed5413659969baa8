import { expect, test } from 'vitest'
import { securityHeaders } from '../../../src/dashboard/access/security-headers.ts'

test('browsers are told to run nothing that was not meant, to load nothing from elsewhere, and to keep nothing', () => {
  const headers = securityHeaders('abc')
  const policy = Object.fromEntries(
    (headers['content-security-policy'] as string).split('; ').map((part) => part.split(/ (.*)/).slice(0, 2)),
  )
  expect(policy).toEqual({
    'default-src': "'none'",
    'script-src': "'nonce-abc'",
    'style-src': "'nonce-abc'",
    'img-src': "'self' data:",
    'connect-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  })
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
  })
})
