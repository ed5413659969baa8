import { type Mutant, mutant, unguarded } from '../mutant.ts'

export const SECRETS: Mutant[] = [
  mutant(
    'a token goes wherever a spawn leads it',
    'Renderers.#authorize',
    ['renderer.checkDestination(made.url)', ''],
    {
      file: 'test/deliver/auth.test.ts',
      test: 'a token goes to the origins that may get it alone, not even by a redirect elsewhere',
    },
  ),
  mutant(
    'a signature goes where a redirect leads',
    'signer',
    [
      '(request.url.origin === url.origin ? withSignature(request, id, keys) : request)',
      'withSignature(request, id, keys)',
    ],
    {
      file: 'test/deliver/signing.test.ts',
      test: 'a request of a signed channel is signed anew for a redirect to the same origin, and not at all for one to another',
    },
  ),
  mutant(
    'what a renderer made is recorded with the values of its query',
    'recordOf',
    ['redactUrl(url.href)', 'url.href'],
    {
      file: 'test/deliver/rendering.test.ts',
      test: 'a request that is made when it is sent holds its arguments alone, and is made anew for each attempt',
    },
  ),
  mutant('an error of the database shows the row', 'toRequeuestError', ['hideValues(error)', ''], {
    file: 'test/security/canary.slow.test.ts',
    test: 'no secret is in a log, an event, an error, or in any file of the database',
  }),
  unguarded(
    'what is sealed for one row opens in another',
    [
      ['keyOf', `\`requeuest/1/\${place}\``, "'requeuest/1'"],
      ['seal', '.setAAD(Buffer.from(place))', ''],
      ['open', 'decipher.setAAD(Buffer.from(place))', 'decipher'],
    ],
    {
      file: 'test/encryption/encryption.test.ts',
      test: 'what was put into another row opens there no more',
    },
  ),
]
