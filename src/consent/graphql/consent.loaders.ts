import DataLoader from 'dataloader';
import type { Caller } from '../../accounts/caller.js';
import type { Context } from '../../graphql/context.js';
import type { StatedConsent } from '../consent.queries.js';
import type { CheckedEvent, ConsentService } from '../consent.service.js';
import type { PreferenceRow } from '../preference.queries.js';
import type { PreferenceService } from '../preference.service.js';

export type CallerContext = Context<Caller>;

type Make<T> = (context: CallerContext) => DataLoader<string, T[]>;

/** The rows of each contact, of all that are asked for at once. */
const perContact =
  <T>(read: (tenantId: string, contactIds: readonly string[]) => Promise<T[]>, contactOf: (row: T) => string): Make<T> =>
  ({ caller }) =>
    new DataLoader(async (ids) => {
      const byContact = Map.groupBy(await read(caller.tenantId, ids), contactOf);
      return ids.map((id) => byContact.get(id) ?? []);
    });

/** One statement for all the contacts of an answer, whatever their number. */
export class ConsentLoaders {
  readonly consents: Make<StatedConsent>;
  readonly history: Make<CheckedEvent>;
  readonly preferences: Make<PreferenceRow>;

  constructor(consents: ConsentService, preferences: PreferenceService) {
    this.consents = perContact(
      (tenantId, ids) => consents.consents(tenantId, ids),
      ({ contactId }) => contactId,
    );
    this.history = perContact(
      (tenantId, ids) => consents.history(tenantId, ids),
      ({ personId }) => personId,
    );
    this.preferences = perContact(
      (tenantId, ids) => preferences.preferences(tenantId, ids),
      ({ contactId }) => contactId,
    );
  }
}
