import { expect, test } from 'vitest';
import { banner } from '../../src/app/banner.js';

const FACTS = {
  url: 'http://localhost:4000',
  tenant: 'demo',
  adminKey: { key: 'hg_demo_key', origin: 'kept in /d/api-key' },
  simulated: true,
};

test('it says where everything is, and how to send a message', () => {
  const text = banner(FACTS);
  expect(text).toContain('  GraphQL     http://localhost:4000/graphql\n');
  expect(text).toContain('  Playground  http://localhost:4000/playground#key=hg_demo_key\n');
  expect(text).toContain('  Health      http://localhost:4000/healthz\n');
  expect(text).toContain('  API key     hg_demo_key  (ADMIN of tenant demo, kept in /d/api-key)\n');
  expect(text).toContain(
    [
      'curl -s http://localhost:4000/graphql \\',
      '  -H "Authorization: Bearer hg_demo_key" \\',
      "  -H 'Content-Type: application/json' \\",
      `  -d '{"query":"mutation { sendMessage(input: { to: \\"+14155550100\\", body: \\"Hello from Heliograph\\" }) { message { id status } userErrors { code message } } }"}'`,
    ].join('\n'),
  );
});

test('it does not make an address of a key that it may not show', () => {
  const text = banner({ ...FACTS, adminKey: { key: '$BOOTSTRAP_API_KEY', origin: 'as you have set it' } });
  expect(text).toContain('  Playground  http://localhost:4000/playground\n');
});

test('it says that messages reach nobody only while that is so', () => {
  expect(banner(FACTS)).toContain('reach nobody');
  expect(banner({ ...FACTS, simulated: false })).not.toContain('reach nobody');
});

test('it says how to make a key where none is known', () => {
  const text = banner({ ...FACTS, adminKey: null });
  expect(text).toContain('  API key     make one with: npm run heliograph -- key create --tenant demo --name admin --role ADMIN\n');
  expect(text).toContain('Bearer $API_KEY"');
  expect(text).toContain('  Playground  http://localhost:4000/playground\n');
});
