import type { Caller } from '../accounts/caller.js';
import { Refusal } from '../errors.js';
import type { StatusRefresher } from '../messages/message.ports.js';
import type { MessageRow } from '../messages/message.row.js';
import type { MessageService } from '../messages/message.service.js';
import type { StatusLookUp } from './look-up.js';

export class RefreshStatusService implements StatusRefresher {
  constructor(
    private readonly messages: MessageService,
    private readonly lookUp: StatusLookUp,
  ) {}

  async refresh(caller: Caller, id: string): Promise<MessageRow> {
    const row = await this.messages.find(caller, id);
    if (!row) throw new Refusal('NOT_FOUND', 'There is no such message.', ['id']);
    if (!row.askedAt) throw new Refusal('CONFLICT', `The message is ${row.status}: no provider has it yet.`, ['id']);
    await this.lookUp.run([id]);
    return (await this.messages.find(caller, id)) ?? row;
  }
}
