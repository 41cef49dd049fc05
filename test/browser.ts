import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Path of a Chromium or Chrome on the PATH; undefined where there is none, and browser tests skip. */
export const browserPath = (process.env.PATH ?? '')
	.split(delimiter)
	.flatMap((folder) => ['chromium', 'google-chrome'].map((name) => join(folder, name)))
	.find((path) => existsSync(path));

/** A browser without a window. The sandbox is off because containers, where tests run, often forbid it. */
export function launchBrowser(): Promise<Browser> {
	return chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] });
}
