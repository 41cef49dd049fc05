import { CSS } from './css.ts';
import { html, markupOf, trusted } from './html.ts';
import { datasetsOf, modelsOf, type ReportData } from './inputs.ts';
import type { Figure, Section } from './section.ts';
import { answerSection } from './sections/answer.ts';
import { balanceSection } from './sections/balance.ts';
import { compressionSection } from './sections/compression.ts';
import { conditionsSection } from './sections/conditions.ts';
import { entropySection } from './sections/entropy.ts';
import { gallerySection } from './sections/gallery.ts';
import { groupsSection } from './sections/groups.ts';
import { interventionsSection } from './sections/interventions.ts';
import { linearSection } from './sections/linear.ts';
import { manifestSection } from './sections/manifest.ts';
import { mapsSection } from './sections/maps.ts';
import { normsSection } from './sections/norms.ts';
import { objectsSection } from './sections/objects.ts';
import { ordersSection } from './sections/orders.ts';
import { permutationSection } from './sections/permutation.ts';
import { readingSection } from './sections/reading.ts';
import { ropeSection } from './sections/rope.ts';
import { sensitivitySection } from './sections/sensitivity.ts';
import { twoDsSection } from './sections/two-ds.ts';

/** The report in order. A section answers null where the data has nothing for it. */
export const SECTIONS: readonly ((data: ReportData) => Section | null)[] = [
	answerSection,
	sensitivitySection,
	permutationSection,
	ordersSection,
	compressionSection,
	conditionsSection,
	twoDsSection,
	objectsSection,
	groupsSection,
	normsSection,
	ropeSection,
	balanceSection,
	mapsSection,
	entropySection,
	linearSection,
	interventionsSection,
	gallerySection,
	readingSection,
	manifestSection,
];

/** Nothing may be fetched and nothing may run, even if markup should slip through. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one HTML document, with the figures that its sections hold. */
export function renderReport(data: ReportData): { html: string; figures: Figure[] } {
	const sections = SECTIONS.map((section) => section(data)).filter((section) => section !== null);
	const models = modelsOf(data.runs).join(', ');
	const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="color-scheme" content="light dark">
<title>${data.title}: ${models}</title>
<style>${trusted(CSS)}</style>
</head>
<body>
<div class="page">
<header>
<h1>${data.title}</h1>
<p class="subtitle">${models} · ${datasetsOf(data.runs).join(', ')}</p>
<nav aria-label="Contents"><ol>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
</header>
<main>
${sections.map((section) => html`<section id="${section.id}" aria-labelledby="${section.id}-title">\n<h2 id="${section.id}-title">${section.title}</h2>\n${section.html}\n</section>\n`)}</main>
<footer>Made by Dorsal ${[...new Set(data.runs.map((run) => run.manifest.dorsal))].join(', ')}, after “Beyond Semantics: Rediscovering Spatial Awareness in Vision-Language Models”.</footer>
</div>
</body>
</html>
`;
	return { html: markupOf(page), figures: sections.flatMap((section) => section.figures) };
}
