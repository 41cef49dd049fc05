import { benchmark } from '../score-benchmark.ts';
import { readCvBench } from './data.ts';
import { cvBenchScorers } from './score.ts';
import { cvBenchTask } from './task.ts';

export const cvBench = benchmark({
	name: 'cv-bench',
	aliases: ['cvbench', 'cv_bench'],
	title: 'CV-Bench: counting, relation, depth and distance, four choices',
	isData: /test[^/]*\.(jsonl|parquet)$/,
	questions: readCvBench,
	scorers: () => cvBenchScorers,
	task: cvBenchTask,
});
