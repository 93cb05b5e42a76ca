import fastify from 'fastify';
import { Pool } from 'pg';
import twilio from 'twilio';
import { TWILIO_TOKEN } from '../twilio-account.js';

/** What is written in an afternoon: the signature checked, the message updated, the event inserted. Without DATABASE: only the signature. */
const { DATABASE, PORT } = process.env as Record<string, string | undefined>;
const pool = DATABASE ? new Pool({ connectionString: DATABASE, max: 16 }) : null;
const origin = `http://127.0.0.1:${PORT}`;

const http = fastify();
http.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, Object.fromEntries(new URLSearchParams(body as string))),
);
http.post('/webhooks/twilio/status', async (request, reply) => {
  const form = request.body as Record<string, string>;
  const signature = request.headers['x-twilio-signature'] as string;
  if (!twilio.validateRequest(TWILIO_TOKEN, signature, origin + request.url, form)) return reply.code(403).send();
  if (pool) {
    const { m: id } = request.query as { m: string };
    await pool.query(`update plain_messages set status = 'DELIVERED', updated_at = now() where id = $1 and status <> 'DELIVERED'`, [id]);
    await pool.query(`insert into plain_events (message_id, status, payload) values ($1, $2, $3)`, [id, form['MessageStatus'], form]);
  }
  return reply.type('text/xml').send('<Response/>');
});
await http.listen({ port: Number(PORT), host: '127.0.0.1' });
process.send?.('ready');
