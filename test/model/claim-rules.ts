import { expect } from 'vitest'

interface Claimable {
  id: string
  channel: string
  priority: number
}

/**
 * What a claim may take: of each channel no more than its share in each priority, the oldest first, nothing of a
 * priority while a more urgent one has something left, and as much as there is.
 *
 * @param order - all ids, in the order in which they are due
 */
export function checkClaim(
  taken: readonly string[],
  claimable: readonly Claimable[],
  order: readonly string[],
  channels: readonly string[],
  limit: number,
): void {
  const share = Math.ceil(limit / channels.length)
  const offered = channels.flatMap((channel) => {
    const lanes = [1, 5].map((priority) =>
      claimable
        .filter((request) => request.channel === channel && request.priority === priority)
        .sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
        .slice(0, share)
        .map((request) => request.id),
    )
    // Taken from the front of each lane, and from the next one only when that is used up.
    const counts = lanes.map((lane) => lane.filter((id) => taken.includes(id)).length)
    for (const [index, lane] of lanes.entries()) {
      expect(lane.slice(0, counts[index]).every((id) => taken.includes(id))).toBe(true)
    }
    if (counts[1]! > 0) expect(counts[0]).toBe(lanes[0]!.length)
    return lanes.flat()
  })
  expect(offered).toEqual(expect.arrayContaining([...taken]))
  expect(taken.length).toBe(Math.min(limit, offered.length))
}
