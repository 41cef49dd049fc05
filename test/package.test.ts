import { execFileSync, spawnSync } from 'node:child_process';
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../src/base/version.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';

interface PackageJson {
	name: string;
	version: string;
	exports: Record<string, string | { default: string }>;
	dependencies: Record<string, string>;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as PackageJson;
const subpaths = Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json');
const specifiers = subpaths.map((subpath) => path.posix.join(manifest.name, subpath));
const run = (command: string, args: string[], cwd = process.cwd()) =>
	execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

it('has one version', () => {
	expect(VERSION).toBe(manifest.version);
});

it('pins every dependency', () => {
	for (const version of Object.values(manifest.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
});

it('has every platform in its lock file, which npm ci insists on', () => {
	const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
		packages: Record<string, { optionalDependencies?: Record<string, string> }>;
	};
	const installed = Object.keys(lock.packages).map((folder) => folder.split('node_modules/').at(-1));
	const optional = Object.values(lock.packages).flatMap((each) => Object.keys(each.optionalDependencies ?? {}));
	expect(optional.filter((name) => !installed.includes(name))).toEqual([]);
});

describe('the packed tarball', () => {
	// A project that has the tarball installed beside links to this clone's dependencies: no registry is asked.
	const project = mkdtempSync(path.join(tmpdir(), 'dorsal-package-'));
	const installed = path.join(project, 'node_modules', manifest.name);
	let files: string[];

	beforeAll(() => {
		run(path.resolve('node_modules/.bin/tsc'), ['-p', 'tsconfig.types.json']);
		const packed = run('npm', ['pack', '--ignore-scripts', '--json', '--silent', '--pack-destination', project]);
		const [{ filename, files: listed }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
		files = listed.map((file) => file.path);
		mkdirSync(installed, { recursive: true });
		run('tar', ['xzf', path.join(project, filename), '--strip-components=1', '-C', installed]);
		for (const name of Object.keys(manifest.dependencies)) {
			const link = path.join(project, 'node_modules', name);
			mkdirSync(path.dirname(link), { recursive: true });
			symlinkSync(path.resolve('node_modules', name), link);
		}
		writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
	});
	afterAll(() => rmSync(project, { recursive: true }));

	it('holds what users need and nothing else', () => {
		const folders = new Set(files.map((file) => file.split('/')[0]));
		expect([...folders].sort()).toEqual([
			'CHANGELOG.md',
			'LICENSE',
			'README.md',
			'bin',
			'dist',
			'docs',
			'models',
			'package.json',
			'recipes',
		]);
		expect(files.filter((file) => /\.(map|tsx?|part)$|\.test\./.test(file) && !file.endsWith('.d.ts'))).toEqual([]);
		expect(files).toContain('models/base/encoder.safetensors');
		expect(statSync(path.join(installed, 'bin/dorsal.js')).mode & 0o111).not.toBe(0);
	});

	it('runs', () => {
		expect(run('node', [path.join(installed, 'bin/dorsal.js'), '--version'], project)).toBe(`${VERSION}\n`);
		expect(readdirSync(installed)).not.toContain('src');
	});

	it('asks the model that it brings along', async () => {
		const task = twoDsTask({ images: 1 });
		const { image, prompt } = task.questions[0]!;
		writeFileSync(path.join(project, 'scene.png'), await task.image(image));
		const answer = run('node', [path.join(installed, 'bin/dorsal.js'), 'ask', 'scene.png', prompt, '--json'], project);
		expect(JSON.parse(answer)).toMatchObject({
			answer: expect.stringMatching(/^\w+$/),
			model: 'node_modules/dorsal-vlm/models/base',
		});
	});

	it('trains on worker threads', () => {
		const data = { source: 'scenes', as: 'map', phases: [{ turns: 1, questions: { count: 1 } }] };
		const stage = { name: 'words', kind: 'dialogue', steps: 2, batch: 4, microBatch: 2, data };
		const sizes = { hiddenSize: 16, intermediateSize: 16, layers: 1, heads: 2 };
		const recipe = {
			model: { vision: sizes, text: sizes },
			stages: [{ ...stage, learningRate: { decoder: 1e-3 } }],
			evaluate: null,
		};
		writeFileSync(path.join(project, 'words.json'), JSON.stringify(recipe));
		const args = ['train', 'words.json', '--workers', '2', '--json'];
		const result = run('node', [path.join(installed, 'bin/dorsal.js'), ...args], project);
		expect(JSON.parse(result)).toMatchObject({ steps: 2, model: 'runs/words/model' });
	});

	it.each(specifiers)('imports as %s', (specifier) => {
		const code = `const names = Object.keys(await import('${specifier}')); console.log(names.length > 0);`;
		expect(run('node', ['--input-type=module', '-e', code], project)).toBe('true\n');
	});

	it('gives types to a strict consumer', () => {
		const lines = specifiers.map((specifier, i) => `export * as s${i} from '${specifier}';`);
		writeFileSync(path.join(project, 'consumer.ts'), `${lines.join('\n')}\n`);
		const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
		const { stdout } = spawnSync(path.resolve('node_modules/.bin/tsc'), [...options, 'consumer.ts'], {
			cwd: project,
			encoding: 'utf8',
		});
		// Plot's own declarations want @types/d3, which it does not bring along.
		const errors = stdout
			.split('\n')
			.filter((line) => line.includes('error TS') && !line.includes('@observablehq/plot'));
		expect(errors).toEqual([]);
	});

	it.each(specifiers)('bundles %s for a browser, free of Node', async (specifier) => {
		const { metafile } = await build({
			stdin: { contents: `export * from '${specifier}';`, resolveDir: project },
			bundle: true,
			write: false,
			metafile: true,
			format: 'esm',
			platform: 'browser',
			outdir: project,
			external: ['node:*', 'sharp', 'onnxruntime-node'],
			logLevel: 'silent',
		});
		const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map((i) => i.path));
		expect(imports.filter((name) => /^(node:|sharp|onnxruntime-node)/.test(name))).toEqual([]);
	});
});
