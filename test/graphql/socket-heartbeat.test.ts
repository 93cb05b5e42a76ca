import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SocketConnection } from '../../src/graphql/socket-connection.js';

const MEGABYTE = 1_048_576;

/** A client that reads when it is told to. */
class Client extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  bytesWritten = 0;
  private readBytes = 0;
  private pings: { position: number; data: string }[] = [];

  ping(data: string): void {
    this.pings.push({ position: this.bytesWritten, data });
    this.bytesWritten += 2 + data.length;
  }

  terminate(): void {
    this.readyState = WebSocket.CLOSED;
  }

  /** Answers the pings that it comes upon. */
  read(bytes: number): void {
    this.readBytes = Math.min(this.bytesWritten, this.readBytes + bytes);
    const read = this.pings.filter(({ position }) => position < this.readBytes);
    this.pings = this.pings.filter(({ position }) => position >= this.readBytes);
    for (const { data } of read) this.emit('pong', Buffer.from(data));
  }
}

function connect(): { client: Client; connection: SocketConnection } {
  const client = new Client();
  return { client, connection: new SocketConnection(client as unknown as WebSocket, client, MEGABYTE, 10_000) };
}

/** Whether it stays for so many heartbeats, and reads so much after each. */
function stays({ client, connection }: ReturnType<typeof connect>, beats: number, bytes: number, refill = 0): boolean {
  for (let beat = 0; beat < beats && connection.isOpen; beat++) {
    client.bytesWritten += refill;
    connection.heartbeat();
    client.read(bytes);
  }
  return connection.isOpen;
}

test('a client that reads a megabyte between two heartbeats stays, though as much as ever waits for it', () => {
  const world = connect();
  world.client.bytesWritten = 12 * MEGABYTE;
  expect(stays(world, 100, MEGABYTE, MEGABYTE)).toBe(true);
});

test('a client that reads at this pace what came all at once stays, though nothing more comes', () => {
  const world = connect();
  expect(stays(world, 2, MEGABYTE)).toBe(true);
  world.client.bytesWritten += 10 * MEGABYTE;
  expect(stays(world, 30, MEGABYTE)).toBe(true);
});

test('a client that has read everything and answers no more is gone at the second heartbeat', () => {
  const world = connect();
  world.client.bytesWritten = 5 * MEGABYTE;
  expect(stays(world, 10, MEGABYTE)).toBe(true);
  expect(stays(world, 1, 0)).toBe(true);
  expect(stays(world, 1, 0)).toBe(false);
});

test('a client that vanishes has a heartbeat more for each megabyte that it had yet to read', () => {
  const world = connect();
  expect(stays(world, 2, MEGABYTE)).toBe(true);
  world.client.bytesWritten += 3 * MEGABYTE;
  expect(stays(world, 4, 0)).toBe(true);
  expect(stays(world, 1, 0)).toBe(false);
});

test.each(['', 'x', '-1', 'NaN'])('a pong that nobody asked for, with "%s", does not keep a client for ever', (data) => {
  const world = connect();
  world.client.emit('pong', Buffer.from(data));
  expect(stays(world, 3, 0)).toBe(false);
});
