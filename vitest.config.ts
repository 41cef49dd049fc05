import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
		globalSetup: ['test/build.ts'],
		setupFiles: ['test/setup.ts'],
		// Against what hangs, and for that alone: a busy machine may be ten times slower than a quiet one.
		testTimeout: 900_000,
		hookTimeout: 900_000,
		teardownTimeout: 120_000,
		pool: 'forks',
		// Tests share a process and its modules: nothing here keeps state between them, and each start costs half a second.
		isolate: false,
		maxWorkers: 2,
	},
});
