/** Leftmost first. A feature knows the features of the layers before its own; the other way goes by an event or a port that src/app fills. */
const LAYERS = [
  ['accounts'],
  ['contacts', 'consent', 'templates'],
  ['messages'],
  ['delivery', 'otp', 'appointments', 'notifications', 'inbox'],
  ['statistics', 'alerts', 'privacy', 'outbound-webhooks'],
].map((features) => features.join('|'));
const FEATURE = LAYERS.join('|');
const TRANSPORTS = 'type-graphql|graphql|graphql-ws|@apollo|fastify|@fastify|ws|bullmq|agenda|@agendajs|ioredis|undici';
/** Sub-folders that are meaning, not technology: many small files of rules and words. */
const MEANING = '^src/(templates/(lint|library)|consent/keywords)/';
const CONFIG = '^src/(config|settings|secret|config-errors)\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-circular', 'Two files that need each other are one thing, or hide a third.', {}, { circular: true }),
    ...LAYERS.slice(0, -1).map((layer, index) =>
      rule(
        `layer-${index + 1}-imports-leftwards`,
        'Features import only leftwards; rightwards goes by an event or a port.',
        { path: `^src/(${layer})/` },
        { path: `^src/(${LAYERS.slice(index + 1).join('|')})/` },
      ),
    ),
    rule(
      'core-knows-no-transport',
      "Files at a feature's root are its meaning and run without GraphQL, HTTP or a queue.",
      { path: `^src/(${FEATURE})/[^/]+$` },
      {
        path: [`^src/(${FEATURE})/[^/]+/`, '^src/graphql/', '^src/platform/(http|queue|scheduler)/', `node_modules/(${TRANSPORTS})/`],
        pathNot: MEANING,
      },
    ),
    rule(
      'meaning-knows-no-transport',
      'So do the sub-folders that are meaning.',
      { path: MEANING },
      { path: [`^src/(${FEATURE})/(graphql|http|jobs)/`, '^src/graphql/', `node_modules/(${TRANSPORTS})/`] },
    ),
    rule(
      'subfolders-are-private',
      'A feature is used through the files at its root, and the folders that are meaning too.',
      { path: '^src/([^/]+)/', pathNot: ['^src/(app|cli)/', '^src/[^/]+/graphql/'] },
      { path: `^src/(${FEATURE})/[^/]+/`, pathNot: ['^src/$1/', MEANING] },
    ),
    rule(
      'only-types-of-the-schema-meet',
      'A type of the schema may name one of an earlier feature; nothing else leaves a sub-folder.',
      { path: '^src/([^/]+)/graphql/' },
      { path: `^src/(${FEATURE})/[^/]+/`, pathNot: ['^src/$1/', '^src/[^/]+/graphql/[^/]+\\.types\\.ts$'] },
    ),
    rule(
      'subfolders-meet-at-the-root',
      'Technologies of one feature know its root, not each other.',
      { path: `^src/(${FEATURE})/([^/]+)/` },
      { path: '^src/$1/[^/]+/', pathNot: '^src/$1/$2/' },
    ),
    rule(
      'providers-know-only-themselves',
      'A provider can be removed with its folder.',
      { path: '^src/delivery/providers/([^/]+)/' },
      { path: '^src/delivery/providers/', pathNot: '^src/delivery/providers/$1/' },
    ),
    rule(
      'provider-sdks-stay-in-their-folder',
      'Provider words stop at the adapter.',
      { path: '^src/', pathNot: '^src/delivery/providers/twilio/' },
      { path: 'node_modules/twilio/' },
    ),
    rule(
      'platform-knows-no-feature',
      'Technology without domain: it could serve another program.',
      { path: '^src/platform/' },
      { path: '^src/', pathNot: ['^src/platform/', '^src/errors\\.ts$', CONFIG] },
    ),
    rule(
      'graphql-kit-knows-no-feature',
      'The kit of the edge serves all features alike.',
      { path: '^src/graphql/' },
      { path: `^src/(${FEATURE})/` },
    ),
    rule(
      'config-is-passed-in',
      'Features get plain values; they may name the types of the configuration.',
      { path: `^src/(${FEATURE}|graphql)/` },
      { path: CONFIG, dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'root-files-know-no-folder',
      'What everything may import must import nothing.',
      { path: '^src/[^/]+\\.ts$', pathNot: '^src/main\\.ts$' },
      { path: '^src/[^/]+/' },
    ),
    rule(
      'only-app-wires',
      'Everything is created in src/app.',
      { path: '^src/', pathNot: '^src/(app/|cli/|main\\.ts$)' },
      { path: '^src/app/' },
    ),
    rule(
      'src-stands-alone',
      'The program needs no test, script or page to run.',
      { path: '^src/' },
      { path: '^(test|bench|scripts|playground|dashboard)/' },
    ),
    rule('pages-know-no-source', 'A page knows the API only.', { path: '^(dashboard|playground)/' }, { path: '^src/' }),
    rule(
      'no-development-dependencies',
      'They are absent in production.',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'no-undeclared-packages',
      'A package that is not in package.json can vanish.',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),
    rule('no-missing-files', 'An import must lead somewhere.', {}, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated|test/architecture/fixtures)/' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
