import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { buildApiSchema, instanceOf } from '../../src/app/build-schema.js';
import { makeResolvers, RESOLVERS } from '../../src/app/resolvers.js';
import { openCore } from '../stage.js';

/** graphql-ws as its documentation has it, over the same schema and resolvers: one execution for each subscriber. */
const { PORT, SETTINGS } = process.env as Record<string, string>;
const { core, tenantId } = await openCore(JSON.parse(SETTINGS ?? '{}') as Record<string, string>);
const instances = makeResolvers(core);
const schema = await buildApiSchema({ resolvers: [...RESOLVERS], instances });
const caller = { tenantId, role: 'ADMIN', keyId: null, name: 'bench' };
const http = createServer();
useServer(
  { schema, context: () => ({ caller, requestId: 'bench', loaders: new Map(), resolver: instanceOf(instances) }) },
  new WebSocketServer({ server: http, path: '/graphql' }),
);
http.listen(Number(PORT), '127.0.0.1', () => process.send?.('ready'));
