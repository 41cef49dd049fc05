/** The 2DS benchmark: scenes as data, their pixels, questions with margins and balance, a solver. @module */
export {
	type Bench,
	type BenchEntry,
	type BenchOptions,
	FORMS,
	type Form,
	generateBench,
} from './bench.ts';
export { CATEGORIES, type Category } from './plan.ts';
export { KINDS, type Kind, QA_CATEGORIES, type QaForm, type QaPair } from './questions.ts';
export { type RasterOptions, rasterize } from './raster.ts';
export { type BenchRecord, benchRecords, type RecordObject, toJsonl, ventralRecords } from './record.ts';
export {
	DIRECTIONS,
	type Direction,
	extreme,
	isClear,
	isClearLead,
	isClearPlace,
	MARGIN,
	RATIO,
	type Relation,
	relation,
	SIDES,
	type Side,
} from './relations.ts';
export {
	clearance,
	type ObjectKind,
	PLACEMENTS,
	type Placement,
	RADIUS,
	type RandomSceneOptions,
	randomKinds,
	randomScene,
	type Scene,
	type SceneObject,
	sceneToSvg,
} from './scene.ts';
export { COLORS, type Color, PALETTE, type Rgb, SHAPES, type Shape } from './shapes.ts';
export { solve } from './solver.ts';
export { VENTRAL_CATEGORIES } from './ventral.ts';
export { type BenchFile, benchFiles } from './write.ts';
