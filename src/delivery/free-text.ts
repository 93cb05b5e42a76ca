import { openContent } from '../messages/message-content.js';
import type { MessageRow } from '../messages/message.row.js';
import { UnsealError, type Sealer } from '../platform/encryption/sealer.js';
import type { ProviderDirectory } from './provider-directory.js';

/** Tells a message in words of its own from a template that WhatsApp's operator knows. */
export class FreeText {
  constructor(
    private readonly directory: ProviderDirectory,
    private readonly sealer: Sealer,
  ) {}

  /** Opens the message where its row does not tell: to be asked of those only for whom it matters. */
  is({ tenantId, channel, templateCode, requestedProvider, sealed }: MessageRow): boolean {
    if (templateCode === null) return true;
    const provider = requestedProvider ?? this.directory.preferred(channel);
    if (channel !== 'WHATSAPP' || provider === null || this.directory.takesAnyTemplate(provider) || !sealed) return false;
    try {
      return !this.directory.isApproved(provider, openContent(this.sealer, tenantId, sealed).providerRefs ?? {});
    } catch (error) {
      // What cannot be opened cannot be sent either: that fails, with its reason, when it is handed to the provider.
      if (error instanceof UnsealError) return false;
      throw error;
    }
  }
}
