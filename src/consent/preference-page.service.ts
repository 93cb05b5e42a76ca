import type { Caller } from '../accounts/caller.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactRef } from '../contacts/contact.service.js';
import { Refusal } from '../errors.js';
import type { Channel, MessageCategory } from '../vocabulary.js';
import type { ConsentService } from './consent.service.js';
import { problemsOfEvidence, problemsOfScope } from './consent-terms.js';
import type { StatedConsent } from './consent.queries.js';
import type { PreferenceLink } from './preference-link.js';
import type { PreferenceRow } from './preference.queries.js';
import { problemsOf, type Preference, type PreferenceService } from './preference.service.js';

/** What the page of one person shows. No name and no address: whoever has the link sees it. */
export interface PreferencePage {
  language: string | null;
  consents: StatedConsent[];
  preferences: PreferenceRow[];
  expiresAt: Date;
}

export interface PageChanges {
  token: string;
  preferences: Preference[];
  withdraw: { channels: Channel[]; categories: MessageCategory[] }[];
  evidence?: Record<string, unknown> | null;
}

const DAY_SECONDS = 86_400;
const LONGEST_SECONDS = 366 * DAY_SECONDS;
const MOST_WITHDRAWALS = 12;

/** A page that a person opens by a link, without signing in: it shows and changes what they have agreed to. */
export class PreferencePageService {
  constructor(
    private readonly consents: ConsentService,
    private readonly preferences: PreferenceService,
    private readonly links: PreferenceLink,
  ) {}

  /** Throws Refusal NOT_FOUND, INVALID_INPUT. */
  async link(caller: Caller, ref: ContactRef, validSeconds: number): Promise<{ token: string; expiresAt: Date }> {
    if (validSeconds < 60 || validSeconds > LONGEST_SECONDS)
      throw new Refusal('INVALID_INPUT', `From 60 to ${LONGEST_SECONDS} seconds.`, ['validSeconds']);
    const { id: contactId } = await this.consents.find(caller, ref);
    const expiresAt = new Date(Date.now() + validSeconds * 1000);
    return { token: this.links.mint(caller.tenantId, { contactId, expiresAt }), expiresAt };
  }

  /** Null where the link is not, or no longer, valid. */
  async page(caller: Caller, token: string): Promise<PreferencePage | null> {
    const opened = await this.open(caller, token);
    return opened && this.pageOf(caller.tenantId, opened.contact, opened.expiresAt);
  }

  /** Throws Refusal; then nothing was changed. */
  async update(caller: Caller, { token, preferences, withdraw, evidence }: PageChanges): Promise<{ page: PreferencePage }> {
    if (withdraw.length > MOST_WITHDRAWALS)
      throw new Refusal('INVALID_INPUT', `At most ${MOST_WITHDRAWALS} withdrawals at once.`, ['withdraw']);
    const scopes = withdraw.flatMap((scope, index) =>
      problemsOfScope(scope).map((problem) => ({ ...problem, field: ['withdraw', String(index), ...problem.field] })),
    );
    const problems = [...problemsOf(preferences), ...scopes, ...problemsOfEvidence(evidence)];
    if (problems.length > 0) throw new Refusal(problems);
    const opened = await this.open(caller, token);
    if (!opened) throw new Refusal('NOT_FOUND', 'The link is not valid, or has expired.', ['token']);
    const { tenantId } = caller;
    const { contact, expiresAt } = opened;
    const proof = { statement: null, evidence: evidence ?? null, ip: caller.ip, userAgent: caller.userAgent };
    // First: they alone can still be refused.
    if (preferences.length > 0) await this.preferences.setFor(tenantId, contact.id, preferences);
    for (const scope of withdraw)
      await this.consents.withdrawFor(contact.id, {
        channels: [...new Set(scope.channels)],
        categories: [...new Set(scope.categories)],
        source: 'WEB_FORM',
        tenantId,
        actor: caller.name,
        at: new Date(),
        proof,
        by: 'CONTACT',
      });
    // Looked for again: the changes are with whom the person was merged into meanwhile.
    const changed = await this.consents.findById(caller, contact.id);
    return { page: await this.pageOf(tenantId, changed ?? contact, expiresAt) };
  }

  private async open(caller: Caller, token: string): Promise<{ contact: ContactRow; expiresAt: Date } | null> {
    const linked = this.links.read(caller.tenantId, token, new Date());
    const contact = linked && (await this.consents.findById(caller, linked.contactId));
    return contact && linked ? { contact, expiresAt: linked.expiresAt } : null;
  }

  private async pageOf(tenantId: string, { id, language }: ContactRow, expiresAt: Date): Promise<PreferencePage> {
    const [consents, preferences] = await Promise.all([
      this.consents.consents(tenantId, [id]),
      this.preferences.preferences(tenantId, [id]),
    ]);
    return { language, consents, preferences, expiresAt };
  }
}
