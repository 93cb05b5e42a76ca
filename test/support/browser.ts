import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';
import puppeteer, { type Browser } from 'puppeteer-core';

const CACHE = resolve('node_modules/.cache');
/** The packaged one looks in /tmp/fonts only, and without a font every page is blank. */
const fontsConf = (home: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
const ARGS = [
  // Chromium's own sandbox refuses to run as root and in most containers; the pages are our own.
  '--no-sandbox',
  '--no-zygote',
  // A page or the browser itself that asks for an outside address gets nothing, so a test fails instead of depending on it.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  '--disable-domain-reliability',
  '--no-pings',
];

/** A headless Chromium that reaches this machine only. Close it yourself. Where no build is packaged, an installed Chrome is used. */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return puppeteer.launch({ channel: 'chrome', args: ARGS });
  const home = await unpackedChromium();
  return puppeteer.launch({
    executablePath: join(home, 'chromium'),
    headless: 'shell',
    args: ARGS,
    // NSS and expat come with the package, so that nothing has to be installed on the machine.
    env: { ...process.env, LD_LIBRARY_PATH: join(home, 'al2023', 'lib'), FONTCONFIG_PATH: join(home, 'fonts') },
  });
}

/** Unpacks once (about 2 s, 210 MB) and keeps it with the installed packages. */
async function unpackedChromium(): Promise<string> {
  const binaries = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin');
  const home = join(CACHE, 'chromium');
  if (existsSync(home)) return home;
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'chromium-'));
  const temporary = process.env['TMPDIR'];
  // The package unpacks into the system's temporary directory and nowhere else.
  process.env['TMPDIR'] = unfinished;
  try {
    await chromium.executablePath();
    await inflate(join(binaries, 'al2023.tar.br'));
    writeFileSync(join(unfinished, 'fonts', 'fonts.conf'), fontsConf(home));
  } finally {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
  }
  moveIntoPlace(unfinished, home);
  return home;
}

/** Another test process may have been first; its copy is as good. */
function moveIntoPlace(unfinished: string, home: string): void {
  try {
    renameSync(unfinished, home);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}
