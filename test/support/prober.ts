import { simulatorSecret } from '../../src/app/build-providers.js';
import { SIGNATURE_HEADER, signatureOf } from '../../src/delivery/providers/simulator/simulator-signature.js';
import { Secret } from '../../src/secret.js';
import type { Deployment } from './deployment.js';

const QUERY = '{ messages(first: 1) { nodes { id } } }';
const SEND = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';
const PAUSE_MS = 20;

/** The caller of a message that is sent until it is answered, always with the same idempotency key. */
interface Sending {
  key: string;
  /** Null: no answer of use came. */
  messageId: string | null;
}

/** Asks the api for something of each kind, again and again, and keeps what it said. */
export class Prober {
  /** Codes of errors; OK without one. */
  readonly queries = new Set<string>();
  readonly mutations = new Set<string>();
  /** Statuses. */
  readonly webhooks = new Set<number>();
  readonly sendings: Sending[] = [];
  private isDone = false;
  private readonly asking: Promise<unknown>;

  constructor(
    private readonly site: Deployment,
    private readonly name: string,
  ) {
    this.asking = Promise.all([this.repeat(() => this.query()), this.repeat(() => this.send()), this.repeat(() => this.report())]);
  }

  /** When it has asked for the last time. Throws what the api did not answer at all. */
  async stop(): Promise<void> {
    this.isDone = true;
    await this.asking;
  }

  /** Asks for all messages once more, and says which id each key stands for now. */
  async sendAgain(): Promise<Sending[]> {
    const again: Sending[] = [];
    for (const { key } of this.sendings) again.push({ key, messageId: (await this.ask(key)).messageId });
    return again;
  }

  private async repeat(ask: () => Promise<void>): Promise<void> {
    while (!this.isDone) {
      await ask();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private async query(): Promise<void> {
    this.queries.add((await this.site.api.execute(QUERY)).code ?? 'OK');
  }

  private async send(): Promise<void> {
    const key = `${this.name}-${this.sendings.length}`;
    const sending: Sending = { key, messageId: null };
    this.sendings.push(sending);
    const { code, messageId } = await this.ask(key);
    this.mutations.add(code);
    sending.messageId = messageId;
  }

  private async ask(key: string): Promise<{ code: string; messageId: string | null }> {
    const input = { to: '+14155550177', body: 'Hello', reference: this.name, idempotencyKey: key };
    const { data, code } = await this.site.api.execute(SEND, { input });
    return { code: code ?? 'OK', messageId: data?.sendMessage?.message?.id ?? null };
  }

  /** A receipt of a message that nobody knows. */
  private async report(): Promise<void> {
    const { env, api } = this.site;
    const price = { amount: '0.0075', currency: 'USD' };
    const rawBody = JSON.stringify({ sid: this.name, status: 'delivered', segments: 1, price, at: new Date().toISOString() });
    const path = '/webhooks/simulator/status';
    const signature = signatureOf(simulatorSecret(new Secret(env['ENCRYPTION_KEY'] ?? '')), {
      url: `${env['PUBLIC_URL']}${path}`,
      rawBody,
    });
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature };
    const response = await fetch(`${api.url}${path}`, { method: 'POST', headers, body: rawBody });
    await response.arrayBuffer();
    this.webhooks.add(response.status);
  }
}
