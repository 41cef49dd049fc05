/**
 * The gates in one command: format and lint, types, build, package, tests. Each gate but the tests counts as one
 * test. The last line reads `N passed, N failed, N skipped`; the exit status is 0 only if nothing failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(path.join(tmpdir(), 'dorsal-test-'));
const resultsFile = path.join(scratch, 'vitest.json');
const env = { ...process.env, PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH}` };

function step(name, command, ...args) {
	console.log(`\n— ${name}`);
	const start = performance.now();
	const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
	console.log(
		`— ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s`,
	);
	return status === 0;
}

/** Counts from vitest's JSON. A file that broke outside any test counts as one failure, and so does a crash. */
function countTests(passed) {
	try {
		const { testResults, numPassedTests } = JSON.parse(readFileSync(resultsFile, 'utf8'));
		const isFailed = ({ status }) => status === 'failed';
		const skipped = testResults
			.flatMap((file) => file.assertionResults)
			.filter(({ status }) => ['skipped', 'pending', 'todo'].includes(status));
		if (skipped.length > 0) console.log(`\nskipped:\n${skipped.map(({ fullName }) => `  ${fullName}`).join('\n')}`);
		const failed = testResults.reduce((sum, file) => {
			const inFile = file.assertionResults.filter(isFailed).length;
			return sum + (isFailed(file) ? Math.max(1, inFile) : inFile);
		}, 0);
		return { passed: numPassedTests, failed: Math.max(failed, passed ? 0 : 1), skipped: skipped.length };
	} catch {
		return { passed: 0, failed: 1, skipped: 0 };
	}
}

const gates = [
	step('format and lint', 'biome', 'ci', '--error-on-warnings', '--colors=off', '.'),
	step('types', 'tsc', '--noEmit'),
	step('build', 'node', 'scripts/build.js', '--clean') && step('declarations', 'tsc', '-p', 'tsconfig.types.json'),
	step('package', 'publint', '--strict'),
];
const tests = countTests(
	step('tests', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`),
);
rmSync(scratch, { recursive: true });

const failedGates = gates.filter((passed) => !passed).length;
const failed = tests.failed + failedGates;
console.log(`\n${tests.passed + gates.length - failedGates} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
