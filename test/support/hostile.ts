import { createContext, runInContext } from 'node:vm'

const refuse = () => {
  throw new Error('hostile')
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** An error of which one property is not what it should be. */
function errorWith(property: PropertyDescriptor, name = 'message', error: Error = new Error('it broke')): Error {
  return Object.defineProperty(error, name, { configurable: true, ...property })
}

/** A proxy whose every trap throws, and that pretends to be of the class. */
function pretender(of: { prototype: object }): object {
  const traps = { getPrototypeOf: () => of.prototype, get: refuse, has: refuse, ownKeys: refuse }
  return new Proxy({}, { ...traps, getOwnPropertyDescriptor: refuse })
}

/** What can be thrown although nobody should, by a name. */
export const HOSTILE: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  'a symbol': () => Symbol('thrown'),
  'a bigint': () => 10n ** 400n,
  'a function': () => refuse,
  'an object without a prototype': () => Object.create(null),
  'an object with a bad toString': () => ({ toString: refuse, [Symbol.toPrimitive]: refuse }),
  'an object with a toString that is none': () => ({ toString: 1, valueOf: 1 }),
  'an object whose every getter throws': () =>
    Object.defineProperties(
      {},
      Object.fromEntries(['message', 'name', 'code', 'then'].map((key) => [key, { get: refuse }])),
    ),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of a function': () => revoked(refuse),
  'a revoked proxy of an error': () => revoked(new Error('it broke')),
  'an heir of a revoked proxy': () => Object.create(revoked({})),
  'a proxy that pretends to be an error': () => pretender(Error),
  'a text with half a surrogate pair': () => 'half \ud83d',
  'an error whose message is a symbol': () => errorWith({ value: Symbol('message') }),
  'an error whose message is null': () => errorWith({ value: null }),
  'an error whose message is a revoked proxy': () => errorWith({ value: revoked({}) }),
  'an error whose message throws': () => errorWith({ get: refuse }),
  'an error whose name is a symbol': () => errorWith({ value: Symbol('name') }, 'name'),
  'an error whose name throws': () => errorWith({ get: refuse }, 'name'),
  'an error whose code throws': () => errorWith({ get: refuse }, 'code'),
  'an error whose cause throws': () => errorWith({ get: refuse }, 'cause'),
  'an error whose stack throws': () => errorWith({ get: refuse }, 'stack'),
  'an error that is its own cause': () => {
    const error = new Error('it broke')
    return errorWith({ value: error }, 'cause', error)
  },
  'an error that gathers itself': () => {
    const error = new AggregateError([])
    error.errors.push(error)
    return error
  },
  'an error that gathers a revoked proxy': () => new AggregateError([revoked({}), null, Symbol('gathered')]),
  'an error whose errors are no list': () => errorWith({ value: 5 }, 'errors', new AggregateError([])),
  'an error whose errors throw': () => errorWith({ get: refuse }, 'errors', new AggregateError([])),
  'an error of another realm': () => runInContext("new Error('it broke elsewhere')", createContext()),
}
