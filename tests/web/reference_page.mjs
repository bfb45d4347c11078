// Uses the reference page as a person would, in a real browser.
//
//   node reference_page.mjs URL KEY FOLDER GUIDE_SCRIPT
//
// URL is a demo's address, KEY its key; screenshots go to FOLDER. GUIDE_SCRIPT is the guides' script for browsers, which
// is run in the page. CHROMIUM names the browser, /usr/bin/chromium when it is not set.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, key, folder, guideScript] = process.argv.slice(2);
const pdf = 'uploads/co_xyz/file_abc123/context.pdf';
const pptx = 'uploads/co_xyz/file_def456/notes.pptx';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});

// What no visit may have: a word on the console, a request to another origin, a page wider than its window.
const faults = [];
let expected = 0; // refusals that a visit asks for; the browser notes each on the console

async function visit(name, options, steps) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    if (message.text().includes('status of 403') && expected-- > 0) return;
    faults.push(`${name}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${name}: ${error}`));
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol !== 'data:' && target.protocol !== 'blob:' && target.origin !== new URL(url).origin) {
      faults.push(`${name}: request to ${request.url()}`);
    }
  });
  await page.goto(`${url}/docs`);
  await steps(page);
  await context.close();
}

const shoot = (page, name) => page.screenshot({ path: `${folder}/${name}.png` });

const operation = (page, id) => page.locator(`.opblock[id$="-${id}"]`);

async function authorize(page) {
  await page.locator('.auth-wrapper .authorize').first().click();
  const dialog = page.locator('.dialog-ux .modal-ux');
  await dialog.locator('input').first().fill(key);
  await dialog.getByRole('button', { name: 'Apply credentials' }).first().click();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
}

// A narrow screen has its navigation behind a button.
async function openMenu(page) {
  const menu = page.locator('#menu');
  if (await menu.isVisible()) await menu.click();
}

async function openOperation(page, id, name) {
  await openMenu(page);
  await page.locator('#operations a', { hasText: name }).click();
  const block = operation(page, id);
  await block.locator('.btn.execute').waitFor();
  return block;
}

// The status and the body of the answer that the page shows.
async function execute(block) {
  await block.locator('.btn.execute').click();
  const live = block.locator('.live-responses-table');
  await live.waitFor();
  await block.locator('.loading-container').waitFor({ state: 'detached' });
  return {
    status: (await live.locator('.response-col_status').last().innerText()).trim().slice(0, 3),
    body: async () => JSON.parse(await live.locator('.response-col_description .highlight-code code').first().innerText()),
  };
}

async function tryItOut(page) {
  const block = await openOperation(page, 'mintFileAccess', 'POST /api/v1/file-access');
  const minted = await execute(block);
  assert.equal(minted.status, '200');
  const tokens = (await minted.body()).data.access_tokens;
  assert.deepEqual(Object.keys(tokens).sort(), [pdf, pptx].sort());

  expected = 1;
  await block.locator('.examples-select select').first().selectOption('anotherCompany');
  await block.locator('.btn-clear').click();
  const refused = await execute(block);
  assert.equal(refused.status, '403');
  const { error } = await refused.body();
  assert.equal(error.code, 'FORBIDDEN');
  assert.deepEqual(error.details.filePaths, ['uploads/co_abc/file_ghi789/plan.pdf']);
  return tokens[pdf];
}

async function download(page, token) {
  const block = await openOperation(page, 'downloadFile', 'GET /files/{source}/{path}');
  await block.locator('tr[data-param-name="token"] input').fill(token);
  const asked = page.waitForRequest((request) => request.url().includes('token='));
  assert.equal((await execute(block)).status, '200');
  assert.equal((await asked).url(), `${url}/files/magikarp/${pdf}?token=${token}`);
}

async function fitsItsWindow(page, name) {
  const { width } = page.viewportSize(); // innerWidth grows with what overflows
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) faults.push(`${name}: ${wide} pixels wide in a window of ${width}`);
}

const sizes = {
  desktop: { viewport: { width: 1360, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

for (const [size, options] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark']) {
    const name = `${size}-${colorScheme}`;
    await visit(name, { ...options, colorScheme }, async (page) => {
      const dark = await page.evaluate(() => document.documentElement.classList.contains('dark-mode'));
      assert.equal(dark, colorScheme === 'dark');
      await page.locator('.opblock').first().waitFor();
      await shoot(page, `${name}-start`);
      await openMenu(page);
      await shoot(page, `${name}-menu`);
      await page.locator('nav a[href="#errors"]').click();
      await page.waitForFunction(() => document.querySelector('#errors').getBoundingClientRect().top < 100);
      await shoot(page, `${name}-errors`);
      await fitsItsWindow(page, name);
      await authorize(page);
      const token = await tryItOut(page);
      await fitsItsWindow(page, name);
      await operation(page, 'mintFileAccess').locator('.live-responses-table').scrollIntoViewIfNeeded();
      await shoot(page, `${name}-answer`);
      await operation(page, 'mintFileAccess').evaluate((block) => block.scrollIntoView());
      await shoot(page, `${name}-form`);
      await download(page, token);
      await page.locator('#theme').click();
      assert.equal(await page.evaluate(() => document.documentElement.classList.contains('dark-mode')), !dark);
    });
  }
}

await visit('guide', sizes.desktop, async (page) => {
  const minted = await fetch(`${url}/api/v1/file-access`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ filePaths: [pdf], urls: true }),
  });
  const link = (await minted.json()).data.urls[pdf];
  const script = readFileSync(guideScript, 'utf8');
  const size = await page.evaluate(`(async () => { ${script}; return (await download(${JSON.stringify(link)})).size; })()`);
  assert.equal(String(size), (await fetch(link)).headers.get('Content-Length'));
  expected = 1;
  const other = link.replace('context.pdf', 'other.pdf');
  const refused = await page.evaluate(
    `(async () => { ${script}; return download(${JSON.stringify(other)}).catch((error) => error.message); })()`);
  assert.match(refused, /^FORBIDDEN: /);
});

await browser.close();
assert.deepEqual(faults, []);
