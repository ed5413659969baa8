/** Numbers from 0 up to but not including 1, the same ones for the same seed (mulberry32). */
export type Random = () => number

/** @param labels - what tells one stream of a seed from another, so that no part of a run shifts another's numbers */
export function randomOf(seed: number, ...labels: (string | number)[]): Random {
  let state = hash(`${seed}/${labels.join('/')}`)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 0x01000193)
  return value
}
