import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HttpRequestInput, InvalidInputError, type SpawnOptions } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
})
/** Texts of any UTF-16 units, half surrogate pairs and NUL included. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units))
const oddNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 5, 2 ** 31, 2 ** 53, 1e300))
const oddDuration = fc.oneof(
  oddNumber,
  fc
    .tuple(
      fc.oneof(fc.nat(), fc.double(), fc.constantFrom('1.5', '0.001', '')),
      fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', ''),
    )
    .map(([count, unit]) => `${count}${unit}`),
)
const oddDate = fc.date({ noInvalidDate: false })
const sometimes = <T>(likely: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: likely }, { weight: 1, arbitrary: anything })

const anyUrl = fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), anyText)
const anyHeaders = fc.oneof(
  fc.array(fc.tuple(fc.oneof(fc.constantFrom('x-a', 'Host', 'content-type'), anyText), anyText), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.array(fc.string()))),
)
const anyBody = fc.oneof(anyText, fc.uint8Array(), fc.constant(null), fc.constant(undefined))
const anyRequest = fc.oneof(
  anyUrl,
  anything,
  fc.record(
    {
      method: sometimes(fc.constantFrom('GET', 'POST', 'head', 'QUERY', 'TRACE')),
      url: sometimes(anyUrl),
      headers: sometimes(anyHeaders),
      body: sometimes(anyBody),
      json: anything,
    },
    { requiredKeys: ['url'] },
  ),
)

const OPTIONS: Record<string, fc.Arbitrary<unknown>> = {
  accept: fc.array(fc.oneof(fc.constantFrom('2xx', '404', 500, '200-299', '9xx'), anyText)),
  retry: fc.record(
    {
      backoff: fc.record(
        {
          base: oddDuration,
          factor: oddNumber,
          max: oddDuration,
          jitter: fc.constantFrom('full', 'none', 'x'),
          delays: fc.array(oddDuration),
        },
        { requiredKeys: [] },
      ),
      maxAttempts: oddNumber,
      onStatus: fc.dictionary(fc.constantFrom('4xx', '500', '404', '9xx'), fc.constantFrom('fail', 'retry', 'x')),
    },
    { requiredKeys: [] },
  ),
  timeout: oddDuration,
  expiresAfter: oddDuration,
  maxRedirects: oddNumber,
  dedupe: fc.record(
    { key: anyText, for: oddDuration, onDuplicate: fc.constantFrom('keep', 'replace', 'error', 'x') },
    { requiredKeys: [] },
  ),
  id: fc.uuid(),
  priority: oddNumber,
  order: fc.oneof(
    fc.constant('channel'),
    fc.record(
      { key: anyText, channel: fc.constantFrom(true, 'a'), afterFailure: fc.constantFrom('continue', 'hold', 'x') },
      { requiredKeys: [] },
    ),
  ),
  delay: oddDuration,
  runAt: oddDate,
  expiresAt: oddDate,
  tx: fc.constant(undefined),
}
const anOption = fc
  .constantFrom(...Object.keys(OPTIONS))
  .chain((key) => fc.tuple(fc.constant(key), sometimes(OPTIONS[key]!)))
const severalOptions = (maxLength: number) =>
  fc.uniqueArray(anOption, { selector: ([key]) => key, minLength: 1, maxLength }).map(Object.fromEntries)
const plainOptions = fc.constant({})
const plainRequest = fc.constant('https://example.com/')
const channel = fc.oneof({ weight: 5, arbitrary: fc.constant('billing') }, { weight: 1, arbitrary: anything })

/** Everything that `spawn` lets through is a row; all else is refused for its own sake, never by the database. */
async function storedOrRefused(channelName: unknown, request: unknown, options: unknown): Promise<boolean> {
  const { prisma } = database
  let id: string
  try {
    id = await createRequeuest(prisma).spawn(
      channelName as string,
      request as HttpRequestInput,
      options as SpawnOptions,
    )
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    expect(error.message.startsWith(`${error.field} must be `)).toBe(true)
    return false
  }
  // Through the library, which reads dates that Prisma's own reader cannot.
  const found = await createRequeuest(prisma).find(id)
  expect(found).toMatchObject({ id, channel: channelName, state: 'pending' })
  return true
}

test.each<[string, fc.Arbitrary<unknown>, fc.Arbitrary<unknown>, fc.Arbitrary<unknown>]>([
  ['any request', fc.constant('billing'), anyRequest, plainOptions],
  ['any option', fc.constant('billing'), plainRequest, severalOptions(1)],
  ['any few options', fc.constant('billing'), plainRequest, severalOptions(4)],
  ['anything at all', channel, anyRequest, fc.oneof(plainOptions, anything, severalOptions(2))],
])('%s is either stored or refused with what is wrong about it', async (_, channels, requests, options) => {
  const counts = { stored: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(channels, requests, options, async (channelName, request, option) => {
      counts[(await storedOrRefused(channelName, request, option)) ? 'stored' : 'refused']++
    }),
    { numRuns: 300 },
  )
  // The generator must reach both sides to say anything.
  expect(counts.stored).toBeGreaterThan(5)
  expect(counts.refused).toBeGreaterThan(5)
})

test('any list of requests is stored whole or not at all', async () => {
  const { prisma } = database
  const list = fc.oneof(
    { weight: 3, arbitrary: fc.array(fc.oneof(fc.webUrl(), fc.webUrl(), anyRequest), { maxLength: 4 }) },
    { weight: 1, arbitrary: anything },
  )
  await fc.assert(
    fc.asyncProperty(list, async (requests) => {
      const before = await prisma.httpRequest.count()
      const spawning = createRequeuest(prisma).spawnMany('billing', requests as HttpRequestInput[])
      const ids = await spawning.catch((error: unknown) => {
        if (error instanceof InvalidInputError) return []
        throw error
      })
      expect(await prisma.httpRequest.count()).toBe(before + ids.length)
    }),
    { numRuns: 100 },
  )
})
