import { InvalidInputError } from '../../errors.ts'

/** More than any page of the dashboard sends. */
const MOST_BYTES = 1_000_000

/** The fields of a form that was sent. It is not read further than a form can be long. */
export async function formOf({ body, bodyUsed }: Request): Promise<URLSearchParams> {
  // It would look as if no field had been sent.
  if (bodyUsed) throw new TypeError('the body of the request was read before it came to the dashboard')
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true }
    if (done) return new URLSearchParams(text + decoder.decode())
    size += value.length
    if (size > MOST_BYTES) {
      throw new InvalidInputError('the form', undefined, `at most ${MOST_BYTES} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}
