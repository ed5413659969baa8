import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isForThisHost, isFromThisPage, provenanceOf } from '../../../src/dashboard/access/same-origin.ts'

const ORIGINS = ['https://admin.example.com', 'http://127.0.0.1:4848']

test.each([
  ['admin.example.com', true],
  ['ADMIN.example.com', true],
  ['admin.example.com:443', true],
  ['127.0.0.1:4848', true],
  ['127.0.0.1', false],
  ['admin.example.com:80', false],
  ['admin.example.com:8443', false],
  ['admin.example.com.', false],
  ['admin.example.com.evil.example', false],
  ['evil.example', false],
  ['user@admin.example.com', false],
  ['admin.example.com/x', false],
  ['admin.example.com?', false],
  ['admin.example.com#', false],
  ['a b', false],
  ['', false],
])('of two origins the host %j is one: %j', (host, isOne) => {
  expect(isForThisHost({ host }, ORIGINS)).toBe(isOne)
  expect(isForThisHost({ host }, null)).toBe(true)
})

const HOST = 'admin.example.com'
const OWN = `https://${HOST}`
const EVIL = 'https://evil.example'

test.each([
  // What browsers say, and whether it is enough without and with the origins that are known.
  [null, null, false, false],
  [null, 'same-origin', true, true],
  [null, 'same-site', false, false],
  [null, 'cross-site', false, false],
  [null, 'none', false, false],
  [null, 'Same-Origin', false, false],
  [OWN, null, true, true],
  [OWN, 'same-origin', true, true],
  [OWN, 'cross-site', false, false],
  [OWN, 'none', false, false],
  [`http://${HOST}`, null, true, false],
  [`${OWN}:8443`, null, false, false],
  [EVIL, null, false, false],
  [EVIL, 'cross-site', false, false],
  ['null', null, false, false],
  ['null', 'cross-site', false, false],
  ['', null, false, false],
  [`${OWN}, ${EVIL}`, null, false, false],
  // No browser says this: the two disagree only where a proxy has changed the host, which then has to be named.
  [EVIL, 'same-origin', true, false],
])(
  'a form with the origin %j and the site %j may act: %j, and %j with known origins',
  (origin, fetchSite, any, known) => {
    expect(isFromThisPage({ host: HOST, origin, fetchSite }, null)).toBe(any)
    expect(isFromThisPage({ host: HOST, origin, fetchSite }, [OWN])).toBe(known)
  },
)

test('no page of another host can send a form, whatever the two are called', () => {
  const hosts = fc.tuple(fc.webAuthority(), fc.webAuthority())
  fc.assert(
    fc.property(hosts, fc.constantFrom('http:', 'https:'), ([host, foreign], scheme) => {
      fc.pre(URL.canParse(`${scheme}//${host}`) && URL.canParse(`${scheme}//${foreign}`))
      const { origin } = new URL(`${scheme}//${foreign}`)
      fc.pre(new URL(`${scheme}//${host}`).origin !== origin)
      // The browser of a page there says where it is from, and older ones leave out the site.
      for (const fetchSite of ['cross-site', 'same-site', null]) {
        expect(isFromThisPage({ host, origin, fetchSite }, null)).toBe(false)
        expect(isFromThisPage({ host, origin, fetchSite }, [new URL(`${scheme}//${host}`).origin])).toBe(false)
      }
    }),
  )
})

test('the host is that of the address where no header has it', () => {
  expect(provenanceOf(new Request('https://Admin.example.com:8443/x'))).toEqual({
    host: 'admin.example.com:8443',
    origin: null,
    fetchSite: null,
  })
})
