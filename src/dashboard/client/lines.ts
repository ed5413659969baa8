/** A step, or how it ended. */
export type Line =
  | { done: number; total: number; changed: number }
  | { result: 'done'; changed: number; message: string; back: string }
  | { result: 'failed' | 'stopped'; changed: number; message?: string }

/** Lines of JSON, as they arrive. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (text + value).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as Line
  }
}
