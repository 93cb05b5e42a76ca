import type { Caller } from '../accounts/caller.js';
import type { ContactRow } from '../contacts/contact.row.js';
import type { ContactRef } from '../contacts/contact.service.js';
import { Refusal, type UserError } from '../errors.js';
import type { Database } from '../platform/database/database.js';
import type { Channel } from '../vocabulary.js';
import type { ConsentService } from './consent.service.js';
import { invalid } from './consent-terms.js';
import { countPreferences, preferencesOf, writePreferences, type PreferenceRow } from './preference.queries.js';

export interface Preference {
  topic: string;
  channel: Channel;
  enabled: boolean;
}

const MOST = 100;
const MOST_KEPT = 500;
const TOPIC = /^[\w.:-]{1,100}$/;

/** What people want to hear of, and on which channel. What nobody has said anything about is wanted. */
export class PreferenceService {
  constructor(
    private readonly db: Database,
    private readonly consents: ConsentService,
  ) {}

  /** Those that are not named stay as they are. Throws Refusal; then nothing was changed. */
  async set(caller: Caller, ref: ContactRef, preferences: readonly Preference[]): Promise<{ contact: ContactRow }> {
    const problems = problemsOf(preferences);
    if (problems.length > 0) throw new Refusal(problems);
    const { id } = await this.consents.find(caller, ref);
    return this.setFor(caller.tenantId, id, preferences);
  }

  /** The preferences have been checked. */
  setFor(tenantId: string, id: string, preferences: readonly Preference[]): Promise<{ contact: ContactRow }> {
    const last = new Map(preferences.map((preference) => [`${preference.topic} ${preference.channel}`, preference]));
    const updatedAt = new Date();
    return this.db.transaction(async (tx) => {
      const contact = await this.consents.locked(tx, tenantId, id);
      const rows = [...last.values()].map(({ topic, channel, enabled }) => ({
        contactId: contact.id,
        tenantId,
        topic,
        channel,
        enabled,
        updatedAt,
      }));
      const before = await countPreferences(tx, tenantId, contact.id);
      await writePreferences(tx, rows);
      const kept = await countPreferences(tx, tenantId, contact.id);
      // Who was two may have more: they must be able to switch off what is there.
      if (kept > Math.max(before, MOST_KEPT))
        throw new Refusal('INVALID_INPUT', `A contact has at most ${MOST_KEPT} preferences.`, ['preferences']);
      return { contact };
    });
  }

  preferences(tenantId: string, contactIds: readonly string[]): Promise<PreferenceRow[]> {
    return preferencesOf(this.db.sql, tenantId, contactIds);
  }
}

export function problemsOf(preferences: readonly Preference[]): UserError[] {
  if (preferences.length > MOST) return [invalid(`At most ${MOST} preferences at once.`, 'preferences')];
  return preferences.flatMap(({ topic }, index) =>
    TOPIC.test(topic)
      ? []
      : [invalid('1 to 100 letters, digits, dots, colons, hyphens or underscores.', 'preferences', String(index), 'topic')],
  );
}
