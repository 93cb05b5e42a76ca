import { GraphQLError } from 'graphql';
import { ErrorCode } from '../errors.js';
import { Ending, type SocketConnection } from './socket-connection.js';

/**
 * Lets an operation begin when the one before it with its id has ended. An id may be used again once its operation was
 * completed; but graphql-ws knows operations by their ids only, and one that it still opens or closes would then take the
 * next one for itself, and leave a stream that nobody ends. Nor does it count what runs on after it was completed, so that is
 * limited here.
 */
export class OperationTurns {
  private readonly underWay = new Map<string, 'running' | 'completed'>();
  /** Frames by the ids of the operations that they begin. */
  private readonly waiting = new Map<string, string>();

  constructor(
    private readonly connection: SocketConnection,
    /** Resolves, for a frame that begins an operation, when that has ended. */
    private readonly receive: (frame: string) => Promise<void>,
    /** Open at the same time, and so many may wait. */
    private readonly maxOperations: number,
  ) {}

  async take(frame: string): Promise<void> {
    const { type, id } = headOf(frame);
    if (type === 'subscribe' && typeof id === 'string') return this.begin(id, frame);
    if (type === 'complete' && typeof id === 'string') this.complete(id);
    return this.receive(frame);
  }

  private async begin(id: string, frame: string): Promise<void> {
    const before = this.underWay.get(id);
    if (before === 'completed') return this.wait(id, frame);
    // Closes the socket, since the id is in use.
    if (before === 'running') return this.receive(frame);
    // Twice as many as may be open: a client may complete all of them and begin others before the first have ended.
    if (this.underWay.size >= 2 * this.maxOperations)
      return this.refuse(id, 'Too many operations on one socket still run after they were completed.');
    for (let next: string | undefined = frame; next !== undefined && this.connection.isOpen; next = this.waiting.get(id)) {
      this.waiting.delete(id);
      this.underWay.set(id, 'running');
      await this.receive(next);
    }
    this.underWay.delete(id);
  }

  private complete(id: string): void {
    this.waiting.delete(id);
    if (this.underWay.has(id)) this.underWay.set(id, 'completed');
  }

  private async wait(id: string, frame: string): Promise<void> {
    if (this.waiting.has(id)) return this.connection.end(Ending.ID_IN_USE);
    if (this.waiting.size < this.maxOperations) return void this.waiting.set(id, frame);
    return this.refuse(id, 'Too many operations on one socket use the id of one that has just been completed.');
  }

  private async refuse(id: string, message: string): Promise<void> {
    const error = new GraphQLError(message, { extensions: { code: ErrorCode.RATE_LIMITED } });
    await this.connection.send(JSON.stringify({ id, type: 'error', payload: [error] }));
  }
}

/** Of what is no JSON nothing: graphql-ws closes the socket. */
function headOf(frame: string): { type?: unknown; id?: unknown } {
  try {
    return Object(JSON.parse(frame));
  } catch {
    return {};
  }
}
