import { conditionsOf, type FILTER_KEYS } from '../pages/filter-query.ts'
import { plural } from '../view/format.ts'

const WORDS: Readonly<Record<(typeof FILTER_KEYS)[number], string>> = {
  id: 'Id',
  channel: 'Channel',
  state: 'State',
  'order-key': 'Key of the line',
  'dedupe-key': 'Dedupe key',
  origin: 'Receiver',
  url: 'URL',
  'url-starts-with': 'URL starts with',
  'url-contains': 'URL contains',
  'failure-code': 'Failed with',
  status: 'Last status',
  outcome: 'Last attempt',
  'error-code': 'Last error',
  'created-after': 'Created from',
  'created-before': 'Created before',
  'due-after': 'Due from',
  'due-before': 'Due before',
  'finished-after': 'Finished from',
  'finished-before': 'Finished before',
}
/** Of more values than these only the number is told. */
const MOST_VALUES = 10

/** The conditions of a form, in words. */
export function FilterWords({ query }: { query: URLSearchParams }) {
  const conditions = conditionsOf(query)
  const keys = [...new Set(conditions.keys())] as (keyof typeof WORDS)[]
  return (
    <dl class="facts card">
      {keys.map((key) => (
        <>
          <dt>{WORDS[key]}</dt>
          <dd>{valuesText(conditions.getAll(key))}</dd>
        </>
      ))}
    </dl>
  )
}

function valuesText(values: readonly string[]): string {
  if (values.length > MOST_VALUES) return `one of ${plural(values.length, 'value')}`
  return values.map((value) => (value === '' ? "''" : value)).join(' or ')
}
