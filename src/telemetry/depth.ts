import type { FoundChannel } from '../inspect/channels.ts'
import type { Inspect } from '../inspect/inspect.ts'
import type { FoundOrigin } from '../inspect/origins.ts'
import { type LabelValues, OTHER } from './label-values.ts'
import { type Sample, Samples } from './samples.ts'

/** What is in the queue, and what keeps it from being sent: the same in whichever process it is measured. */
export async function measureDepth(inspect: Inspect, values: LabelValues): Promise<Sample[]> {
  const samples = new Samples()
  // One after another: there may be one connection only.
  for (const channel of await inspect.channels()) addChannel(samples, channel, values)
  addOrigins(samples, await inspect.origins({ limit: 1000 }), values)
  for (const line of await inspect.lines()) {
    samples.add('requeuest.lines.held', { channel: values.channel(line.channel) }, 1)
  }
  return samples.all
}

function addChannel(samples: Samples, found: FoundChannel, values: LabelValues): void {
  const channel = values.channel(found.channel)
  const states = { due: found.due, delayed: found.delayed, in_line: found.inLine, claimed: found.claimed }
  for (const [state, { count, isEstimate }] of Object.entries(states)) {
    samples.add('requeuest.queue.requests', { channel, state }, count)
    samples.max('requeuest.queue.estimates', { channel, state }, isEstimate ? 1 : 0)
  }
  samples.max('requeuest.queue.oldest_due.age', { channel }, (found.oldestDueMs ?? 0) / 1000)
  if (found.pausedAt) samples.add('requeuest.paused', { kind: 'channel', name: channel }, 1)
}

function addOrigins(samples: Samples, found: readonly FoundOrigin[], values: LabelValues): void {
  for (const origin of values.origins) {
    for (const state of ['open', 'half_open']) samples.add('requeuest.origin.breaker', { state, origin }, 0)
  }
  for (const { origin: name, breaker, pausedAt } of found) {
    const origin = values.origin(name)
    if (breaker !== 'closed') samples.add('requeuest.origin.breaker', { state: breaker, origin }, 1)
    if (pausedAt) samples.add('requeuest.paused', { kind: 'origin', name: origin ?? OTHER }, 1)
  }
}
