import { type Mutant, mutant } from '../mutant.ts'

export const SECRETS: Mutant[] = [
  mutant(
    'a token goes wherever a spawn leads it',
    'src/renderers.ts',
    ['renderer.checkDestination(made.url)\n', '\n'],
    {
      file: 'test/outgoing/auth.test.ts',
      test: 'a token goes to the origins that may get it alone, not even by a redirect elsewhere',
    },
  ),
  mutant(
    'a signature goes where a redirect leads',
    'src/worker/deliver.ts',
    [
      '(request.url.origin === url.origin ? withSignature(request, id, keys) : request)',
      'withSignature(request, id, keys)',
    ],
    {
      file: 'test/outgoing/signing.test.ts',
      test: 'a request of a signed channel is signed anew for a redirect to the same origin, and not at all for one to another',
    },
  ),
  mutant(
    'what a renderer made is recorded with the values of its query',
    'src/worker/rendered.ts',
    ['url: redactUrl(url.href)', 'url: url.href'],
    {
      file: 'test/outgoing/rendering.test.ts',
      test: 'a request that is made when it is sent holds its arguments alone, and is made anew for each try',
    },
  ),
  mutant('an error of the database shows the row', 'src/store/db.ts', ['hideValues(error)\n', '\n'], {
    file: 'test/security/canary.test.ts',
    test: 'no secret is in a log, an event, an error, or in any file of the database',
  }),
  {
    name: 'what is sealed for one row opens in another',
    changes: [
      { file: 'src/encryption/envelope.ts', find: `\`requeuest/1/\${place}\``, replace: `'requeuest/1'` },
      { file: 'src/encryption/envelope.ts', find: 'nonce).setAAD(Buffer.from(place))', replace: 'nonce)' },
      { file: 'src/encryption/envelope.ts', find: 'decipher.setAAD(Buffer.from(place))', replace: 'decipher' },
    ],
    caughtBy: {
      file: 'test/encryption/encryption.test.ts',
      test: 'what was put into another row opens there no more',
    },
  },
]
