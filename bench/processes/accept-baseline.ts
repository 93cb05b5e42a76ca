import { ApolloServer } from '@apollo/server';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import { Queue } from 'bullmq';
import fastify from 'fastify';
import { Pool } from 'pg';
import { newId } from '../../src/platform/ids.js';

/** What is written in an afternoon: for each recipient a row, and a job. In turn, or AT_ONCE of them at a time. */
const { DATABASE, REDIS, PORT, AT_ONCE } = process.env as Record<string, string>;
const CONNECTIONS = 16;
const pool = new Pool({ connectionString: DATABASE, max: CONNECTIONS });
const queue = new Queue('baseline', { connection: { url: REDIS ?? '' } });

async function accept(to: string, body: string): Promise<void> {
  const id = newId();
  await pool.query(`insert into plain_messages (id, to_number, body, status) values ($1, $2, $3, 'QUEUED')`, [id, to, body]);
  await queue.add('send', { id }, { removeOnComplete: true });
}

async function sendBulk(_: unknown, { input }: { input: { body: string; recipients: { to: string }[] } }): Promise<{ accepted: number }> {
  const { body, recipients } = input;
  const left = recipients.values();
  const run = async (): Promise<void> => {
    for (const { to } of left) await accept(to, body);
  };
  await Promise.all(Array.from({ length: Number(AT_ONCE) }, run));
  return { accepted: recipients.length };
}

const http = fastify({ bodyLimit: 4_194_304 });
const apollo = new ApolloServer({
  typeDefs: `
    input Recipient { to: String! }
    input SendBulk { body: String!, recipients: [Recipient!]! }
    type Accepted { accepted: Int! }
    type Query { ready: Boolean }
    type Mutation { sendBulk(input: SendBulk!): Accepted! }`,
  resolvers: { Mutation: { sendBulk } },
  plugins: [fastifyApolloDrainPlugin(http)],
});
await apollo.start();
http.route({ method: ['GET', 'POST'], url: '/graphql', handler: fastifyApolloHandler(apollo) });
await http.listen({ port: Number(PORT), host: '127.0.0.1' });
process.send?.('ready');
