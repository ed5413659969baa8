import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { type BodyInput, type HttpRequestInput, http, InvalidInputError } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const LIMIT = 1000

async function refusal(input: HttpRequestInput): Promise<InvalidInputError> {
  const spawning = createRequeuest(database.prisma, { maxBodyBytes: LIMIT }).spawn('billing', input)
  const error = await spawning.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InvalidInputError)
  expect(await database.prisma.httpRequest.count()).toBe(0)
  return error as InvalidInputError
}

const post = (body: unknown) => http.post('https://example.com/', { body: body as BodyInput })

test('a stream that never ends of a ReadableStream is cancelled as soon as it is too long', async () => {
  let pulled = 0
  let cancelled = 0
  const endless = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(100))
      },
      cancel() {
        cancelled++
      },
    },
    { highWaterMark: 0 },
  )
  const error = await refusal(post(endless))
  expect(error).toMatchObject({ field: 'request.body', message: expect.stringContaining('got more than 1000 bytes') })
  expect({ pulled, cancelled }).toEqual({ pulled: 11, cancelled: 1 })
  expect(endless.locked).toBe(false)
})

test('a stream that never ends of a Request is cancelled, too', async () => {
  let cancelled = 0
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(600)),
    cancel: () => void cancelled++,
  })
  const request = new Request('https://example.com/', { method: 'POST', body, duplex: 'half' } as RequestInit)
  expect(await refusal(request)).toMatchObject({ field: 'request.body' })
  expect(cancelled).toBe(1)
})

test('a stream that never ends of an async generator is left', async () => {
  let given = 0
  let left = false
  async function* endless() {
    try {
      for (;;) {
        given++
        yield 'x'.repeat(400)
      }
    } finally {
      left = true
    }
  }
  await refusal(post(endless()))
  expect({ given, left }).toEqual({ given: 3, left: true })
})

test('a stream that never ends of Node is destroyed', async () => {
  const endless = new Readable({
    read() {
      this.push(Buffer.alloc(600))
    },
  })
  await refusal(post(endless))
  expect(endless.destroyed).toBe(true)
})

test.each<[string, unknown, string]>([
  ['with an Error', new Error('disk on fire'), 'disk on fire'],
  ['with undefined', undefined, 'nothing'],
  ['with an object that cannot be turned into a text', Object.create(null), 'an object'],
])('a stream that breaks %s is refused with its reason and its cause', async (_, reason, shown) => {
  async function* broken() {
    yield 'some'
    throw reason
  }
  const error = await refusal(post(broken()))
  expect(error.field).toBe('request.body')
  expect(error.message).toBe(`request.body must be a stream that can be read to its end (${shown}), got an object.`)
  expect(error.cause).toBe(reason)
})

test('a stream that breaks as a ReadableStream or a Node stream is refused likewise', async () => {
  const cause = new Error('gone')
  const web = new ReadableStream({ pull: (controller) => controller.error(cause) })
  const node = new Readable({ read: () => node.destroy(cause) })
  expect((await refusal(post(web))).cause).toBe(cause)
  expect((await refusal(post(node))).cause).toBe(cause)
})

async function* pieces(...chunks: unknown[]) {
  yield* chunks
}

test.each<[string, () => unknown, string]>([
  ['one of numbers', () => pieces(1, 2), 'a stream of bytes or text, got a number'],
  ['one of objects', () => Readable.from([{ secret: 1 }]), 'a stream of bytes or text, got an object'],
  ['one of null', () => pieces(null), 'a stream of bytes or text, got null'],
  ['one with half a surrogate pair', () => pieces('a\ud83d'), 'half a surrogate pair'],
  ['one with a pair that is cut in two', () => pieces('\ud83d', '\ude00'), 'half a surrogate pair'],
])('a stream that cannot be stored is refused: %s', async (_, body, message) => {
  const error = await refusal(post(body()))
  expect(error).toMatchObject({ field: 'request.body', message: expect.stringContaining(message) })
})

test('a stream that cannot be stored is refused: one that somebody else reads already', async () => {
  const locked = new Blob(['abc']).stream()
  locked.getReader()
  expect((await refusal(post(locked))).field).toBe('request.body')
})

test('a stream that cannot be stored is refused: a Request whose body was read already', async () => {
  const used = new Request('https://example.com/', { method: 'POST', body: 'abc' })
  await used.text()
  expect((await refusal(used)).field).toBe('request.body')
})

test('a stream that cannot be stored is refused: a buffer that was given away', async () => {
  for (const wrap of [(buffer: ArrayBuffer) => buffer, (buffer: ArrayBuffer) => new Uint8Array(buffer)]) {
    const buffer = new ArrayBuffer(3)
    const body = wrap(buffer)
    structuredClone(buffer, { transfer: [buffer] })
    expect((await refusal(post(body))).message).toContain('detached')
  }
})

test('what a getter or an iterator of the caller throws is told with the request it came from', async () => {
  const cause = new Error('hostile')
  const hostile = {
    url: 'https://example.com/',
    get headers(): never {
      throw cause
    },
  }
  const error = await refusal(hostile)
  expect(error).toMatchObject({
    field: 'request',
    cause,
    message: 'request must be readable (hostile), got an object.',
  })
})
