/** What a field of a cron expression may hold. */
export interface CronField {
  name: string
  min: number
  max: number
  /** What stands for the numbers from `min` on, in lower case. */
  names?: readonly string[]
  /** How many values there are where the last of them is the first again, as 7 is another Sunday. */
  cycle?: number
}

const LAST = /^(\w+)L$/
const ITEM = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/

/**
 * A list of a cron expression with each of its values once: cron-parser takes none whose items overlap, as those of
 * `1-5,3` do, or of `0,7` for the day of week. What is no number, name, range or step stays as it is, for the parser to
 * read or to refuse.
 */
export function withoutOverlap(list: string, field: CronField): string {
  if (!list.includes(',')) return list
  return [...new Set(list.split(',').flatMap((item) => valuesOf(item, field)))].join(',')
}

function valuesOf(item: string, field: CronField): string[] {
  const [, last] = LAST.exec(item) ?? []
  if (last !== undefined)
    return [numberOf(last, field) <= field.max ? `${written(numberOf(last, field), field)}L` : item]
  const match = ITEM.exec(item)
  if (match === null) return [item]
  const [, first, end, step] = match
  const from = first === undefined ? field.min : numberOf(first, field)
  const isOne = first !== undefined && step === undefined
  const to = end === undefined ? (isOne ? from : field.max) : numberOf(end, field)
  const by = Number(step ?? 1)
  if (!(from >= field.min && from <= to && to <= field.max && by >= 1)) return [item]
  const count = Math.floor((to - from) / by) + 1
  return Array.from({ length: count }, (_, index) => written(from + index * by, field))
}

/** NaN for what is no value of the field. */
function numberOf(text: string, { min, names = [] }: CronField): number {
  const index = names.indexOf(text.toLowerCase())
  return index < 0 ? Number(/^\d+$/.test(text) ? text : Number.NaN) : min + index
}

function written(value: number, { cycle = Number.POSITIVE_INFINITY }: CronField): string {
  return String(value % cycle)
}
