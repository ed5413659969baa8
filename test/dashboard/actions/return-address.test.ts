import fc from 'fast-check'
import { expect, test } from 'vitest'
import { returnAddress, withNote, withoutNote } from '../../../src/dashboard/actions/return-address.ts'
import type { View } from '../../../src/dashboard/view/view.ts'

const at = (basePath: string) => ({ options: { basePath }, href: (path: string) => `${basePath}${path}` }) as View

/** Where a browser goes that is at a page of the dashboard. */
const goes = (basePath: string, given: string | null) =>
  new URL(returnAddress(given, at(basePath)), `https://admin.example${basePath}/actions/redrive`)

const PIECES = [
  '/',
  '\\',
  '.',
  '..',
  ':',
  '@',
  '//',
  'evil.example',
  'https:',
  'javascript:',
  '%2f',
  '%5c',
  '\t',
  '\n',
  '?',
  '#',
  'admin',
  ' ',
]

test('it stays on the dashboard, whatever the form says', () => {
  const pieces = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 10 })
  fc.assert(
    fc.property(pieces, fc.constantFrom('', '/admin'), (parts, basePath) => {
      for (const given of [parts.join(''), `${basePath}/${parts.join('')}`]) {
        const url = goes(basePath, given)
        expect(url.origin).toBe('https://admin.example')
        expect(`${url.pathname}/`.startsWith(`${basePath}/`)).toBe(true)
      }
    }),
    { numRuns: 2000 },
  )
})

test.each([
  'https://evil.example/',
  '//evil.example/admin/',
  '/\\evil.example/admin/',
  '/.//evil.example/admin/',
  '/admin/../..//evil.example',
  '\t//evil.example/admin',
  'javascript:alert(1)',
  '/administration',
  '/other',
  '',
  null,
])('%j leads to the overview', (given) => {
  expect(returnAddress(given, at('/admin'))).toBe('/admin/')
})

test.each([
  ['/admin/requests?channel=a%26b&state=failed', '/admin/requests?channel=a%26b&state=failed'],
  ['/admin', '/admin'],
  ['/admin/lines?done=pause&changed=1&others=0', '/admin/lines'],
  ['/admin/requests#r-1', '/admin/requests'],
])('%s is gone back to', (given, expected) => {
  expect(returnAddress(given, at('/admin'))).toBe(expected)
})

test('a note is added to an address once', () => {
  const note = { done: 'pause', changed: 1, others: 0 }
  const address = withNote('/requests?channel=a', note)
  expect(address).toBe('/requests?channel=a&done=pause&changed=1&others=0')
  expect(withoutNote(new URL(address, 'http://x').searchParams)).toBe('?channel=a')
})
