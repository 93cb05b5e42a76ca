import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import { ForwardPageArgs, pageOf, toConnection, type Connection } from '../../graphql/connection.js';
import type { Context } from '../../graphql/context.js';
import { Rights } from '../../graphql/rights.js';
import type { AuditLog } from '../audit-log.js';
import type { Caller } from '../caller.js';
import { ADMINS } from '../rights.js';
import { AuditConnection, type AuditEntryType } from './audit.types.js';

@Resolver()
export class AuditResolver {
  constructor(private readonly audit: AuditLog) {}

  @Rights(...ADMINS)
  @Query(() => AuditConnection, { description: 'Newest first; filters match exactly' })
  async auditLog(
    @Ctx() { caller }: Context<Caller>,
    @Args(() => ForwardPageArgs) args: ForwardPageArgs,
    @Arg('actor', () => String, { nullable: true, description: "A key's name" }) actor?: string | null,
    @Arg('action', () => String, { nullable: true, description: 'E.g. apiKey.revoked' }) action?: string | null,
    @Arg('subject', () => String, { nullable: true, description: 'E.g. apiKey:0199a1b2-…' }) subject?: string | null,
  ): Promise<Connection<AuditEntryType>> {
    const page = pageOf(args);
    return toConnection(await this.audit.list(caller, { actor, action, subject }, page), page, ({ id }) => id);
  }
}
