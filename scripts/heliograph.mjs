// `npm run heliograph -- <command>`: builds what has changed, then runs the command line.
import { underNode24 } from './node-24.mjs';

if (underNode24()) {
  const { run } = await import('./run.mjs');
  await run('cli/heliograph.js');
}
