import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		globalSetup: ['test/build.ts'],
		setupFiles: ['test/setup.ts'],
		// Against what hangs, and for that alone: a busy machine may be ten times slower than a quiet one.
		testTimeout: 900_000,
		hookTimeout: 900_000,
		teardownTimeout: 120_000,
		pool: 'forks',
		maxWorkers: 2,
		projects: [
			// Plain functions, which leave nothing behind: their files share a process, and each module is loaded once.
			{ extends: true, test: { name: 'units', include: ['src/**/*.test.ts'], isolate: false } },
			// What trains sets the processor's mode for its whole process (numbers below 1e-38 become zero).
			{ extends: true, test: { name: 'whole', include: ['test/**/*.test.ts'] } },
		],
	},
});
