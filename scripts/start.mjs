// `npm start`: builds what has changed, then runs it.
import { underNode24 } from './node-24.mjs';

if (underNode24()) {
  const { buildPlaygroundOnce } = await import('./build-playground.mjs');
  const { run } = await import('./run.mjs');
  buildPlaygroundOnce();
  await run('main.js');
}
