import './lib/policy';
import './styles/base.css';
import './styles/marks.css';
import './styles/forms.css';
import './styles/gate.css';
import './styles/shell.css';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { keepNothingForBack } from './lib/back';
import { settings } from './lib/settings';
import { applyTokens } from './lib/tokens';
import { ask } from './session/store';
import { startWords } from './words';

keepNothingForBack();
const { theme, density, language } = settings();
applyTokens(
  theme === 'system' ? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light') : theme,
  density,
  language,
);

const open = window.location.pathname;
// Who is not signed in yet, and follows a set-up link, is not asked for a session.
await Promise.all([startWords(), open === '/set-up' ? undefined : ask()]);
const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
