import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeImage } from '../src/image/decode.node.ts';
import { encodePng } from '../src/image/png.ts';
import { fitImage, preprocess } from '../src/image/preprocess.ts';
import { parsePreprocessConfig } from '../src/image/preprocess-config.ts';
import { browserPath, launchBrowser, newPage } from './browser.ts';

const fixtures = new URL('fixtures/image/', import.meta.url);
const read = (file: string) => new Uint8Array(readFileSync(new URL(file, fixtures)));
const config = parsePreprocessConfig(null, { imageSize: 40 });

/** What the page runs: bytes of an image file in, its pixels, the encoder's pixels and a PNG of what it sees out. */
const script = `
	import { decodeImage } from './src/image/decode.web.ts';
	import { encodePng } from './src/image/png.ts';
	import { fitImage, preprocess } from './src/image/preprocess.ts';
	globalThis.run = async (bytes, config) => {
		try {
			const image = await decodeImage(Uint8Array.from(bytes), 'x');
			const pixels = preprocess(image, config, { pad: true }).data;
			return { data: [...image.data], pixels: [...pixels], png: [...encodePng(fitImage(image, config))] };
		} catch (error) {
			return { error: error.message };
		}
	};`;

interface Outcome {
	data: number[];
	pixels: number[];
	png: number[];
	error?: string;
}

describe.skipIf(!browserPath)('a browser sees what Node sees (needs chromium or google-chrome)', () => {
	let browser: Browser;
	let page: Page;
	beforeAll(async () => {
		const resolveDir = fileURLToPath(new URL('..', import.meta.url));
		const { outputFiles } = await build({ stdin: { contents: script, resolveDir }, bundle: true, write: false });
		browser = await launchBrowser();
		page = await newPage(browser);
		await page.addScriptTag({ content: outputFiles[0]!.text });
	});
	afterAll(() => browser?.close());
	const inBrowser = (bytes: Uint8Array) =>
		page.evaluate(
			([bytes, config]) => (globalThis as unknown as { run(...args: unknown[]): Outcome }).run(bytes, config),
			[[...bytes], config] as const,
		);

	const files = readdirSync(new URL('formats/', fixtures)).filter((file) => /\.(png|jpg|webp)$/.test(file));
	// A canvas multiplies colours by alpha; see decodeImage in decode.web.ts.
	const opaque = files.filter((file) => !/alpha|rgba|colour-key/.test(file));
	test.each(opaque.map((file) => `formats/${file}`).concat('000000290843.crop64.png'))('%s', async (file) => {
		const { data, pixels, png } = await inBrowser(read(file));
		const image = await decodeImage(read(file));
		// Inks: browsers round once more than Pillow does.
		expect(data).toBeAllclose(image.data, { atol: file.endsWith('cmyk.jpg') ? 1 : 0 });
		if (file.endsWith('cmyk.jpg')) return;
		expect(pixels).toBeAllclose(preprocess(image, config, { pad: true }).data, { atol: 0 });
		expect(png).toBeAllclose(encodePng(fitImage(image, config)), { atol: 0 });
	});

	test('damaged files are refused in the same words', async () => {
		const cut = read('formats/rgb.png').slice(0, 60);
		expect((await inBrowser(cut)).error).toMatch(/^x: damaged PNG: .+; is the file complete\?$/);
		expect((await inBrowser(new Uint8Array(9))).error).toMatch(/^x: not a PNG, JPEG or WebP image/);
	});
});
