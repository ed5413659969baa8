import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { http } from '../../src/index.ts'
import { readBodyText, SHORT_BYTES, withBytes } from '../../src/store/body-text.ts'
import { selectContents } from '../../src/store/contents.ts'
import { connect, createRequeuest, databaseIn, freshDatabase, receiverOf } from '../support/fixture.ts'

const ENCODINGS = ['UTF8', 'LATIN1', 'SQL_ASCII', 'EUC_JP']
const databaseOf = (encoding: string) => (encoding === 'UTF8' ? freshDatabase() : databaseIn(encoding))

/** What is no UTF-8, or no text of Postgres'. */
const BAD: Record<string, number[]> = {
  'a NUL': [0x61, 0x00, 0x62],
  'a lone continuation byte': [0x61, 0x80],
  'a sequence that is cut off': [0x61, 0xe2, 0x82],
  'a sequence that is cut off in front of another character': [0xe2, 0x82, 0x61],
  'half a surrogate pair': [0xed, 0xa0, 0x80],
  'a character that is written too long': [0xc0, 0x80],
  'a character that does not exist': [0xf4, 0x90, 0x80, 0x80],
  'a byte that never occurs': [0xff],
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom(
      '',
      '\ufeff',
      '\ufeffa',
      '\u2028',
      '=',
      '==',
      '#12',
      '\\x61',
      '\\\\',
      'é',
      '€',
      '☃',
      '〜～',
      '𝄞',
      '\u{10ffff}',
    )
    .map((text) => Buffer.from(text)),
  fc.constantFrom(...Object.values(BAD)).map((bad) => Buffer.from(bad)),
)

describe.each(ENCODINGS)('in a database in %s', (encoding) => {
  test('bytes of any kind come out as they went in', { timeout: 60_000 }, async () => {
    const prisma = connect(await databaseOf(encoding))
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        const { id } = await prisma.httpRequest.create({
          data: { channel: 'a', url: 'http://a.test/', body: new Uint8Array(body) },
        })
        const [row] = await selectContents(prisma, [id])
        expect(Buffer.from(withBytes(row!).body!).equals(body)).toBe(true)
      }),
    )
  })

  test('bodies of rows that are no text are sent and answered byte for byte, and hold up no other', {
    timeout: 60_000,
  }, async () => {
    const prisma = connect(await databaseOf(encoding))
    const receiver = await receiverOf(({ body }) => ({ body }))
    const requeuest = createRequeuest(prisma)
    const texts = ['{"größe":"€ ☃"}', 'plain', '']
    const parts = [...Object.values(BAD).map((bad) => Buffer.from(bad)), ...texts.map((text) => Buffer.from(text))]
    // Around the sizes from which a body is looked at, and from which it is read on its own.
    const bodies = parts.flatMap((part) =>
      [0, SHORT_BYTES, SHORT_BYTES + 1, 16_384, 20_000].map((size) =>
        Buffer.concat([Buffer.alloc(Math.max(0, size - part.length), 'x'), part]),
      ),
    )
    const data = bodies.map((body, index) => ({
      ...{ channel: 'a', method: 'POST', url: `${receiver.url}/${index}` },
      body: new Uint8Array(body),
    }))
    await prisma.httpRequest.createMany({ data })
    const ids = await requeuest.spawnMany(
      'a',
      bodies.map((body, index) => http.post(`${receiver.url}/${bodies.length + index}`, { body })),
    )
    await requeuest.start({ channels: ['a'] })
    await expect
      .poll(() => prisma.httpRequest.count({ where: { state: 'delivered' } }), { timeout: 20_000 })
      .toBe(2 * bodies.length)
    const sent = [...bodies, ...bodies]
    for (const request of receiver.requests) {
      const index = Number(request.url.slice(1))
      expect([index, request.body.equals(sent[index]!)]).toEqual([index, true])
    }
    for (const [index, id] of ids.entries()) {
      const found = (await requeuest.find(id))!
      const read = [found.body, found.attempts[0]!.body, (await requeuest.waitFor(id)).body]
      expect(read.map((part) => Buffer.from(part ?? []).equals(bodies[index]!))).toEqual([true, true, true])
    }
  })
})

test.each(Object.entries(BAD))('%s is passed in base64, and text as text', async (_, bad) => {
  const prisma = connect(await freshDatabase())
  const [row] = await prisma.$queryRaw<{ bad: string; good: string; none: string | null }[]>`
    SELECT requeuest_body_text(${Buffer.from(bad)}) AS bad, requeuest_body_text(${Buffer.from('größe')}) AS good,
      requeuest_body_text(NULL) AS none`
  expect(row).toEqual({ bad: Buffer.from(bad).toString('base64'), good: '=größe', none: null })
  expect(Buffer.from(readBodyText(row!.good)).toString()).toBe('größe')
})
