import type { View } from '../../view/view.ts'
import { conditionsOf, FROM_FORM } from '../filter-query.ts'
import { COMMON, type Field, OTHERS, STATE } from './fields.ts'

/** The conditions of the address to be changed. What is typed there is the address of what is shown. */
export function FilterForm({ view, wrong }: { view: View; wrong: Field | undefined }) {
  const { query } = view
  const conditions = conditionsOf(query)
  const isWholeLine = conditions.getAll('order-key').includes('')
  const isOpen = OTHERS.some(({ key }) => conditions.has(key))
  const fields = (some: readonly Field[]) =>
    some.map((field) =>
      field.key === 'order-key' && isWholeLine ? (
        <WholeLine />
      ) : (
        <FieldInputs field={field} values={conditions.getAll(field.key)} isWrong={field === wrong} />
      ),
    )
  return (
    <form class="filter card" method="get" action={view.href('/requests')} aria-label="Filter">
      {isWholeLine ? null : <input type="hidden" name={FROM_FORM} value="" />}
      <fieldset class="ticks">
        <legend>{STATE.label}</legend>
        {STATE.choices?.map((state) => (
          <label class="tick">
            <input type="checkbox" name="state" value={state} checked={conditions.getAll('state').includes(state)} />
            {state}
          </label>
        ))}
      </fieldset>
      <div class="filters">
        {fields(COMMON)}
        <button type="submit" class="primary">
          Filter
        </button>
      </div>
      <details open={isOpen}>
        <summary>More conditions</summary>
        <div class="filters">{fields(OTHERS)}</div>
      </details>
    </form>
  )
}

/** A field for each value that was given: those of a repeated condition are alternatives. */
function FieldInputs({ field, values, isWrong }: { field: Field; values: readonly string[]; isWrong: boolean }) {
  const { key, label, choices, hint, suggestions } = field
  const list = suggestions && `list-${key}`
  const invalid = isWrong ? { 'aria-invalid': 'true', 'aria-describedby': 'filter-problem' } : {}
  return (
    <>
      {(values.length > 0 ? values : ['']).map((value, index) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: each branch is a control
        <label class="condition">
          {index === 0 ? label : `or ${label.toLowerCase()}`}
          {choices ? (
            <select name={key} {...invalid}>
              <option value="">any</option>
              {[...new Set([...choices, ...(value ? [value] : [])])].map((choice) => (
                <option value={choice} selected={choice === value}>
                  {choice.replaceAll('_', ' ')}
                </option>
              ))}
            </select>
          ) : (
            <input name={key} value={value} placeholder={hint} list={list} autocomplete="off" {...invalid} />
          )}
        </label>
      ))}
      {list && (
        <datalist id={list}>
          {suggestions.map((one) => (
            <option value={one} />
          ))}
        </datalist>
      )}
    </>
  )
}

/** An empty field is none, so the line whose key is empty is ticked. */
function WholeLine() {
  return (
    <label class="tick">
      <input type="checkbox" name="order-key" value="" checked />
      the line of the whole channel
    </label>
  )
}
