import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Planted files that must be refused, with the specifier that each is refused for. */
const refused: Record<string, string> = {
	'src/base/a.ts': '../graph/index.ts',
	'src/base/b.node.ts': '../image/decode.node.ts',
	'src/graph/a.ts': 'node:fs',
	'src/graph/b.ts': 'node:fs/promises',
	'src/graph/ops/c.ts': '../../checkpoint/config.ts',
	'src/runtime/d.node.ts': '../vlm/model.ts',
	'src/image/a.ts': 'sharp',
	'src/image/b.ts': './decode.node.ts',
	'src/vlm/a.ts': 'onnxruntime-node',
	'src/vlm/b.node.ts': '../backends/native.ts',
	'src/bench2ds/a.ts': '../tasks/task.ts',
	'src/tasks/2ds/a.ts': '../../eval/run.ts',
	'src/backends/a.ts': '../eval/run.ts',
	'src/eval/a.ts': '../report/write.node.ts',
	'src/probes/a.node.ts': '../report/html.ts',
	'src/train/a.ts': '../cli/main.ts',
	'src/report/a.ts': 'node:path',
	'src/report/b.node.ts': '../study/study.ts',
	'src/report/c.ts': '../serve/server.ts',
	'src/serve/a.ts': 'node:http',
	'src/study/a.ts': '../cli/progress.ts',
	'src/serve/a.node.ts': '../study/shipped.node.ts',
	'src/backends/b.node.ts': '../serve/server.node.ts',
};

/** Planted files that are in order. */
const allowed: Record<string, string> = {
	'src/graph/a.node.ts': 'node:fs',
	'src/image/c.node.ts': 'sharp',
	'src/image/c.test.ts': 'node:fs',
	'src/vlm/c.ts': '../graph/index.ts',
	'src/eval/c.ts': '../backends/backend.ts',
	'src/eval/d.node.ts': './c.node.ts',
	'src/report/d.ts': '../eval/run.ts',
	'src/serve/b.node.ts': 'node:http',
	'src/study/c.ts': '../report/write.node.ts',
	'src/serve/c.node.ts': '../vlm/ask.ts',
	'src/cli/c.ts': 'node:fs',
};

describe('the lint rules on imports', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-rooms-'));
	let offenders: string[];
	beforeAll(() => {
		for (const config of ['biome.json', 'biome.rooms.json']) cpSync(config, path.join(folder, config));
		for (const [file, specifier] of Object.entries({ ...refused, ...allowed })) {
			mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
			writeFileSync(path.join(folder, file), `export * as planted from '${specifier}';\n`);
		}
		writeFileSync(path.join(folder, 'src/graph/x.ts'), "import { y } from './y.ts';\nexport const x = () => y;\n");
		writeFileSync(path.join(folder, 'src/graph/y.ts'), "import { x } from './x.ts';\nexport const y = () => x;\n");
		offenders = lint(folder);
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it.each(Object.entries(refused))('refuse in %s: %s', (file) => {
		expect(offenders).toContain(`${file} lint/style/noRestrictedImports`);
	});

	it.each(Object.entries(allowed))('allow in %s: %s', (file) => {
		expect(offenders.filter((line) => line.startsWith(`${file} `))).toEqual([]);
	});

	it('refuse a cycle', () => {
		expect(offenders).toContain('src/graph/x.ts lint/suspicious/noImportCycles');
	});
});

/** What biome finds in a folder, as `file rule`. */
function lint(folder: string): string[] {
	const args = ['lint', '--reporter=json', '--vcs-enabled=false', '--max-diagnostics=none', 'src'];
	let report: string;
	try {
		report = execFileSync(path.resolve('node_modules/.bin/biome'), args, {
			cwd: folder,
			encoding: 'utf8',
			stdio: 'pipe',
		});
	} catch (error) {
		report = (error as { stdout: string }).stdout;
	}
	const { diagnostics } = JSON.parse(report) as { diagnostics: { category: string; location: { path: unknown } }[] };
	return diagnostics.map(({ category, location }) => {
		const file = typeof location.path === 'string' ? location.path : (location.path as { file: string }).file;
		return `${file} ${category}`;
	});
}
