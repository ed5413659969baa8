interface FieldProps {
  form: URLSearchParams
  name: string
  label: string
  hint: string
  /** Unless the form has one. */
  value?: string | undefined
  inputmode?: 'numeric'
  isWide?: boolean
}

/** A line of text that an action takes. */
export function Field({ form, name, label, hint, value = '', inputmode, isWide }: FieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        class={isWide ? 'wide' : undefined}
        value={form.get(name) ?? value}
        inputmode={inputmode}
        autocomplete="off"
        aria-describedby={`${name}-hint`}
      />
      <p class="faint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  )
}

/** Several lines of text that an action takes. */
export function AreaField({ form, name, label, hint }: Omit<FieldProps, 'value' | 'inputmode' | 'isWide'>) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <textarea id={name} name={name} class="wide mono" rows={4} aria-describedby={`${name}-hint`}>
        {form.getAll(name).join('\n')}
      </textarea>
      <p class="faint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  )
}
