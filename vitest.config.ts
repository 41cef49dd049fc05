import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
		globalSetup: ['test/build.ts'],
		setupFiles: ['test/setup.ts'],
		testTimeout: 30_000,
		pool: 'forks',
		maxWorkers: 2,
	},
});
