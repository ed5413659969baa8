/**
 * Remembers what `read` made of the texts that it was asked about, since an application sends the same ones again and
 * again. Whoever gets a result shares it, so nobody may change it.
 */
export function remembering<T>(read: (text: string) => T, limit = 1000): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    let result = known.get(text)
    if (result === undefined) {
      result = read(text)
      if (known.size >= limit) known.clear()
      known.set(text, result)
    }
    return result
  }
}
