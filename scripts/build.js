/** Builds src/ into dist/: `node scripts/build.js` (adds to what is there) or `--clean` (starts empty). */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build as bundle } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');

/** The files that an `exports` map leads to, under whatever conditions. */
function targets(exports) {
	if (typeof exports === 'string') return exports.endsWith('.js') ? [exports] : [];
	return Object.values(exports).flatMap(targets);
}

/** What worker threads run. Under this name it is for code that is not built: tests and what scripts/run.js runs. */
const WORKER = path.join(root, 'src', 'runtime', 'session-worker.node.ts');

/** Entry points: the command line, the worker, and one file for each subpath of package.json's exports. */
async function entryPoints() {
	const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
	const files = ['./dist/cli/main.js', ...targets(manifest.exports)];
	return [WORKER, ...files.map((file) => path.join(root, file.replace('./dist/', 'src/').replace(/\.js$/, '.ts')))];
}

/** Written beside and renamed, so that a process that starts meanwhile never reads half a file. */
async function writeWhole(file, contents) {
	const part = `${file}.${process.pid}.part`;
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(part, contents);
	await rename(part, file);
}

/** Age at which a lock is taken for that of a killed build; a build takes a fraction of a second. */
const LOCK_MS = 20_000;

/** Runs `work` while no other process builds: two at once could leave older files under a newer stamp. */
async function alone(work) {
	const lock = path.join(root, 'node_modules', '.dorsal-build');
	for (;;) {
		try {
			await mkdir(lock);
			break;
		} catch (error) {
			if (error.code !== 'EEXIST') throw error;
			const age = await stat(lock).then(
				({ mtimeMs }) => Date.now() - mtimeMs,
				() => 0,
			);
			if (age > LOCK_MS) await rm(lock, { recursive: true, force: true });
			else await wait(20);
		}
	}
	try {
		return await work();
	} finally {
		await rm(lock, { recursive: true, force: true });
	}
}

/**
 * Bundles src/ into dist/. Names of chunks and of the worker carry their content's hash and old ones stay unless `clean`
 * is set: a `dorsal` that has been running since before the build still finds what it has yet to load.
 */
export const build = ({ clean = false } = {}) => alone(() => bundleInto(dist, clean));

async function bundleInto(outdir, clean) {
	// Taken before reading the sources: a file changed during the build is newer than the stamp and is built next time.
	const stamp = new Date().toISOString();
	const options = {
		outbase: path.join(root, 'src'),
		outdir,
		bundle: true,
		packages: 'external',
		external: ['node:*'],
		format: 'esm',
		platform: 'neutral',
		target: 'es2022',
		write: false,
		logLevel: 'error',
	};
	const worker = await bundle({ ...options, entryPoints: [WORKER], entryNames: 'chunks/[name]-[hash]' });
	const { outputFiles } = await bundle({
		...options,
		entryPoints: await entryPoints(),
		splitting: true,
		chunkNames: 'chunks/[name]-[hash]',
		define: { SESSION_WORKER: JSON.stringify(path.relative(outdir, worker.outputFiles[0].path)) },
	});
	if (clean) await rm(outdir, { recursive: true, force: true });
	const files = [...worker.outputFiles, ...outputFiles];
	await Promise.all(files.map((file) => writeWhole(file.path, file.contents)));
	await writeWhole(path.join(outdir, '.stamp'), `${stamp}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	await build({ clean: process.argv.includes('--clean') });
}
