import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './playground.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Playground } from './playground.js';

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <Playground />
  </StrictMode>,
);
