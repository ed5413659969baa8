/** What is sent as lines of JSON while it goes on, until `work` ends. Whoever stops reading stops it, by its signal. */
export function streamed(
  work: (send: (line: object) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Response {
  const unread = new AbortController()
  const either = AbortSignal.any([signal, unread.signal])
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (line: object) => {
        if (!unread.signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`))
      }
      await work(send, either)
      if (!unread.signal.aborted) controller.close()
    },
    cancel: () => unread.abort(),
  })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' } })
}
