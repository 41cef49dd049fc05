import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
		globalSetup: ['test/build.ts'],
		setupFiles: ['test/setup.ts'],
		// Against tests that hang; a busy machine may be ten times slower than a quiet one.
		testTimeout: 120_000,
		hookTimeout: 120_000,
		pool: 'forks',
		maxWorkers: 2,
	},
});
