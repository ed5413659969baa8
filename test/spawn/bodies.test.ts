import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BodyInput, type HttpRequestInit, http, type SpawnOptions } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const URL_TEXT = 'https://example.com/'
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index)

async function stored(init: HttpRequestInit, options: SpawnOptions = {}) {
  const id = await createRequeuest(database.prisma).spawn('billing', http.post(URL_TEXT, init), options)
  const { body, headers } = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  return { body: body && Buffer.from(body), headers: headers as [string, string][] }
}

async function* pieces<T>(...chunks: T[]): AsyncGenerator<T> {
  yield* chunks
}

const bytes = (text: string) => Buffer.from(text)
const typed = (type: string) => [['content-type', type]]

test.each<[string, () => BodyInput, Uint8Array, [string, string][] | string[][]]>([
  ['a text', () => 'hällo 😀\r\n', bytes('hällo 😀\r\n'), typed('text/plain;charset=UTF-8')],
  ['a text with NUL', () => 'a\0b', bytes('a\0b'), typed('text/plain;charset=UTF-8')],
  ['an empty text', () => '', bytes(''), typed('text/plain;charset=UTF-8')],
  ['bytes of every value', () => ALL_BYTES, ALL_BYTES, []],
  ['no bytes', () => new Uint8Array(), bytes(''), []],
  ['a Buffer', () => bytes('buffer'), bytes('buffer'), []],
  ['a part of a larger buffer', () => ALL_BYTES.subarray(5, 9), ALL_BYTES.slice(5, 9), []],
  ['an ArrayBuffer', () => ALL_BYTES.slice().buffer, ALL_BYTES, []],
  ['shared memory', () => new Uint8Array(new SharedArrayBuffer(3)), Buffer.alloc(3), []],
  [
    'URLSearchParams',
    () => new URLSearchParams({ a: '1 2', b: 'ü' }),
    bytes('a=1+2&b=%C3%BC'),
    typed('application/x-www-form-urlencoded;charset=UTF-8'),
  ],
  ['a Blob with a type', () => new Blob([ALL_BYTES], { type: 'image/png' }), ALL_BYTES, typed('image/png')],
  ['a Blob without a type', () => new Blob([ALL_BYTES]), ALL_BYTES, []],
  ['an empty Blob', () => new Blob([]), bytes(''), []],
  ['a ReadableStream', () => new Blob([ALL_BYTES]).stream(), ALL_BYTES, []],
  ['an empty ReadableStream', () => new Blob([]).stream(), bytes(''), []],
  ['a Node stream of bytes', () => Readable.from([bytes('one'), bytes('two')]), bytes('onetwo'), []],
  ['a Node stream of texts', () => Readable.from(['ü', '😀']), bytes('ü😀'), []],
  [
    'an async iterable of both',
    () => pieces<string | Uint8Array>('ü', ALL_BYTES),
    Buffer.concat([bytes('ü'), ALL_BYTES]),
    [],
  ],
  ['an async iterable of nothing', () => pieces(), bytes(''), []],
])('a body is stored byte for byte: %s', async (_, body, expected, headers) => {
  expect(await stored({ body: body() })).toEqual({ body: Buffer.from(expected), headers })
})

test('a body is stored byte for byte: any bytes at all', async () => {
  const requeuest = createRequeuest(database.prisma)
  const bodies = fc.sample(fc.uint8Array({ maxLength: 2000 }), 100)
  const ids = await requeuest.spawnMany(
    'billing',
    bodies.map((body) => http.put(URL_TEXT, { body })),
  )
  const rows = await database.prisma.httpRequest.findMany({ where: { id: { in: ids } } })
  const found = new Map(rows.map((row) => [row.id, row.body]))
  expect(ids.map((id) => found.get(id))).toEqual(bodies)
})

test('a body is stored byte for byte: a body of the whole limit, and not a byte more', async () => {
  const requeuest = createRequeuest(database.prisma, { maxBodyBytes: 1000 })
  const bodies = (length: number): BodyInput[] => [
    'x'.repeat(length),
    new Uint8Array(length),
    new ArrayBuffer(length),
    new Blob([new Uint8Array(length)]),
    new URLSearchParams({ a: 'x'.repeat(length - 2) }),
    Readable.from([new Uint8Array(length - 1), 'x']),
  ]
  for (const body of bodies(1000)) await requeuest.spawn('billing', http.post(URL_TEXT, { body }))
  for (const body of bodies(1001)) {
    await expect(requeuest.spawn('billing', http.post(URL_TEXT, { body }))).rejects.toMatchObject({
      code: 'invalid_input',
      field: 'request.body',
      message: expect.stringMatching(/at most 1000 bytes \(option `maxBodyBytes`\), got (1001|more than 1000) bytes\./),
    })
  }
  // The limit counts bytes, not characters.
  await expect(requeuest.spawn('billing', http.post(URL_TEXT, { body: 'ü'.repeat(501) }))).rejects.toThrow('1002 bytes')
  await expect(requeuest.spawn('billing', http.post(URL_TEXT, { json: 'x'.repeat(999) }))).rejects.toMatchObject({
    field: 'request.json',
  })
  expect(await database.prisma.httpRequest.count()).toBe(6)
})

test('a GET and a DELETE may have a body', async () => {
  const requeuest = createRequeuest(database.prisma)
  for (const request of [http.get(URL_TEXT, { body: 'x' }), http.delete(URL_TEXT, { json: 1 })]) {
    const found = await requeuest.find(await requeuest.spawn('billing', request))
    expect(found).toMatchObject({ method: request.method, body: expect.any(Uint8Array) })
  }
})

test('a multipart form is stored so that its content type names its boundary', async () => {
  const form = new FormData()
  form.append('text', 'grün')
  form.append('file', new Blob([ALL_BYTES], { type: 'image/png' }), 'bytes.png')
  const { body, headers } = await stored({ body: form })
  expect(headers).toEqual([['content-type', expect.stringMatching(/^multipart\/form-data; boundary=/)]])
  const back = await new Response(body, { headers }).formData()
  expect(back.get('text')).toBe('grün')
  const file = back.get('file') as File
  expect(file).toMatchObject({ name: 'bytes.png', type: 'image/png' })
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(ALL_BYTES)
})

test.each<[unknown, string]>([
  [{ a: [1, 'ü', null], b: undefined }, '{"a":[1,"ü",null]}'],
  [null, 'null'],
  [0, '0'],
  [false, 'false'],
  ['', '""'],
  ['\ud83d\0', '"\\ud83d\\u0000"'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
])('json of %j is its JSON text with the content type', async (json, text) => {
  expect(await stored({ json })).toEqual({ body: bytes(text), headers: typed('application/json') })
})

test.each<[string, () => HttpRequestInit]>([
  ['a text', () => ({ body: 'a,b' })],
  ['json', () => ({ json: [1] })],
  ['a Blob', () => ({ body: new Blob(['a,b'], { type: 'text/plain' }) })],
  ['URLSearchParams', () => ({ body: new URLSearchParams('a=b') })],
])(
  'a content type that the caller gives wins over the one of %s, in any case of its name and at its place',
  async (_, init) => {
    const headers: [string, string][] = [
      ['Content-TYPE', 'text/csv'],
      ['x-a', '1'],
    ]
    expect((await stored({ ...init(), headers })).headers).toEqual(headers)
  },
)

test('a content type that the caller gives that is implied comes after all other headers', async () => {
  expect((await stored({ json: 1, headers: { 'x-a': '1' } })).headers).toEqual([
    ['x-a', '1'],
    ['content-type', 'application/json'],
  ])
})

const text = 'as it was'

test.each<[string, (buffer: Uint8Array) => BodyInput]>([
  ['a Uint8Array', (buffer) => buffer],
  ['a Buffer', (buffer) => Buffer.from(buffer.buffer)],
  ['an ArrayBuffer', (buffer) => buffer.buffer as ArrayBuffer],
])('what the caller does to its buffer after the call does not reach what is stored of %s', async (_, toBody) => {
  const buffer = new Uint8Array(bytes(text))
  const spawning = stored({ body: toBody(buffer) })
  buffer.fill(0)
  expect((await spawning).body).toEqual(bytes(text))
})

test('what the caller does to its buffer after the call does not reach what spawnMany stores', async () => {
  const requeuest = createRequeuest(database.prisma)
  const buffer = new Uint8Array(bytes(text))
  const spawning = requeuest.spawnMany(
    'billing',
    [1, 2, 3].map(() => http.post(URL_TEXT, { body: buffer })),
  )
  buffer.fill(0)
  await spawning
  const rows = await database.prisma.httpRequest.findMany()
  expect(rows.map(({ body }) => Buffer.from(body!).toString())).toEqual([text, text, text])
})

test('what the caller does to its buffer after the call does not reach the chunks that a stream has given already', async () => {
  async function* reusing() {
    const buffer = new Uint8Array(1)
    for (const byte of bytes(text)) {
      buffer[0] = byte
      yield buffer
    }
  }
  expect((await stored({ body: reusing() })).body).toEqual(bytes(text))
})
