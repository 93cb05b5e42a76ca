import { Accounts } from './0001-accounts.js';
import { Messages } from './0002-messages.js';
import { Scheduler } from './0003-scheduler.js';
import { Traces } from './0006-traces.js';
import { NarrowStatusIndex } from './0007-narrow-status-index.js';
import { Statistics } from './0004-statistics.js';
import { BatchUploads } from './0005-batch-uploads.js';
import { People } from './0008-people.js';
import { Budgets } from './0009-budgets.js';
import { Templates } from './0010-templates.js';
import { Inbox } from './0011-inbox.js';
import { Privacy } from './0012-privacy.js';
import { RareMessages } from './0013-rare-messages.js';
import { LeasesByStatus } from './0014-leases-by-status.js';
import { EarlierCharges } from './0015-earlier-charges.js';
import { HintsByLane } from './0016-hints-by-lane.js';
import { FormerAddresses } from './0017-former-addresses.js';
import { Retention } from './0018-retention.js';
import { ChargeReadings } from './0019-charge-readings.js';
import { FormerOwners } from './0020-former-owners.js';
import { InboundPlaces } from './0021-inbound-places.js';
import { ChainEnds } from './0022-chain-ends.js';

/** In the order in which they run. A migration that has been released never changes: add another. */
export const MIGRATIONS = [
  { name: '0001-accounts', class: Accounts },
  { name: '0002-messages', class: Messages },
  { name: '0003-scheduler', class: Scheduler },
  { name: '0004-statistics', class: Statistics },
  { name: '0005-batch-uploads', class: BatchUploads },
  { name: '0006-traces', class: Traces },
  { name: '0007-narrow-status-index', class: NarrowStatusIndex },
  { name: '0008-people', class: People },
  { name: '0009-budgets', class: Budgets },
  { name: '0010-templates', class: Templates },
  { name: '0011-inbox', class: Inbox },
  { name: '0012-privacy', class: Privacy },
  { name: '0013-rare-messages', class: RareMessages },
  { name: '0014-leases-by-status', class: LeasesByStatus },
  { name: '0015-earlier-charges', class: EarlierCharges },
  { name: '0016-hints-by-lane', class: HintsByLane },
  { name: '0017-former-addresses', class: FormerAddresses },
  { name: '0018-retention', class: Retention },
  { name: '0019-charge-readings', class: ChargeReadings },
  { name: '0020-former-owners', class: FormerOwners },
  { name: '0021-inbound-places', class: InboundPlaces },
  { name: '0022-chain-ends', class: ChainEnds },
];
