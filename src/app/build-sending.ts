import type { ContactService } from '../contacts/contact.service.js';
import { AddressBook } from '../messages/address-book.js';
import { BatchRecipients } from '../messages/batch-recipients.js';
import { BudgetService } from '../messages/budget.service.js';
import { BudgetLedger } from '../messages/budget-ledger.js';
import { CheckSendService } from '../messages/check-send.service.js';
import { ContactAddresses } from '../messages/contact-addresses.js';
import { MessageFactory } from '../messages/message-factory.js';
import type { ChannelDirectory, PriceList } from '../messages/message.ports.js';
import { SendGate } from '../messages/send-gate.js';
import { SendPreparation } from '../messages/send-preparation.js';
import type { Database } from '../platform/database/database.js';
import type { BlindIndex } from '../platform/encryption/blind-index.js';
import type { Sealer } from '../platform/encryption/sealer.js';
import { spend } from '../statistics/spend.js';
import type { Accounts } from './build-accounts.js';

interface SendingParts {
  db: Database;
  accounts: Accounts;
  contacts: ContactService;
  sealer: Sealer;
  index: BlindIndex;
  prices: PriceList;
  directory: ChannelDirectory;
  settings: { messagingEnabled: boolean; maxAttempts: number };
}

/** What every send passes on its way to a row. */
export function buildSending({ db, accounts: { audit, tenants }, contacts, sealer, index, prices, directory, settings }: SendingParts) {
  const budgets = new BudgetLedger(spend);
  const book = new AddressBook(new ContactAddresses(contacts, sealer), index);
  const gate = new SendGate(db.sql, budgets, settings);
  const preparation = new SendPreparation(book, gate, prices, directory);
  const factory = new MessageFactory(sealer, settings);
  return {
    budgets,
    preparation,
    factory,
    recipients: new BatchRecipients(preparation, factory),
    checks: new CheckSendService(tenants, contacts, book, gate, directory),
    tenantBudgets: new BudgetService(db, tenants, spend, budgets, audit),
  };
}
