// The reference page: theme, menu, and the interactive reference where the build has its renderer.
'use strict';

const root = document.documentElement;

// ---- dark or light: the system's choice until the person makes one

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
let chosen = null;

function applyTheme() {
  root.classList.toggle('dark-mode', chosen === null ? prefersDark.matches : chosen === 'dark');
}

prefersDark.addEventListener('change', applyTheme);
document.getElementById('theme').addEventListener('click', () => {
  chosen = root.classList.contains('dark-mode') ? 'light' : 'dark';
  applyTheme();
});
applyTheme();

// ---- the menu of a narrow screen

const menu = document.getElementById('menu');
const navigation = document.getElementById('navigation');

function showMenu(shown) {
  navigation.classList.toggle('shown', shown);
  menu.setAttribute('aria-expanded', String(shown));
}

menu.addEventListener('click', () => showMenu(!navigation.classList.contains('shown')));
navigation.addEventListener('click', (event) => {
  if (event.target.closest('a')) showMenu(false);
});

// ---- the interactive reference

function openOperation(id) {
  const block = [...document.querySelectorAll('.opblock')].find((each) => each.id.endsWith(`-${id}`));
  if (!block) return;
  if (!block.classList.contains('is-open')) block.querySelector('.opblock-summary-control').click();
  block.scrollIntoView();
}

function listOperations(paths) {
  const list = document.getElementById('operations');
  for (const [path, item] of Object.entries(paths)) {
    for (const method of ['get', 'post']) {
      const operation = item[method];
      if (!operation) continue;
      const link = document.createElement('a');
      link.href = '#reference';
      link.textContent = `${method.toUpperCase()} ${path}`;
      link.title = operation.summary;
      link.addEventListener('click', (event) => {
        event.preventDefault();
        openOperation(operation.operationId);
      });
      const entry = document.createElement('li');
      entry.append(link);
      list.append(entry);
    }
  }
}

// A parameter that takes the rest of the path, which OpenAPI can't say: its slashes stay slashes.
function keepSlashes(request) {
  const [path, ...query] = request.url.split('?');
  request.url = [path.replaceAll('%2F', '/'), ...query].join('?');
  return request;
}

if (window.SwaggerUIBundle) {
  const ui = SwaggerUIBundle({
    url: '/openapi.yaml',
    dom_id: '#swagger-ui',
    validatorUrl: null, // it would ask another origin
    tryItOutEnabled: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    requestInterceptor: keepSlashes,
    onComplete: () => listOperations(ui.specSelectors.specJson().toJS().paths),
  });
}
