import type { Transaction } from 'kysely';
import { parsePhoneNumber } from '../contacts/phone-number.js';
import { Refusal } from '../errors.js';
import type { MessageAcceptance } from '../messages/accept-messages.js';
import { countBody, type MessageFactory } from '../messages/message-factory.js';
import type { SendingTenant } from '../messages/message.ports.js';
import { NOBODY } from '../messages/recipient.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { TemplateBook } from '../templates/template-book.js';
import type { Channel } from '../vocabulary.js';
import { answerText, TEMPLATE_OF, type AnswerKind } from './answer-texts.js';

export interface AnsweringTenant extends SendingTenant {
  name: string;
  defaultLanguage: string | null;
}

export interface AnsweringTenants {
  settings(tenantId: string): Promise<AnsweringTenant>;
}

export interface Answer {
  kind: AnswerKind;
  tenantId: string;
  to: string;
  channel: Channel;
  /** The one that the person wrote by. */
  provider: string;
  /** Most wanted first. */
  languages: readonly (string | null)[];
  at: Date;
  /** The message that is answered. */
  inboundId: string;
}

export interface PreparedAnswer {
  tenant: AnsweringTenant;
  text: { language: string; body: string };
}

/** Messages that nobody writes: the answers to STOP, START and HELP. The policy is asked when they are claimed. */
export class AutomaticAnswers {
  constructor(
    private readonly tenants: AnsweringTenants,
    private readonly templates: Pick<TemplateBook, 'load'>,
    private readonly factory: MessageFactory,
    private readonly acceptance: MessageAcceptance,
    private readonly index: BlindIndex,
  ) {}

  /** Before the transaction: it reads. */
  async prepare({
    kind,
    tenantId,
    channel,
    languages,
  }: Pick<Answer, 'kind' | 'tenantId' | 'channel' | 'languages'>): Promise<PreparedAnswer> {
    const tenant = await this.tenants.settings(tenantId);
    const wanted = [...languages, tenant.defaultLanguage];
    const own = await this.ownText(tenant, kind, { tenantId, channel, language: wanted.find((one) => one !== null) ?? null });
    return { tenant, text: own ?? answerText(kind, tenant.name, wanted) };
  }

  /** Returns what to do after the commit. */
  async store(tx: Transaction<unknown>, { tenant, text }: PreparedAnswer, answer: Answer): Promise<() => Promise<void>> {
    const { kind, tenantId, to, channel, provider, at, inboundId } = answer;
    const terms = {
      channels: [channel],
      fallbackAfterSeconds: null,
      body: text.body,
      mediaUrls: [],
      category: 'SERVICE' as const,
      topic: 'consent',
      language: text.language,
      sendAt: null,
      expiresAt: new Date(at.getTime() + VALID_MS),
      reference: `inbound:${inboundId}`,
      provider,
      idempotencyKey: null,
    };
    const destination = { channel, address: to, country: countryOf(to), hash: this.index.hash(tenantId, to) };
    const addressed = { recipient: { ...NOBODY, to }, field: 'to' as const, destinations: [destination] };
    const admitted = { addressed, destination, furtherChannels: [], checks: [], notBefore: null, language: text.language };
    const words = { ...text, mediaUrls: [], count: countBody(channel, text.body) };
    const row = this.factory.make({ tenantId, tenant, terms, template: null, batchId: null, now: at }, admitted, words, null);
    const rows = [kind === 'OPT_OUT' ? { ...row, confirmsOptOut: true } : row];
    const acceptance = { rows, checks: [], source: 'CONTACT' as const, actor: null };
    const stored = await this.acceptance.store(tx, acceptance);
    return () => this.acceptance.announce(acceptance, stored);
  }

  /** The tenant's own words, where they can be had without anything that only a person knows. */
  private async ownText(
    tenant: AnsweringTenant,
    kind: AnswerKind,
    { tenantId, channel, language }: { tenantId: string; channel: Channel; language: string | null },
  ): Promise<PreparedAnswer['text'] | null> {
    try {
      const template = await this.templates.load(tenantId, TEMPLATE_OF[kind]);
      const { timeZone, currency, defaultCountry, defaultLanguage: tenantLanguage } = tenant;
      const audience = { language, tenantLanguage, timeZone, currency, country: defaultCountry };
      const [text] = template.render([channel], { sender: tenant.name }, audience);
      return text ? { language: text.language, body: text.body } : null;
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }
}

/** Nobody wants to be told days later that a STOP was understood. */
const VALID_MS = 3600 * 1000;

function countryOf(address: string): string | null {
  try {
    return parsePhoneNumber(address, { channel: 'WHATSAPP' }).country;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
