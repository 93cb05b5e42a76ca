import type { GraphiQLProps } from 'graphiql';
import { SIMULATOR_NUMBERS } from './simulator-numbers.js';

function Panel() {
  return (
    <section className="simulator">
      <h2>Simulator numbers</h2>
      <p>
        The simulator stands in for a provider and reaches nobody. Send to one of these numbers to see what it brings; one click selects a
        number.
      </p>
      <dl>
        {SIMULATOR_NUMBERS.map(({ number, meaning }) => (
          <div key={number}>
            <dt>
              <bdi dir="ltr">{number}</bdi>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p>Any other number is delivered, and read on WhatsApp.</p>
    </section>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <rect x="6" y="2.5" width="12" height="19" rx="2.5" />
      <path d="M10.5 18.5h3M9.5 7.5h5M9.5 11h5" />
    </svg>
  );
}

/** The entry in the bar at the side. */
export const SIMULATOR_PANEL: NonNullable<GraphiQLProps['plugins']>[number] = { title: 'Simulator numbers', icon: Icon, content: Panel };
