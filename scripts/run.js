/**
 * Runs TypeScript files: `node scripts/run.js bench/inference.ts [arguments]`. Bundled beside the packages it imports;
 * dist/ is brought up to date, where worker threads find what they run.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build as bundle } from 'esbuild';
import { build } from './build.js';

const [file, ...args] = process.argv.slice(2);
if (!file) {
	console.error('usage: node scripts/run.js FILE.ts [arguments]');
	process.exit(2);
}
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = path.join(root, 'node_modules', '.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(path.join(cache, 'dorsal-run-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const outfile = path.join(folder, `${path.basename(file, '.ts')}.js`);
await build();
await bundle({
	entryPoints: [file],
	outfile,
	bundle: true,
	packages: 'external',
	format: 'esm',
	platform: 'node',
	target: 'es2022',
	sourcemap: 'inline',
	logLevel: 'error',
});
process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], path.resolve(file), ...args];
await import(pathToFileURL(outfile).href);
