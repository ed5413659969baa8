import { type Mutant, mutant } from '../mutant.ts'

/** Starts and stops in any order. */
export const LIFE: Mutant[] = [
  mutant(
    'a stop() that comes while it starts is lost',
    'Lifecycle.stop',
    ['this.#drain(undefined, state.prepared)', 'state.prepared'],
    {
      file: 'test/instance/lifecycle.slow.test.ts',
      test: 'every order of start, stop, spawn and drain, one after another at once, is as the model has it',
    },
  ),
  mutant('a second stop() does not hurry the first', 'Lifecycle.stop', ['void state.running?.stop(timeoutMs)', ''], {
    file: 'test/claim/stop.test.ts',
    test: 'a second stop() waits for the end of the first, and hurries it',
  }),
  mutant(
    'an instance starts while it is being stopped',
    'Lifecycle.start',
    ["!== 'stopped'", "!== 'stopped' && this.#state.is !== 'draining'"],
    {
      file: 'test/instance/lifecycle.slow.test.ts',
      test: 'every order of start, stop, spawn and drain, one after another at once, is as the model has it',
    },
  ),
]
