import { Migration } from '@mikro-orm/migrations';
import { getCreateIndexesSQL, getCreateTableSQL, getUpdateTimestampTriggerSQL } from '@agendajs/postgres-backend';

/** Agenda's table. Agenda would create it by itself, but two processes that start together then collide. */
export class Scheduler extends Migration {
  override up(): void {
    this.addSql('create schema agenda');
    this.addSql('set local search_path = agenda');
    this.addSql(getCreateTableSQL('agenda_jobs'));
    for (const statement of getCreateIndexesSQL('agenda_jobs')) this.addSql(statement);
    this.addSql(getUpdateTimestampTriggerSQL('agenda_jobs'));
    this.addSql('set local search_path = public');
  }
}
