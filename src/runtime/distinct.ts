/** Values that differ, and for each item which of them it has: 1 for the first, as Postgres counts. */
export interface Distinct<T> {
  values: T[]
  numbers: number[]
}

/**
 * The items that differ in some of their properties. Few do, and mostly those of a kind follow each other, so an item is
 * first compared with the one before it, by reference.
 */
export function distinct<T extends object>(items: readonly T[], by: readonly (keyof T)[]): Distinct<T> {
  const values: T[] = []
  const known = new Map<string, number>()
  let last: T | undefined
  let number = 0
  const numbers = items.map((item) => {
    if (last !== undefined && isSame(item, last, by)) return number
    const key = JSON.stringify(by.map((name) => item[name]))
    number = known.get(key) ?? values.push(item)
    known.set(key, number)
    last = item
    return number
  })
  return { values, numbers }
}

function isSame<T>(one: T, other: T, by: readonly (keyof T)[]): boolean {
  if (one === other) return true
  for (const name of by) if (one[name] !== other[name]) return false
  return true
}
