import 'reflect-metadata';
import { Query, Resolver } from 'type-graphql';
import { EVERYONE, READERS } from '../../accounts/rights.js';
import { Rights } from '../../graphql/rights.js';
import type { QueueInspector } from '../delivery.ports.js';
import type { ProviderBoard } from '../provider-board.js';
import type { SystemHealth } from '../system-health.js';
import { HealthType, ProviderType, QueueStatisticsType } from './delivery.types.js';

@Resolver()
export class DeliveryResolver {
  constructor(
    private readonly board: ProviderBoard,
    private readonly queueInspector: QueueInspector,
    private readonly system: SystemHealth,
  ) {}

  @Rights(...EVERYONE)
  @Query(() => HealthType, { description: 'The state of this installation: the same for all tenants' })
  health(): Promise<HealthType> {
    return this.system.report();
  }

  @Rights(...READERS)
  @Query(() => [ProviderType], { description: 'Those that are set up on this installation' })
  async providers(): Promise<ProviderType[]> {
    return (await this.board.status()) as ProviderType[];
  }

  @Rights(...READERS)
  @Query(() => [QueueStatisticsType], { description: 'Of this installation, all tenants together' })
  queues(): Promise<QueueStatisticsType[]> {
    return this.queueInspector.figures();
  }
}
