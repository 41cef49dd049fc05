import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Milliseconds: playwright's own 30 seconds are too few for a busy machine. */
const PATIENCE = 600_000;

/** Path of a Chromium or Chrome on the PATH; undefined where there is none, and browser tests skip. */
export const browserPath = (process.env.PATH ?? '')
	.split(delimiter)
	.flatMap((folder) => ['chromium', 'google-chrome'].map((name) => join(folder, name)))
	.find((path) => existsSync(path));

/** A browser without a window. The sandbox is off because containers, where tests run, often forbid it. */
export function launchBrowser(): Promise<Browser> {
	return chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'], timeout: PATIENCE });
}

/** A new page that waits as long for whatever it is told to wait for. */
export async function newPage(browser: Browser): Promise<Page> {
	const page = await browser.newPage();
	page.setDefaultTimeout(PATIENCE);
	return page;
}
