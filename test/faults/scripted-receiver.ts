import { type Receiver, startReceiver } from '../support/receiver.ts'

/** A request that arrived at the receiver, and what it was answered. */
export interface Arrival {
  /** Id of the request. */
  id: string
  /** The body of the answer; no other answer has the same. */
  serial: string
  /** null when there was no answer. */
  status: number | null
}

/** A receiver that answers as the URL says: `/503/hang/200` answers the first time 503, then never, and then 200. With 429 it asks for a second. */
export interface ScriptedReceiver {
  url: string
  arrivals: Arrival[]
  stop(): Promise<void>
}

export async function startScriptedReceiver(): Promise<ScriptedReceiver> {
  const arrivals: Arrival[] = []
  const receiver: Receiver = await startReceiver((request, index) => {
    const id = request.headers['idempotency-key'] as string
    const before = arrivals.filter((arrival) => arrival.id === id).length
    const answer = scriptOf(request.url)[before] ?? '200'
    const arrival = { id, serial: `answer ${index}`, status: answer === 'hang' ? null : Number(answer) }
    arrivals.push(arrival)
    if (arrival.status === null) return { how: 'hang' }
    const headers = arrival.status === 429 ? { 'retry-after': '1' } : {}
    return { status: arrival.status, headers, body: arrival.serial }
  })
  return { url: receiver.url, arrivals, stop: () => receiver.stop() }
}

/** The answers that a URL asks for. */
export function scriptOf(url: string): string[] {
  return url.split('/').filter((part) => /^(\d{3}|hang)$/.test(part))
}
