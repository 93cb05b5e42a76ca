import { setTimeout as delay } from 'node:timers/promises';
import { Ending, type SocketConnection } from './socket-connection.js';

/** How often sockets that are to end are asked whether they can. */
const LEAVING_MS = 20;

/** All sockets of this process, and which key each came with. */
export class LiveSockets {
  private readonly all = new Set<SocketConnection>();
  private readonly byKey = new Map<string, Set<SocketConnection>>();

  keyIds(): string[] {
    return [...this.byKey.keys()];
  }

  add(connection: SocketConnection): void {
    this.all.add(connection);
  }

  /** False when the key has `max` sockets already. */
  signIn(connection: SocketConnection, keyId: string, max: number): boolean {
    const sockets = this.byKey.get(keyId) ?? new Set();
    if (sockets.size >= max) return false;
    this.byKey.set(keyId, sockets.add(connection));
    return true;
  }

  remove(connection: SocketConnection): void {
    this.all.delete(connection);
    const keyId = connection.viewer?.keyId;
    const sockets = keyId ? this.byKey.get(keyId) : undefined;
    if (!keyId || !sockets?.delete(connection)) return;
    if (sockets.size === 0) this.byKey.delete(keyId);
  }

  endKey(keyId: string): void {
    for (const connection of this.byKey.get(keyId) ?? []) connection.end(Ending.FORBIDDEN);
  }

  /** Each ends once its last answer is out, and all that remain are cut after `graceMs`. Resolves when none is left. */
  async leave(graceMs: number): Promise<void> {
    const cut = setTimeout(() => this.all.forEach((connection) => connection.cut()), graceMs);
    for (; this.all.size > 0; await delay(LEAVING_MS)) for (const connection of this.all) connection.leave();
    clearTimeout(cut);
  }

  heartbeat(): void {
    for (const connection of this.all) connection.heartbeat();
  }
}
