import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { parse, print, visit } from 'graphql';

const sdl = parse(readFileSync('schema/schema.graphql', 'utf8'));
/** Without descriptions: rewording one must not make the generated types stale. */
const schema = print(visit(sdl, { StringValue: (_node, key) => (key === 'description' ? null : undefined) }));

/** `npm run codegen`: types and typed documents of schema/operations, for the pages. */
const config: CodegenConfig = {
  schema,
  documents: ['schema/operations/*.graphql'],
  generates: {
    'playground/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        strictScalars: true,
        scalars: {
          ID: 'string',
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          JSONObject: 'Record<string, unknown>',
          Locale: 'string',
          TimeZone: 'string',
        },
      },
    },
  },
};

export default config;
