/** Preloaded into the lab's programs: a wrong clock, as far as `Date` tells. The monotonic clock stays right. */
const skewMs = Number(process.env['LAB_SKEW_MS'] ?? 0)
const RightDate = Date

if (skewMs !== 0) {
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [target.now() + skewMs] : given, newTarget),
    apply: (target) => new target(target.now() + skewMs).toString(),
    get: (target, name) => (name === 'now' ? () => target.now() + skewMs : Reflect.get(target, name)),
  })
}

export {}
