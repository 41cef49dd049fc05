import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { ask } from '../src/vlm/ask.ts';
import { load } from '../src/vlm/load.node.ts';
import { browserPath, launchBrowser, newPage } from './browser.ts';

const page = `
	import { ask, load } from './src/index.web.ts';
	globalThis.answers = async (image, prompts) => {
		const model = await load('/test/fixtures/models/tiny-llava', { wasmPaths: '/node_modules/onnxruntime-web/dist/' });
		const found = [];
		for (const prompt of prompts) found.push((await ask(model, Uint8Array.from(image), prompt)).answer);
		await model.close();
		return found;
	};`;

const types: Record<string, string> = {
	'': 'text/html',
	'.mjs': 'text/javascript',
	'.js': 'text/javascript',
	'.wasm': 'application/wasm',
};

describe.skipIf(!browserPath)('the package in a browser (needs chromium or google-chrome)', () => {
	let browser: Browser;
	let server: Server;
	beforeAll(async () => {
		const { outputFiles } = await build({
			stdin: { contents: page, resolveDir: process.cwd() },
			bundle: true,
			write: false,
			format: 'esm',
			platform: 'browser',
		});
		server = createServer(({ url = '/' }, response) => {
			const name = new URL(url, 'http://localhost').pathname;
			try {
				const pages: Record<string, string> = { '/': '<script type="module" src="/page.js"></script>' };
				const body = name === '/page.js' ? outputFiles[0]!.text : (pages[name] ?? readFileSync(`.${name}`));
				response.setHeader('content-type', types[path.extname(name)] ?? 'application/octet-stream');
				response.setHeader('content-length', Buffer.byteLength(body));
				response.end(body);
			} catch {
				response.writeHead(404).end();
			}
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		browser = await launchBrowser();
	});
	afterAll(async () => {
		await browser?.close();
		server?.close();
	});

	it('answers as it does in Node', async () => {
		const task = twoDsTask({ images: 1 });
		const questions = task.questions.filter(({ image }) => image === task.questions[0]!.image);
		const image = await task.image(questions[0]!.image);
		const prompts = questions.map(({ prompt }) => prompt);

		const tab = await newPage(browser);
		await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		await tab.waitForFunction(() => 'answers' in globalThis);
		const found = await tab.evaluate(
			([bytes, asked]) =>
				(globalThis as unknown as { answers(...args: unknown[]): Promise<string[]> }).answers(bytes, asked),
			[[...image], prompts] as const,
		);

		const model = await load('test/fixtures/models/tiny-llava');
		for (const [i, prompt] of prompts.entries()) expect(found[i]).toBe((await ask(model, image, prompt)).answer);
		await model.close();
	});
});
