// `npm run dev`: rebuilds at every change and starts the program again, each time after it has stopped in order.
import { underNode24 } from './node-24.mjs';

if (underNode24()) {
  const { develop } = await import('./develop.mjs');
  await develop();
}
