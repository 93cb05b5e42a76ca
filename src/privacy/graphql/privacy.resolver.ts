import 'reflect-metadata';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Caller } from '../../accounts/caller.js';
import { ADMINS } from '../../accounts/rights.js';
import { ContactRefInput } from '../../contacts/graphql/contact-ref.types.js';
import { Rights } from '../../graphql/rights.js';
import { orUserErrors } from '../../graphql/user-errors.js';
import type { EraseContactService } from '../erase-contact.service.js';
import type { ExportContactService } from '../export-contact.service.js';
import { EraseContactPayload, ExportContactPayload } from './privacy.types.js';

interface CallerContext {
  caller: Caller;
}

const NOTHING = { erased: false, messages: 0, inboundMessages: 0 };

@Resolver()
export class PrivacyResolver {
  constructor(
    private readonly exporting: ExportContactService,
    private readonly erasing: EraseContactService,
  ) {}

  @Rights(...ADMINS)
  @Mutation(() => ExportContactPayload, {
    description:
      'Everything held about the person, as one JSON document, unmasked; a phone number or email address may also be one that no contact has. Stands in the audit log. NOT_FOUND; CONFLICT: more than 10,000 records (heliograph contact export writes them all)',
  })
  exportContact(
    @Ctx() { caller }: CallerContext,
    @Arg('contact', () => ContactRefInput) contact: ContactRefInput,
  ): Promise<ExportContactPayload> {
    return orUserErrors(this.exporting.export(caller, contact));
  }

  @Rights(...ADMINS)
  @Mutation(() => EraseContactPayload, {
    description:
      'Destroys names, addresses, texts and media links of the person wherever they stand, and asks providers to do the same; messages that wait are SUPPRESSED. Statistics stay, and so do opt-outs, as keyed hashes: only START from the person takes them back. Cannot be undone; stands in the audit log; doing it again does no harm. NOT_FOUND',
  })
  eraseContact(
    @Ctx() { caller }: CallerContext,
    @Arg('contact', () => ContactRefInput) contact: ContactRefInput,
  ): Promise<EraseContactPayload> {
    return orUserErrors(this.erasing.erase(caller, contact), NOTHING);
  }
}
