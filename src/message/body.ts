import { Hidden, hidden, InvalidInputError, isRequeuestError, reasonOf } from '../errors.ts'

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
    throw new InvalidInputError(field, hidden(json), `a value that JSON can express (${reasonOf(cause)})`, { cause })
  }
  if (text === undefined) throw new InvalidInputError(field, hidden(json), 'a value that JSON can express')
  return { bytes: limited(field, Buffer.from(text), maxBytes), contentType: 'application/json' }
}

/** The bytes of a body, at once where they are there. Of a stream no more is taken than the limit needs to be known as broken. */
export function readBody(field: string, body: unknown, maxBytes: number): ReadBody | Promise<ReadBody> {
  if (typeof body === 'string') {
    return { bytes: limited(field, textBytes(field, body), maxBytes), contentType: 'text/plain;charset=UTF-8' }
  }
  if (body instanceof Uint8Array) return { bytes: limited(field, new Uint8Array(body), maxBytes), contentType: null }
  if (body instanceof ArrayBuffer)
    return { bytes: limited(field, new Uint8Array(body.slice(0)), maxBytes), contentType: null }
  if (body instanceof URLSearchParams || body instanceof FormData || body instanceof Blob) {
    const encoded = new Response(body)
    return readStream(field, encoded.body as AsyncIterable<Uint8Array>, encoded.headers.get('content-type'), maxBytes)
  }
  if (isAsyncIterable(body)) return readStream(field, body, null, maxBytes)
  const kinds = 'a string, Uint8Array, ArrayBuffer, URLSearchParams, FormData, Blob or stream (use `json` for a value)'
  throw new InvalidInputError(field, hidden(body), kinds)
}

function textBytes(field: string, text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text)
  throw new InvalidInputError(field, hidden(text), 'well-formed text; it has half a surrogate pair')
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function readStream(
  field: string,
  stream: AsyncIterable<unknown>,
  contentType: string | null,
  maxBytes: number,
): Promise<ReadBody> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      // A source may reuse its buffer for the next chunk, so each is copied.
      const bytes = typeof chunk === 'string' ? textBytes(field, chunk) : chunk
      if (!(bytes instanceof Uint8Array)) throw new InvalidInputError(field, hidden(chunk), 'a stream of bytes or text')
      size += bytes.byteLength
      if (size > maxBytes) throw tooLarge(field, `more than ${maxBytes}`, maxBytes)
      chunks.push(new Uint8Array(bytes))
    }
  } catch (cause) {
    if (isRequeuestError(cause)) throw cause
    throw new InvalidInputError(field, hidden(stream), `a stream that can be read to its end (${reasonOf(cause)})`, {
      cause,
    })
  }
  return { bytes: Buffer.concat(chunks), contentType }
}

function limited(field: string, bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.byteLength > maxBytes) throw tooLarge(field, String(bytes.byteLength), maxBytes)
  return bytes
}

function tooLarge(field: string, size: string, maxBytes: number): InvalidInputError {
  return new InvalidInputError(
    field,
    new Hidden(`${size} bytes`),
    `at most ${maxBytes} bytes (option \`maxBodyBytes\`)`,
  )
}
