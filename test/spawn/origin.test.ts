import fc from 'fast-check'
import { expect, test } from 'vitest'
import { originOf } from '../../src/core/origin.ts'
import { normaliseUrl } from '../../src/spawn/normalise.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const ODD = [
  'http://example.com',
  'HTTPS://EXAMPLE.com:443?a://b/c',
  'http://example.com:8080#/x',
  'http://example.com\\x\\..',
  'http://[::1]:3000/',
  'http://münchen.example/',
  `http://${'a'.repeat(400)}/x`,
  `http://${'a.'.repeat(145)}com:65535/x`,
].map((url) => normaliseUrl('request', url))

test('the origin of a URL is what the database reads from it', async () => {
  const urls = fc.array(fc.webUrl({ withQueryParameters: true, withFragments: true }), { minLength: 20, maxLength: 50 })
  const checked = fc.sample(urls, 10).flat()
  const all = [...ODD, ...checked.map((url) => normaliseUrl('request', url)), 'render://a-renderer']
  const rows = await database.prisma.$queryRaw<{ origin: string }[]>`
    SELECT requeuest_origin(url) AS origin FROM unnest(${all}::text[]) WITH ORDINALITY AS list (url, position) ORDER BY position`
  expect(all.map(originOf)).toEqual(rows.map((row) => row.origin))
})
