import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Deployment } from '../support/deployment.js';

let site: Deployment;
let collector: Server;
let connected: Socket[];
beforeAll(async () => {
  site = await Deployment.start();
}, 60_000);
afterAll(() => site.stop());
beforeEach(async () => {
  connected = [];
  collector = createServer((socket) => connected.push(socket.on('error', () => undefined)));
  await once(collector.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const socket of connected) socket.destroy();
  collector.close();
});

test.each(['is not there', 'answers nothing'])(
  'a process whose trace collector %s stops in order and says so',
  async (how) => {
    const { port } = collector.address() as AddressInfo;
    if (how === 'is not there') collector.close();
    const program = await site.run('api,worker,scheduler', { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, DRAIN_SECONDS: '6' });
    await site.delivered(await site.send(1, how), 1);
    expect(await site.kill(program, 'SIGTERM')).toBe(0);
    expect(program.output()).toContain('The trace collector has not taken the last traces');
    expect(program.output()).not.toContain('"level":"error"');
  },
  60_000,
);
