import type { ChannelDirectory } from '../messages/message.ports.js';
import type { TemplateRefs } from '../templates/provider-refs.js';
import type { Channel } from '../vocabulary.js';
import type { MessageProvider } from './provider.js';

/** The providers of this installation, and in which order each channel prefers them. */
export class ProviderDirectory implements ChannelDirectory {
  private readonly byName: ReadonlyMap<string, MessageProvider>;

  constructor(
    providers: readonly MessageProvider[],
    private readonly preferences: Readonly<Partial<Record<Channel, readonly string[]>>>,
    /** In mock mode the one that sends everything; the others are still asked about what they sent before. */
    private readonly sendsAll: string | null = null,
  ) {
    this.byName = new Map(providers.map((provider) => [provider.name, provider]));
  }

  all(): MessageProvider[] {
    return [...this.byName.values()];
  }

  get(name: string): MessageProvider | null {
    return this.byName.get(name) ?? null;
  }

  /** Who sends on the channel what names this provider, by its caller or because the person has written to it; null where nobody does. */
  senderFor(name: string, channel: Channel): MessageProvider | null {
    const provider = this.byName.get(this.sendsAll ?? name);
    return provider?.channels.includes(channel) ? provider : null;
  }

  /** In order of preference. */
  candidates(channel: Channel): MessageProvider[] {
    return (this.preferences[channel] ?? []).flatMap((name) => {
      const provider = this.byName.get(name);
      return provider?.channels.includes(channel) ? [provider] : [];
    });
  }

  /** Whether some channel prefers it; the others are there for look-ups and late receipts only. */
  isInUse(name: string): boolean {
    return Object.values(this.preferences).some((names) => names.includes(name));
  }

  hasChannel(channel: Channel): boolean {
    return this.candidates(channel).length > 0;
  }

  preferred(channel: Channel): string | null {
    return this.candidates(channel)[0]?.name ?? null;
  }

  takesAnyTemplate(name: string): boolean {
    return this.byName.get(name)?.takesAnyTemplate ?? false;
  }

  longestBody(channel: Channel, name: string | null): number {
    const asked = name === null ? this.candidates(channel) : [this.byName.get(name)];
    return Math.min(...asked.map((provider) => provider?.longestBody?.[channel] ?? Infinity));
  }

  isApproved(name: string, refs: TemplateRefs): boolean {
    const ref = this.byName.get(name)?.templateRef;
    return ref !== undefined && refs[ref] !== undefined;
  }

  canRedact(name: string): boolean {
    return this.byName.get(name)?.redact !== undefined;
  }

  serves(name: string, channel: Channel): boolean {
    return this.byName.get(name)?.channels.includes(channel) ?? false;
  }
}
