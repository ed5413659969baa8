import { InvalidInputError, secret } from '../errors.ts'

/** A body as it is stored, with the content type that its kind implies. */
export interface ReadBody {
  bytes: Uint8Array
  contentType: string | null
}

/** The bytes of a JSON value. */
export function readJson(field: string, json: unknown, maxBytes: number): ReadBody {
  let text: string | undefined
  try {
    text = JSON.stringify(json)
  } catch (cause) {
    throw new InvalidInputError(field, secret, `a value that JSON can express (${(cause as Error).message})`, { cause })
  }
  if (text === undefined) throw new InvalidInputError(field, json, 'a value that JSON can express')
  return { bytes: limited(field, Buffer.from(text), maxBytes), contentType: 'application/json' }
}

/** The bytes of a body. Of a stream no more is taken than the limit needs to be known as broken. */
export async function readBody(field: string, body: unknown, maxBytes: number): Promise<ReadBody> {
  if (typeof body === 'string') {
    if (!body.isWellFormed())
      throw new InvalidInputError(field, secret, 'well-formed text; it has half a surrogate pair')
    return { bytes: limited(field, Buffer.from(body), maxBytes), contentType: 'text/plain;charset=UTF-8' }
  }
  if (body instanceof Uint8Array) return { bytes: limited(field, Uint8Array.from(body), maxBytes), contentType: null }
  if (body instanceof ArrayBuffer)
    return { bytes: limited(field, new Uint8Array(body.slice(0)), maxBytes), contentType: null }
  if (body instanceof URLSearchParams || body instanceof FormData || body instanceof Blob) {
    const encoded = new Response(body)
    const bytes = await readStream(field, encoded.body as AsyncIterable<Uint8Array>, maxBytes)
    return { bytes, contentType: encoded.headers.get('content-type') }
  }
  if (isAsyncIterable(body)) return { bytes: await readStream(field, body, maxBytes), contentType: null }
  const kinds = 'a string, Uint8Array, ArrayBuffer, URLSearchParams, FormData, Blob or stream (use `json` for a value)'
  throw new InvalidInputError(field, typeof body === 'object' ? secret : body, kinds)
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function readStream(field: string, stream: AsyncIterable<unknown>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      if (!(bytes instanceof Uint8Array)) throw new InvalidInputError(field, secret, 'a stream of bytes or text')
      size += bytes.byteLength
      if (size > maxBytes) throw tooLarge(field, `more than ${maxBytes}`, maxBytes)
      chunks.push(bytes)
    }
  } catch (cause) {
    if (cause instanceof InvalidInputError) throw cause
    throw new InvalidInputError(field, secret, `a stream that can be read to its end (${String(cause)})`, { cause })
  }
  return Buffer.concat(chunks)
}

function limited(field: string, bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.byteLength > maxBytes) throw tooLarge(field, String(bytes.byteLength), maxBytes)
  return bytes
}

function tooLarge(field: string, size: string, maxBytes: number): InvalidInputError {
  const shown = { toJSON: () => `${size} bytes` }
  return new InvalidInputError(field, shown, `at most ${maxBytes} bytes (option \`maxBodyBytes\`)`)
}
