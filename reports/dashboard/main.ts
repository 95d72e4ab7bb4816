import { listen } from './actions.js';
import { App } from './app.js';
import { applyTheme } from './theme.js';

applyTheme();
history.scrollRestoration = 'manual';
const app = new App();
listen(() => app.draw());
app.start();
